using System.Net;
using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.Client;

public class VmQueryTests
{
    private const string Vms = "GET vmm/ahv/config/vms";

    private static readonly string[] All =
    [
        """{"extId":"v1","name":"it's","cluster":{"extId":"c1"},"host":{"extId":"h1"},"gpus":[{"mode":"VIRTUAL"}]}""",
        """{"extId":"v2","name":"plain","cluster":{"extId":"c1"}}""",
        """{"extId":"v3","name":"far","cluster":{"extId":"c2"},"host":{"extId":"h2"},"gpus":[{"mode":"VIRTUAL"}]}""",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Names_hosts_and_clusters_are_filtered_by_the_server_and_quotes_doubled()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Vms, Replies.List(All));

        PrismVm vm = Assert.Single(await FindAsync(prism, new VmQuery { Names = ["it's", "other"], ClusterId = "c1", HostId = "h1" }));

        Assert.Equal("v1", vm.ExtId);
        Assert.Equal("(name eq 'it''s' or name eq 'other') and cluster/extId eq 'c1' and host/extId eq 'h1'", prism.Of(Vms)[0].Query["$filter"]);
    }

    [Fact]
    public async Task A_server_that_does_not_know_the_filter_is_asked_for_all()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Vms, r => r.Query.ContainsKey("$filter")
            ? Replies.Error(HttpStatusCode.BadRequest, "VMM-1", "INVALID_FILTER", "No.")()
            : Replies.List(All)());

        Assert.Equal(["v3"], (await FindAsync(prism, new VmQuery { HostId = "h2" })).Select(v => v.ExtId));
    }

    [Fact]
    public async Task Gpu_machines_are_told_from_the_others_here()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Vms, Replies.List(All));

        Assert.Equal(["v1", "v3"], (await FindAsync(prism, new VmQuery { GpuOnly = true })).Select(v => v.ExtId));
        Assert.False(prism.Of(Vms)[0].Query.ContainsKey("$filter"));
    }

    [Fact]
    public async Task Machines_asked_for_by_id_are_got_one_by_one_and_missing_ones_left_out()
    {
        ScriptedPrism prism = new ScriptedPrism().On("GET vmm/ahv/config/vms/v1", Replies.Entity(All[0]));

        Assert.Equal(["v1"], (await FindAsync(prism, new VmQuery { ExtIds = ["v1", "gone", "v1"] })).Select(v => v.ExtId));
    }

    [Fact]
    public async Task Many_names_are_asked_for_in_several_requests()
    {
        ScriptedPrism prism = new ScriptedPrism();

        await FindAsync(prism, new VmQuery { Names = [.. Enumerable.Range(0, 45).Select(i => $"vm-{i}")] });

        Assert.Equal(3, prism.Of(Vms).Count);
    }

    [Fact]
    public async Task Cluster_and_host_have_their_names_with_two_lists_for_all_machines()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Vms, Replies.List(All)).On(
            "GET clustermgmt/config/hosts", Replies.List("""{"extId":"h1","hostName":"node-1"}"""));

        List<PrismVm> vms = await FindAsync(prism, new VmQuery());

        Assert.Equal([("alpha", "node-1"), ("alpha", null), (null, null)], vms.Select(v => (v.ClusterName, v.HostName)));
        Assert.Equal(2, prism.Of("GET clustermgmt/config/hosts").Count);
    }

    [Fact]
    public async Task Machines_are_listed_even_if_the_names_cannot_be_read()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Vms, Replies.List(All)).On(
            "GET clustermgmt/config/hosts", Replies.Error(HttpStatusCode.Forbidden, "RBA-10001", "RBAC_AUTHORIZATION_ERROR", "Denied."));

        Assert.Equal(3, (await FindAsync(prism, new VmQuery())).Count);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("")]
    public async Task An_id_that_would_change_the_path_is_refused(string id)
    {
        await using PrismClient client = await new ScriptedPrism().ConnectAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => client.GetVmAsync(id, Ct));
    }

    [Fact]
    public async Task An_id_with_a_slash_stays_one_segment()
    {
        ScriptedPrism prism = new ScriptedPrism();
        await using PrismClient client = await prism.ConnectAsync();

        await Assert.ThrowsAsync<PrismNotFoundException>(() => client.GetVmAsync("../hosts?x=1#y", Ct));

        Assert.EndsWith("/ahv/config/vms/..%2Fhosts%3Fx%3D1%23y", prism.Requests[^1].Uri.AbsoluteUri, StringComparison.Ordinal);
    }

    private static async Task<List<PrismVm>> FindAsync(ScriptedPrism prism, VmQuery query)
    {
        await using PrismClient client = await prism.ConnectAsync();
        return await client.GetVmsAsync(query, Ct).ToListAsync(Ct);
    }
}
