namespace Nutanix.Prism.Metrics;

/// <summary>Rows of statistics to samples.</summary>
internal static class GpuMetricRows
{
    private const double PpmPerPercent = 10_000;
    private const double PpmPerOne = 1_000_000;

    /// <summary>
    /// A row carries only what was measured in it; several rows of one time complete each other. -1 is "not available".
    /// Bytes are told where the memory of all the machine's GPUs is known.
    /// </summary>
    public static IEnumerable<GpuMetricSample> ToSamples(PrismVm vm, IEnumerable<(DateTimeOffset Time, long? Gpu, long? FrameBuffer)> rows)
    {
        long? memory = vm.Gpus.Count > 0 && vm.Gpus.All(g => g.FrameBufferBytes is not null)
            ? vm.Gpus.Sum(g => g.FrameBufferBytes!.Value)
            : null;
        return rows
            .GroupBy(r => r.Time)
            .Select(g => (Time: g.Key, Gpu: Measured(g.Select(r => r.Gpu)), FrameBuffer: Measured(g.Select(r => r.FrameBuffer))))
            .Where(s => s.Gpu is not null || s.FrameBuffer is not null)
            .OrderBy(s => s.Time)
            .Select(s => new GpuMetricSample
            {
                VmId = vm.ExtId,
                VmName = vm.Name,
                Timestamp = s.Time,
                GpuUsagePercent = s.Gpu / PpmPerPercent,
                FrameBufferUsagePercent = s.FrameBuffer / PpmPerPercent,
                FrameBufferUsedBytes = s.FrameBuffer is { } ppm && memory is { } bytes ? (long)(bytes * (ppm / PpmPerOne)) : null,
            });
    }

    private static long? Measured(IEnumerable<long?> values) => values.FirstOrDefault(v => v >= 0);
}
