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
        WireVmStats stats = await api
            .GetAsync(ApiNamespace.Vmm, $"ahv/stats/vms/{V4Api.Segment(vm.ExtId)}", PrismJson.Default.WireVmStats, cancellationToken, query)
            .ConfigureAwait(false);
        IEnumerable<(DateTimeOffset Time, long? Gpu, long? FrameBuffer)> rows = stats.Stats
            .Where(r => r.Timestamp is not null)
            .Select(r => (r.Timestamp!.Value, r.GpuUsagePpm, r.FrameBufferUsagePpm));
        return [.. GpuMetricRows.ToSamples(vm, rows)];
    }
}
