using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.Client;

public class MetricsTests
{
    private const string Route = "GET vmm/ahv/stats/vms/v1";

    private static readonly DateTimeOffset From = new(2026, 3, 1, 10, 0, 0, TimeSpan.FromHours(2));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static PrismVm Vm => new()
    {
        ExtId = "v1",
        Name = "trainer",
        Gpus = [new VmGpu { FrameBufferBytes = 16L << 30 }, new VmGpu { FrameBufferBytes = 16L << 30 }],
    };

    [Fact]
    public async Task Parts_per_million_become_percent_and_bytes()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Entity(
            """{"extId":"v1","stats":[{"timestamp":"2026-03-01T08:02:00Z","gpuUsagePpm":875000,"frameBufferUsagePpm":250000},{"timestamp":"2026-03-01T08:00:00+00:00","gpuUsagePpm":0,"frameBufferUsagePpm":0}]}"""));
        await using PrismClient client = await prism.ConnectAsync();

        IReadOnlyList<GpuMetricSample> samples = await client.GetGpuMetricsAsync(Vm, From, From.AddHours(1), TimeSpan.FromMinutes(2), Ct);

        Assert.Equal([0, 87.5], samples.Select(s => s.GpuUsagePercent));
        Assert.Equal([0, 25.0], samples.Select(s => s.FrameBufferUsagePercent));
        Assert.Equal([0, 8L << 30], samples.Select(s => s.FrameBufferUsedBytes));
        Assert.All(samples, s => Assert.Equal(("v1", "trainer", TimeSpan.Zero), (s.VmId, s.VmName, s.Timestamp.Offset)));
    }

    [Fact]
    public async Task The_request_names_times_in_utc_and_asks_for_the_values()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Entity("""{"extId":"v1","stats":[]}"""));
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Empty(await client.GetGpuMetricsAsync(Vm, From, From.AddHours(1), TimeSpan.FromMinutes(2), Ct));

        IReadOnlyDictionary<string, string> query = Assert.Single(prism.Of(Route)).Query;
        Assert.Equal("2026-03-01T08:00:00.000Z", query["$startTime"]);
        Assert.Equal("2026-03-01T09:00:00.000Z", query["$endTime"]);
        Assert.Equal(("120", "AVG", "*"), (query["$samplingInterval"], query["$statType"], query["$select"]));
    }

    [Fact]
    public async Task What_was_not_measured_is_null_and_not_zero()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Route, Replies.Entity(
            """
            {"extId":"v1","stats":[
              {"timestamp":"2026-03-01T08:00:00Z","hypervisorCpuUsagePpm":1000},
              {"timestamp":"2026-03-01T08:01:00Z","gpuUsagePpm":-1,"frameBufferUsagePpm":500000},
              {"timestamp":"2026-03-01T08:02:00Z","gpuUsagePpm":10000},
              {"timestamp":"2026-03-01T08:02:00Z","frameBufferUsagePpm":20000},
              {"gpuUsagePpm":10000}]}
            """));
        await using PrismClient client = await prism.ConnectAsync();

        IReadOnlyList<GpuMetricSample> samples = await client.GetGpuMetricsAsync(
            Vm with { Gpus = [new VmGpu()] }, From, From.AddHours(1), TimeSpan.FromMinutes(1), Ct);

        Assert.Equal([((double?)null, (double?)50), (1, 2)], samples.Select(s => (s.GpuUsagePercent, s.FrameBufferUsagePercent)));
        Assert.All(samples, s => Assert.Null(s.FrameBufferUsedBytes));
    }

    [Fact]
    public async Task Impossible_times_are_refused()
    {
        await using PrismClient client = await new ScriptedPrism().ConnectAsync();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.GetGpuMetricsAsync(Vm, From, From.AddHours(-1), TimeSpan.FromMinutes(1), Ct));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.GetGpuMetricsAsync(Vm, From, From, TimeSpan.Zero, Ct));
    }
}
