using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator;

namespace Nutanix.Prism.Tests.Simulator;

public class WireShapeTests
{
    [Fact]
    public void The_same_seed_calls_and_clock_give_the_same_bytes()
    {
        static string Transcript(int seed)
        {
            var driver = new SimulatorDriver(new SimulatorOptions { Seed = seed, Clusters = 2, FaultRate = 0.2 });
            var text = new System.Text.StringBuilder();
            for (var i = 0; i < 30; i++)
            {
                driver.Clock.AdvanceSeconds(0.3);
                var body = """{"name":"vm","cluster":{"extId":"CLUSTER"}}""".Replace("CLUSTER", "00000000-0000-0000-0000-000000000000", StringComparison.Ordinal);
                var response = (i % 5) switch
                {
                    0 => driver.Send("GET", "/api/clustermgmt/v4.3/config/hosts"),
                    1 => driver.Send("GET", "/api/vmm/v4.3/ahv/config/vms"),
                    2 => driver.Send("GET", "/api/prism/v4.4/config/tasks"),
                    3 => driver.Send("GET", "/api/vmm/v4.3/ahv/stats/vms?$startTime=2026-03-01T11:50:00Z&$endTime=2026-03-01T12:00:00Z&$select=*"),
                    _ => driver.Send("POST", "/api/vmm/v4.3/ahv/config/vms", body, ("NTNX-Request-Id", $"00000000-0000-4000-8000-0000000000{i:00}")),
                };
                text.Append(response.StatusCode).Append(response.Abort).Append(string.Join(';', response.Headers)).AppendLine(response.Text);
            }

            return text.ToString();
        }

        Assert.Equal(Transcript(7), Transcript(7));
        Assert.NotEqual(Transcript(7), Transcript(8));
    }

    [Fact]
    public void A_list_reply_has_the_recorded_envelope()
    {
        var reply = new SimulatorDriver().Get("/api/clustermgmt/v4.0/config/hosts");

        Assert.Equal("clustermgmt.v4.config.ListHostsApiResponse", (string?)reply["$objectType"]);
        Assert.Equal("v4.r3", (string?)reply["$reserved"]!["$fv"]);
        Assert.Equal("v1.r0", (string?)reply["metadata"]!["$reserved"]!["$fv"]);
        var flags = ((JsonArray)reply["metadata"]!["flags"]!).ToDictionary(f => (string)f!["name"]!, f => (bool)f!["value"]!);
        Assert.Equal((false, true, false), (flags["hasError"], flags["isPaginated"], flags["isTruncated"]));
        Assert.Equal("clustermgmt.v4.config.Host", (string?)reply["data"]![0]!["$objectType"]);
    }

    [Fact]
    public void Only_the_first_element_of_an_inner_array_tells_its_type()
    {
        var disks = (JsonArray)new SimulatorDriver().List("/api/clustermgmt/v4.0/config/hosts")[0]["disk"]!;

        Assert.Equal("clustermgmt.v4.config.DiskReference", (string?)disks[0]!["$objectType"]);
        Assert.Null(disks[1]!["$objectType"]);
        Assert.NotNull(disks[1]!["serialId"]);
    }

    [Fact]
    public void A_host_without_gpus_lists_one_empty_name_and_a_host_with_them_their_names()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { Hosts = 1, HostsWithoutGpus = 1, GpusPerHost = 2, GpuModels = ["T4"], Vms = 0 });
        var hosts = driver.List("/api/clustermgmt/v4.0/config/hosts");

        Assert.Equal(["Tesla T4", "Tesla T4"], ((JsonArray)hosts[0]["gpuList"]!).Select(g => (string?)g));
        Assert.Equal([""], ((JsonArray)hosts[1]["gpuList"]!).Select(g => (string?)g));
    }

    [Fact]
    public void Prism_centrals_own_cluster_is_listed_and_has_no_gpu_profiles()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { Clusters = 2 });
        var clusters = driver.List("/api/clustermgmt/v4.0/config/clusters");
        var central = Assert.Single(clusters, c => (string?)c["config"]!["clusterFunction"]![0] == "PRISM_CENTRAL");

        Assert.Equal(3, clusters.Count);
        Assert.Equal(400, driver.Send("GET", $"/api/clustermgmt/v4.0/config/clusters/{central["extId"]}/physical-gpu-profiles").StatusCode);
        Assert.Equal(200, driver.Send("GET", $"/api/clustermgmt/v4.0/config/clusters/{clusters[0]["extId"]}/physical-gpu-profiles").StatusCode);
    }

    [Fact]
    public void The_parts_of_the_estate_refer_to_each_other()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { Clusters = 2, Hosts = 5, GpusPerHost = 3 });
        foreach (var cluster in driver.List("/api/clustermgmt/v4.0/config/clusters").Where(c => (string?)c["config"]!["clusterFunction"]![0] == "AOS"))
        {
            var hosts = driver.List($"/api/clustermgmt/v4.0/config/clusters/{cluster["extId"]}/hosts");
            Assert.All(hosts, h => Assert.Equal((string?)cluster["extId"], (string?)h["cluster"]!["uuid"]));
            Assert.Equal(hosts.Select(h => (string?)h["extId"]), ((JsonArray)cluster["nodes"]!["nodeList"]!).Select(n => (string?)n!["nodeUuid"]));
            Assert.Equal(hosts.Count * 3, driver.List($"/api/clustermgmt/v4.0/config/clusters/{cluster["extId"]}/physical-gpu-profiles").Count);
            Assert.Equal(200, driver.Send("GET", $"/api/clustermgmt/v4.0/config/clusters/{cluster["extId"]}/hosts/{hosts[0]["extId"]}").StatusCode);
        }

        var gpus = driver.List("/api/clustermgmt/v4.0/ahv/config/pcie-devices?$limit=100&$filter=type%20eq%20'DISPLAY_CONTROLLER'%20or%20type%20eq%20'PROCESSING_ACCELERATOR'");
        Assert.Equal(15, gpus.Count);
    }

    [Fact]
    public void A_generated_estate_has_running_gpu_vms_in_each_cluster_and_free_gpus_on_each_host()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { Clusters = 2, Hosts = 8, GpusPerHost = 4, Vms = 40 });
        var running = driver.List(driver.Vms + "?$limit=100&$filter=powerState%20eq%20'ON'%20and%20gpus/any()");
        Assert.Equal(2, running.Select(vm => (string?)vm["cluster"]!["extId"]).Distinct().Count());
        Assert.True(running.Select(vm => (string?)vm["host"]!["extId"]).Distinct().Count() >= 6);

        var gpus = driver.List("/api/clustermgmt/v4.0/ahv/config/pcie-devices?$limit=100&$filter=state%20eq%20'UVM_AVAILABLE'");
        Assert.Equal(8, gpus.Select(g => (string?)g["hostExtId"]).Distinct().Count());
    }

    [Fact]
    public void An_older_release_does_not_show_what_came_later()
    {
        var newest = new SimulatorDriver().List("/api/clustermgmt/v4.0/config/hosts")[0];
        var oldest = new SimulatorDriver(new SimulatorOptions { ApiVersions = new Dictionary<string, string> { ["clustermgmt"] = "v4.0" } }).List("/api/clustermgmt/v4.0/config/hosts")[0];

        Assert.NotNull(newest["nodeSerial"]);
        Assert.Null(oldest["nodeSerial"]);
        Assert.Equal("v4.r0", (string?)oldest["$reserved"]!["$fv"]);
    }

    [Theory]
    [InlineData("/api/vmm/v4.0/content/images", "ubuntu-24")]
    [InlineData("/api/networking/v4.0/config/subnets", "vm-network")]
    public void Images_and_subnets_are_there_to_be_chosen(string list, string name)
    {
        var driver = new SimulatorDriver();
        var found = Assert.Single(driver.List($"{list}?$filter=name%20eq%20'{name}'"));
        var single = driver.Send("GET", $"{list}/{found["extId"]}");

        Assert.Equal(200, single.StatusCode);
        Assert.NotNull(single.Header("ETag"));
    }
}
