using System.Globalization;
using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Estates;

namespace Nutanix.Prism.Tests.Simulator;

public class StatsTests
{
    private static SimulatorDriver Driver() => new(new SimulatorOptions
    {
        Estate = new EstateDescription
        {
            Clusters =
            [
                new ClusterDescription
                {
                    Name = "c",
                    Hosts = [new HostDescription { Name = "h", Gpus = [new() { Model = "A100-80GB" }, new() { Model = "A100-80GB" }] }],
                    Vms =
                    [
                        new VmDescription { Name = "busy", PowerOn = true, Gpus = ["A100-80GB"] },
                        new VmDescription { Name = "off", Gpus = ["A100-80GB"] },
                        new VmDescription { Name = "plain", PowerOn = true },
                    ],
                },
            ],
        },
    });

    private static string Window(SimulatorDriver driver, double minutes) => string.Create(
        CultureInfo.InvariantCulture, $"$startTime={driver.Clock.GetUtcNow().AddMinutes(-minutes):yyyy-MM-ddTHH:mm:ssZ}&$endTime={driver.Clock.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}");

    private static List<JsonNode> Rows(SimulatorDriver driver, string name, string query)
    {
        var id = driver.List($"{driver.Vms}?$filter=name%20eq%20'{name}'")[0]["extId"];
        return [.. ((JsonArray)driver.Get($"/api/vmm/v4.0/ahv/stats/vms/{id}?{query}")["data"]!["stats"]!).Select(r => r!)];
    }

    [Fact]
    public void A_working_gpu_has_busy_and_idle_phases_within_bounds()
    {
        var driver = Driver();
        var usage = Rows(driver, "busy", Window(driver, 24 * 60) + "&$samplingInterval=60&$select=*")
            .Where(r => r["gpuUsagePpm"] is not null).Select(r => (int)r["gpuUsagePpm"]!).ToList();

        Assert.InRange(usage.Count, 1200, 1441);
        Assert.All(usage, u => Assert.InRange(u, 0, 1_000_000));
        Assert.Contains(usage, u => u > 600_000);
        Assert.Contains(usage, u => u < 100_000);
    }

    [Fact]
    public void Utilisation_is_smooth_except_where_a_job_begins_or_ends()
    {
        var driver = Driver();
        var usage = Rows(driver, "busy", Window(driver, 60) + "&$samplingInterval=1&$statType=LAST&$select=gpuUsagePpm")
            .Where(r => r["gpuUsagePpm"] is not null).Select(r => (int)r["gpuUsagePpm"]!).ToList();
        var jumps = usage.Zip(usage.Skip(1), (a, b) => Math.Abs(a - b)).Count(d => d > 100_000);

        Assert.True(usage.Count > 3000);
        Assert.InRange(jumps, 0, 100);
    }

    [Fact]
    public void A_vm_that_is_off_uses_nothing_and_one_without_a_gpu_has_no_gpu_metrics()
    {
        var driver = Driver();
        var off = Rows(driver, "off", Window(driver, 30) + "&$select=gpuUsagePpm,frameBufferUsagePpm").Skip(1).ToList();
        Assert.NotEmpty(off);
        Assert.All(off.Where(r => r["gpuUsagePpm"] is not null), r => Assert.Equal((0, 0), ((int)r["gpuUsagePpm"]!, (int)r["frameBufferUsagePpm"]!)));

        var plain = Rows(driver, "plain", Window(driver, 30) + "&$select=*").Skip(1).ToList();
        Assert.All(plain, r => Assert.Null(r["gpuUsagePpm"]));
        Assert.All(plain, r => Assert.NotNull(r["hypervisorCpuUsagePpm"]));
    }

    [Fact]
    public void Without_select_there_are_no_metrics_and_the_first_row_never_has_any()
    {
        var driver = Driver();
        var bare = Assert.Single(Rows(driver, "busy", Window(driver, 30)));
        Assert.Equal("kKvm", (string?)bare["hypervisorType"]);

        var rows = Rows(driver, "busy", Window(driver, 30) + "&$select=*");
        Assert.Null(rows[0]["gpuUsagePpm"]);
        Assert.True(rows.Count > 30);
    }

    [Fact]
    public void Aggregates_agree_with_each_other()
    {
        var driver = Driver();
        List<long> Of(string type) => [.. Rows(driver, "busy", Window(driver, 60) + $"&$samplingInterval=300&$statType={type}&$select=hypervisorCpuUsagePpm")
            .Skip(1).Select(r => (long)r["hypervisorCpuUsagePpm"]!)];
        var (min, max, avg, sum, count) = (Of("MIN"), Of("MAX"), Of("AVG"), Of("SUM"), Of("COUNT"));

        for (var i = 0; i < avg.Count; i++)
        {
            Assert.InRange(avg[i], min[i], max[i]);
            Assert.Equal(10, count[i]);
            Assert.InRange(sum[i], (avg[i] * 10) - 10, (avg[i] * 10) + 10);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("$startTime=2026-03-01T11:00:00Z")]
    [InlineData("$startTime=yesterday&$endTime=2026-03-01T12:00:00Z")]
    [InlineData("$startTime=2026-03-01T12:00:00Z&$endTime=2026-03-01T11:00:00Z")]
    [InlineData("$startTime=2026-03-01T11:00:00Z&$endTime=2026-03-01T12:00:00Z&$samplingInterval=0")]
    [InlineData("$startTime=2026-03-01T11:00:00Z&$endTime=2026-03-01T12:00:00Z&$statType=MEDIAN")]
    [InlineData("$startTime=2026-03-01T11:00:00Z&$endTime=2026-03-01T12:00:00Z&$select=temperature")]
    [InlineData("$startTime=2020-03-01T11:00:00Z&$endTime=2026-03-01T12:00:00Z&$samplingInterval=1")]
    public void A_window_that_makes_no_sense_gives_400(string query)
    {
        var driver = Driver();
        Assert.Equal(400, driver.Send("GET", $"/api/vmm/v4.0/ahv/stats/vms?{query}").StatusCode);
    }

    [Fact]
    public void A_time_with_an_offset_is_understood_with_its_plus_sign_encoded_or_not()
    {
        var driver = Driver();
        foreach (var plus in new[] { "%2B", "+" })
        {
            var query = $"$startTime=2026-03-01T12:30:00{plus}01:00&$endTime=2026-03-01T13:00:00{plus}01:00&$select=gpuUsagePpm";
            Assert.Equal(62, Rows(driver, "busy", query).Count);
        }
    }

    [Fact]
    public void The_list_of_statistics_pages_like_others()
    {
        var driver = Driver();
        var reply = driver.Get($"/api/vmm/v4.0/ahv/stats/vms?{Window(driver, 10)}&$select=*&$limit=2");
        Assert.Equal(3, (int)reply["metadata"]!["totalAvailableResults"]!);
        Assert.Equal(2, ((JsonArray)reply["data"]!).Count);
    }

    [Fact]
    public void Hosts_and_clusters_have_columns_and_no_gpu_metric()
    {
        var driver = Driver();
        var host = (string)driver.List("/api/clustermgmt/v4.0/config/hosts")[0]["extId"]!;
        foreach (var target in new[] { $"/api/clustermgmt/v4.0/stats/clusters/{driver.ClusterId}", $"/api/clustermgmt/v4.0/stats/clusters/{driver.ClusterId}/hosts/{host}" })
        {
            var data = (JsonObject)driver.Get($"{target}?{Window(driver, 10)}&$select=*")["data"]!;
            var cpu = (JsonArray)data["hypervisorCpuUsagePpm"]!;
            Assert.True(string.CompareOrdinal((string?)cpu[0]!["timestamp"], (string?)cpu[1]!["timestamp"]) > 0);
            Assert.InRange((long)cpu[0]!["value"]!, 1, 1_000_000);
            Assert.DoesNotContain(data, m => m.Key.Contains("gpu", StringComparison.OrdinalIgnoreCase));
        }
    }
}
