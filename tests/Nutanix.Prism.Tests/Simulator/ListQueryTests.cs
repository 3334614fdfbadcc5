using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Faults;

namespace Nutanix.Prism.Tests.Simulator;

public class ListQueryTests
{
    private const string Hosts = "/api/clustermgmt/v4.0/config/hosts";

    private static SimulatorDriver Driver(int hosts = 7, int vms = 20) => new(new SimulatorOptions { Hosts = hosts, Vms = vms });

    private static string Filter(string text) => "$filter=" + Uri.EscapeDataString(text);

    [Fact]
    public void Pages_join_to_the_whole_list_and_end_with_an_empty_one()
    {
        var driver = Driver(hosts: 7);
        var names = new List<string?>();
        for (var page = 0; page < 4; page++)
        {
            var reply = driver.Get($"{Hosts}?$limit=2&$page={page}");
            Assert.Equal(7, (int)reply["metadata"]!["totalAvailableResults"]!);
            names.AddRange((reply["data"] as JsonArray ?? []).Select(h => (string?)h!["hostName"]));
        }

        Assert.Equal(7, names.Distinct().Count());
        Assert.Equal(7, names.Count);
        Assert.False(driver.Get($"{Hosts}?$limit=2&$page=4").ContainsKey("data"));
    }

    [Fact]
    public void Links_are_absolute_and_walk_through_all_pages()
    {
        var driver = Driver(hosts: 5);
        var target = Hosts + "?$orderby=hostName&$limit=2";
        var pages = 0;
        for (string? next = target; next is not null; pages++)
        {
            var links = (JsonArray)driver.Get(next)["metadata"]!["links"]!;
            Assert.All(links, l => Assert.StartsWith("https://prism.test:9440" + Hosts + "?$orderby=hostName&$limit=2", (string?)l!["href"], StringComparison.Ordinal));
            next = (string?)links.FirstOrDefault(l => (string?)l!["rel"] == "next")?["href"];
            next = next?["https://prism.test:9440".Length..];
        }

        Assert.Equal(3, pages);
    }

    [Fact]
    public void Without_a_limit_a_page_has_fifty_entities()
    {
        var driver = Driver(hosts: 60, vms: 0);
        Assert.Equal(50, driver.List(Hosts).Count);
        Assert.Equal(60, driver.List(Hosts + "?$limit=100").Count);
    }

    [Theory]
    [InlineData("$limit=0")]
    [InlineData("$limit=101")]
    [InlineData("$limit=ten")]
    [InlineData("$page=-1")]
    [InlineData("$filter=")]
    [InlineData("$filter=secret%20eq%20'x'")]
    [InlineData("$filter=hostName%20eq%20'open")]
    [InlineData("$filter=hostName%20like%20'x'")]
    [InlineData("$filter=memorySizeBytes%20eq%20'12'")]
    [InlineData("$filter=hostName%20eq%2012")]
    [InlineData("$filter=year(bootTimeUsecs)%20eq%201")]
    [InlineData("$filter=hostName%20eq%20'a'%20extra")]
    [InlineData("$orderby=secret")]
    [InlineData("$orderby=hostName%20up")]
    [InlineData("$select=secret")]
    [InlineData("$expand=clusters")]
    [InlineData("$page=1&$page=2")]
    public void A_query_option_that_is_wrong_or_unsupported_gives_400_and_is_named(string query)
    {
        var response = Driver().Send("GET", $"{Hosts}?{query}");
        Assert.Equal(400, response.StatusCode);
        var error = JsonNode.Parse(response.Text)!["data"]!["error"]!;
        Assert.Equal("clustermgmt.v4.error.SchemaValidationError", (string?)error["$objectType"]);
        Assert.Equal(query.Split('=')[0], (string?)error["validationErrorMessages"]![0]!["attributePath"]);
    }

    [Theory]
    [InlineData("hostName eq 'ahv-01-host-03'", 1)]
    [InlineData("hostName ne 'ahv-01-host-03'", 6)]
    [InlineData("hostName in ('ahv-01-host-01','ahv-01-host-02','other')", 2)]
    [InlineData("startswith(hostName,'ahv-01') and endswith(hostName,'-05')", 1)]
    [InlineData("contains(hostName,'host-0') and not (hostName eq 'ahv-01-host-01' or hostName eq 'ahv-01-host-02')", 5)]
    [InlineData("tolower(hostName) eq 'ahv-01-host-01'", 1)]
    [InlineData("toupper(hostName) eq 'AHV-01-HOST-01'", 1)]
    [InlineData("hypervisor/type eq Clustermgmt.Config.HypervisorType'AHV'", 7)]
    [InlineData("hostType eq 'STORAGE_ONLY'", 0)]
    [InlineData("memorySizeBytes ge 1 and memorySizeBytes lt 2", 0)]
    [InlineData("numberOfCpuSockets eq 2 and isDegraded eq false", 7)]
    [InlineData("gpuDriverVersion eq null and hostName eq 'ahv-01-host-01'", 1)]
    [InlineData("hostName eq 'it''s'", 0)]
    public void Filters_select_what_they_say(string filter, int count) =>
        Assert.Equal(count, Driver().List($"{Hosts}?{Filter(filter)}").Count);

    [Fact]
    public void A_lambda_looks_into_collections()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { Hosts = 4, GpusPerHost = 4, Vms = 12, GpuModels = ["MI300X", "A100-80GB"] });
        var all = driver.List(driver.Vms + "?$limit=100");
        var amd = driver.List($"{driver.Vms}?{Filter("gpus/any(g:g/vendor eq Vmm.Ahv.Config.GpuVendor'AMD')")}");

        Assert.NotEmpty(amd);
        Assert.Equal(all.Count(vm => (vm["gpus"] as JsonArray)?.Any(g => (string?)g!["vendor"] == "AMD") == true), amd.Count);
        Assert.Equal(all.Count(vm => vm["gpus"] is null), driver.List($"{driver.Vms}?{Filter("not gpus/any()")}").Count);
        var cluster = driver.ClusterId;
        Assert.Equal(2, driver.List($"/api/clustermgmt/v4.3/ahv/config/physical-gpu-profiles?{Filter($"clusterExtIds/any(c: c eq '{cluster}')")}").Count);
    }

    [Fact]
    public void Orderby_sorts_and_select_keeps_only_what_it_names()
    {
        var driver = Driver();
        var sorted = driver.List($"{driver.Vms}?$orderby=memorySizeBytes%20desc,name&$select=name,memorySizeBytes");
        var expected = sorted.OrderByDescending(v => (long)v["memorySizeBytes"]!).ThenBy(v => (string?)v["name"], StringComparer.Ordinal).Select(v => (string?)v["name"]);

        Assert.Equal(expected, sorted.Select(v => (string?)v["name"]));
        Assert.All(sorted, v => Assert.Equal(["$objectType", "$reserved", "memorySizeBytes", "name"], v.Select(m => m.Key).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Pages_can_overlap_on_request()
    {
        var driver = Driver(hosts: 5);
        driver.Simulator.Inject(SimulatorFault.OverlapPages());
        var names = new List<string?>();
        for (var page = 0; ; page++)
        {
            var hosts = driver.List($"{Hosts}?$limit=2&$page={page}");
            if (hosts.Count == 0) break;
            names.AddRange(hosts.Select(h => (string?)h["hostName"]));
        }

        Assert.True(names.Count > 5);
        Assert.Equal(5, names.Distinct().Count());
    }
}
