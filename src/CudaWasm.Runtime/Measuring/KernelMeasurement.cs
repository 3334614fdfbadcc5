namespace CudaWasm.Runtime;

/// <summary>How to measure a kernel.</summary>
public sealed record MeasureOptions
{
    public static MeasureOptions Default { get; } = new();

    /// <summary>Launches that are timed.</summary>
    public int Repeat { get; init; } = 10;

    /// <summary>Launches before those.</summary>
    public int Warmup { get; init; } = 2;

    /// <summary>Times the kernel without the checks of memory accesses. A stray access may then end the process.</summary>
    public bool Unchecked { get; init; }

    /// <summary>As in <see cref="LoadOptions.VectorBits"/>, for the launches that are timed.</summary>
    public int? VectorBits { get; init; }

    /// <summary>Of each launch; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Counting begins no further blocks after that; those that were counted, spread over the grid, stand for the others.</summary>
    public TimeSpan CountTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets what the first launch prints.</summary>
    public TextWriter? Output { get; init; }
}

/// <summary>What a kernel does, and how long it takes.</summary>
public sealed record KernelMeasurement
{
    /// <summary>As spelled for the launch.</summary>
    public required string Kernel { get; init; }

    public required string Device { get; init; }

    /// <summary>Of each timed launch, in order.</summary>
    public required IReadOnlyList<TimeSpan> Times { get; init; }

    public required TimeSpan Median { get; init; }

    public required TimeSpan Min { get; init; }

    public required long Blocks { get; init; }

    public required long Threads { get; init; }

    /// <summary>
    /// Bytes that have to come from and go to memory in a launch: of each buffer what threads read, but no more than it holds, and the same
    /// for what they write. The rest of <see cref="AccessedBytes"/> comes from caches.
    /// </summary>
    public required double Bytes { get; init; }

    /// <summary>Bytes of global memory that the threads of a launch read and write.</summary>
    public required double AccessedBytes { get; init; }

    /// <summary>Of float and 16-bit floats in a launch; a fused multiply-add counts two, a math function one.</summary>
    public required double FloatOperations { get; init; }

    /// <summary>Of double in a launch.</summary>
    public required double DoubleOperations { get; init; }

    /// <summary>Share of the blocks in which operations were counted; those stand for the others.</summary>
    public required double CountedShare { get; init; }

    /// <summary>Of 10^9 <see cref="Bytes"/>, over the median time.</summary>
    public double GigabytesPerSecond => Bytes / Median.TotalSeconds / 1e9;

    /// <summary>Of 10^9 operations, over the median time.</summary>
    public double GigaflopsPerSecond => (FloatOperations + DoubleOperations) / Median.TotalSeconds / 1e9;

    /// <summary>
    /// <see cref="GigabytesPerSecond"/> over what the machine's memory gives at best. Above 1 where the buffers fit the caches. Null for
    /// devices that are not the machine's processor.
    /// </summary>
    public double? BandwidthShare => Machine is { } machine ? GigabytesPerSecond / machine.GigabytesPerSecond : null;

    /// <summary>Operations over what the machine's processor makes at best, doubles at half the rate of floats. Null as above.</summary>
    public double? PeakShare => Machine is { } machine ? (FloatOperations + (2 * DoubleOperations)) / Median.TotalSeconds / 1e9 / machine.GigaflopsPerSecond : null;

    /// <summary>Null for devices that are not the machine's processor.</summary>
    public MachinePeaks? Machine { get; init; }

    /// <summary>Size of the vectors whose lanes are threads; 0 where threads run one after the other.</summary>
    public required int VectorBits { get; init; }

    /// <summary>Why threads run one after the other; null where they do not.</summary>
    public string? ScalarReason { get; init; }

    /// <summary>
    /// Share of the 32 threads of a warp that are active, on average over the steps of its code: 1 without divergence. Found on a sample of
    /// blocks; null where those could not be run by themselves in reasonable time.
    /// </summary>
    public double? ActiveLanes { get; init; }
}
