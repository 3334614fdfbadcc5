using System.Globalization;
using Nutanix.Prism.V4;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.Metrics;

/// <summary>
/// GPU use out of the VM statistics, the only place where Prism has it. Temperature, power, clocks and errors are not in
/// Prism; tools in the guest or on the host tell them.
/// </summary>
internal sealed class VmGpuMetrics(V4Api api)
{
    private const double PpmPerPercent = 10_000;
    private const double PpmPerOne = 1_000_000;

    public async Task<IReadOnlyList<GpuMetricSample>> GetAsync(
        PrismVm vm, DateTimeOffset from, DateTimeOffset to, TimeSpan samplingInterval, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from, nameof(to));
        ArgumentOutOfRangeException.ThrowIfLessThan(samplingInterval, TimeSpan.FromSeconds(1), nameof(samplingInterval));
        KeyValuePair<string, string>[] query =
        [
            new("$startTime", Filter.Time(from)),
            new("$endTime", Filter.Time(to)),
            new("$samplingInterval", ((long)Math.Round(samplingInterval.TotalSeconds)).ToString(CultureInfo.InvariantCulture)),
            new("$statType", "AVG"),

            // Real servers leave the values out unless asked for.
            new("$select", "*"),
        ];
        Tagged<WireVmStats> stats = await api
            .GetAsync(ApiNamespace.Vmm, $"ahv/stats/vms/{V4Api.Segment(vm.ExtId)}", PrismJson.Default.WireVmStats, cancellationToken, query)
            .ConfigureAwait(false);
        return [.. Samples(vm, stats.Value.Stats)];
    }

    private static IEnumerable<GpuMetricSample> Samples(PrismVm vm, IReadOnlyList<WireVmStatsRow> rows)
    {
        long? memory = vm.Gpus.Count > 0 && vm.Gpus.All(g => g.FrameBufferBytes is not null)
            ? vm.Gpus.Sum(g => g.FrameBufferBytes!.Value)
            : null;

        // A row carries only what was measured in it; several rows of one time complete each other. -1 is "not available".
        return rows
            .Where(r => r.Timestamp is not null)
            .GroupBy(r => r.Timestamp!.Value)
            .Select(g => (Time: g.Key, Gpu: Measured(g.Select(r => r.GpuUsagePpm)), FrameBuffer: Measured(g.Select(r => r.FrameBufferUsagePpm))))
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
