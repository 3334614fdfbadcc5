using CudaWasm.Runtime;

namespace CudaWasmNutanix;

/// <summary>How fast a kernel runs, as Measure-CudaWasmKernel writes it.</summary>
public sealed record KernelPerformance
{
    private KernelPerformance(KernelMeasurement measurement) => Measurement = measurement;

    public string Kernel => Measurement.Kernel;

    public string Device => Measurement.Device;

    /// <summary>The source or launch file.</summary>
    public required string Path { get; init; }

    public double MedianMilliseconds => Measurement.Median.TotalMilliseconds;

    public double MinMilliseconds => Measurement.Min.TotalMilliseconds;

    /// <summary>Launches that were timed.</summary>
    public int Repeat => Measurement.Times.Count;

    public double GigabytesPerSecond => Measurement.GigabytesPerSecond;

    /// <summary>Of what the machine's memory gives; above 100 where the buffers fit the caches. Null for other devices than the processor.</summary>
    public double? BandwidthPercent => 100 * Measurement.BandwidthShare;

    public double GigaflopsPerSecond => Measurement.GigaflopsPerSecond;

    /// <summary>Of what the machine's processor can compute. Null for other devices.</summary>
    public double? PeakPercent => 100 * Measurement.PeakShare;

    /// <summary>0 where threads run one after the other.</summary>
    public int VectorBits => Measurement.VectorBits;

    /// <summary>Why threads run one after the other; null where they do not.</summary>
    public string? ScalarReason => Measurement.ScalarReason;

    /// <summary>Of the threads of a warp, over the steps of its code; null where it could not be found out.</summary>
    public double? ActiveLanesPercent => 100 * Measurement.ActiveLanes;

    /// <summary>What was measured, with the numbers that these are made of.</summary>
    public KernelMeasurement Measurement { get; }

    public static KernelPerformance Of(KernelMeasurement measurement, string path) => new(measurement) { Path = path };
}
