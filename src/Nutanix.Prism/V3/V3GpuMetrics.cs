using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nutanix.Prism.Metrics;
using Nutanix.Prism.V3.Wire;

namespace Nutanix.Prism.V3;

/// <summary>
/// GPU use through <c>POST /groups</c>, the only place where v3 may have it. The attribute names are those of the older
/// APIs and not documented for v3: where a server does not know them there are no samples, which is no error.
/// </summary>
internal sealed class V3GpuMetrics(V3Api api)
{
    private const string GpuUsage = "gpu_usage_ppm";
    private const string FrameBufferUsage = "framebuffer_usage_ppm";

    public async Task<IReadOnlyList<GpuMetricSample>> GetAsync(
        PrismVm vm, DateTimeOffset from, DateTimeOffset to, TimeSpan samplingInterval, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from, nameof(to));
        ArgumentOutOfRangeException.ThrowIfLessThan(samplingInterval, TimeSpan.FromSeconds(1), nameof(samplingInterval));
        var body = new JsonObject
        {
            ["entity_type"] = "vm",
            ["entity_ids"] = new JsonArray(vm.ExtId),
            ["group_member_attributes"] = new JsonArray(
                new JsonObject { ["attribute"] = GpuUsage, ["operation"] = "AVG" },
                new JsonObject { ["attribute"] = FrameBufferUsage, ["operation"] = "AVG" }),
            ["interval_start_ms"] = from.ToUnixTimeMilliseconds(),
            ["interval_end_ms"] = to.ToUnixTimeMilliseconds(),
            ["downsampling_interval"] = (int)Math.Round(samplingInterval.TotalSeconds),
        };
        JsonElement answer = await api.PostAsync("groups", body, cancellationToken).ConfigureAwait(false);
        V3Groups groups = api.Read(answer, V3Json.Default.V3Groups, "reply of groups");
        V3GroupEntity? entity = groups.GroupResults.SelectMany(g => g.EntityResults).FirstOrDefault(e => e.EntityId is null || e.EntityId == vm.ExtId);
        IEnumerable<(DateTimeOffset Time, long? Gpu, long? FrameBuffer)> rows =
        [
            .. Values(entity, GpuUsage).Select(v => (v.Time, (long?)v.Value, (long?)null)),
            .. Values(entity, FrameBufferUsage).Select(v => (v.Time, (long?)null, (long?)v.Value)),
        ];
        return [.. GpuMetricRows.ToSamples(vm, rows)];
    }

    private static IEnumerable<(DateTimeOffset Time, long Value)> Values(V3GroupEntity? entity, string name)
    {
        foreach (V3GroupValue value in entity?.Data.FirstOrDefault(d => d.Name == name)?.Values ?? [])
        {
            if (value.Time is { } time && long.TryParse(value.Values.FirstOrDefault(), NumberStyles.Integer, CultureInfo.InvariantCulture, out long number))
            {
                yield return (ToTime(time), number);
            }
        }
    }

    // Microseconds in practice; the spec does not say, so the size of the number decides.
    private static DateTimeOffset ToTime(long time) => time switch
    {
        > 100_000_000_000_000 => DateTimeOffset.UnixEpoch.AddMicroseconds(time),
        > 100_000_000_000 => DateTimeOffset.FromUnixTimeMilliseconds(time),
        _ => DateTimeOffset.FromUnixTimeSeconds(time),
    };
}
