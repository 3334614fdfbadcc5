using System.Net;
using GpuPlatform;
using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.Client;

/// <summary>Answers that deviate from the specification the way recorded ones do.</summary>
public class TolerantReadingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gpu_list_of_one_empty_text_means_no_gpus()
    {
        ScriptedPrism prism = new ScriptedPrism().On(
            "GET clustermgmt/config/clusters/c1/hosts", Replies.List("""{"extId":"h1","hostName":"node-1","gpuList":[""]}"""));
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Empty(await client.GetGpuHostsAsync(null, Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task Lists_may_be_scalars_and_scalars_lists()
    {
        ScriptedPrism prism = new ScriptedPrism()
            .On("GET clustermgmt/config/clusters", Replies.List(
                """{"extId":"c1","name":["alpha"],"config":[{"clusterFunction":"AOS","hypervisorTypes":["AHV",null,""],"clusterArch":"X86_64"}],"vmCount":"12"}"""));
        await using PrismClient client = await prism.ConnectAsync();

        PrismCluster cluster = Assert.Single(await client.GetClustersAsync(Ct).ToListAsync(Ct));

        Assert.Equal("alpha", cluster.Name);
        Assert.Equal(["AOS"], cluster.Functions);
        Assert.Equal(["AHV"], cluster.HypervisorTypes);
        Assert.Equal(12, cluster.VmCount);
    }

    [Fact]
    public async Task Values_a_newer_server_invents_are_kept_or_unknown_but_never_an_error()
    {
        ScriptedPrism prism = new ScriptedPrism().On("GET vmm/ahv/config/vms/v1", Replies.Entity(
            """
            {"extId":"v1","name":"one","powerState":"HIBERNATED","someNewMember":{"deep":[1,{"x":null}]},
             "gpus":[{"name":"X","mode":"FRACTIONAL","vendor":"ACME","deviceId":"8757"},{"mode":"VIRTUAL","vendor":"kNvidia"}],
             "createTime":"yesterday","numSockets":2.0,"isLiveMigrateCapable":"false"}
            """));
        await using PrismClient client = await prism.ConnectAsync();

        PrismVm vm = await client.GetVmAsync("v1", Ct);

        Assert.Equal("HIBERNATED", vm.PowerState);
        Assert.Equal([GpuMode.Unknown, GpuMode.Virtual], vm.Gpus.Select(g => g.Mode));
        Assert.Equal([GpuVendor.Unknown, GpuVendor.Nvidia], vm.Gpus.Select(g => g.Vendor));
        Assert.Equal(8757, vm.Gpus[0].DeviceId);
        Assert.Null(vm.CreateTime);
        Assert.Equal(2, vm.NumSockets);
        Assert.False(vm.IsLiveMigrateCapable);
    }

    [Fact]
    public async Task Addresses_are_found_in_either_form_of_a_network_card_and_once()
    {
        ScriptedPrism prism = new ScriptedPrism().On("GET vmm/ahv/config/vms/v1", Replies.Entity(
            """
            {"extId":"v1","name":"one","nics":[
              {"networkInfo":{"ipv4Config":{"ipAddress":{"value":"10.0.0.1","prefixLength":32}},"ipv4Info":{"learnedIpAddresses":[{"value":"10.0.0.1"},{"value":"10.0.0.2"}]}}},
              {"nicNetworkInfo":{"$objectType":"vmm.v4.ahv.config.VirtualEthernetNicNetworkInfo","ipv4Info":{"learnedIpAddresses":{"value":"10.0.0.3"}}}}]}
            """));
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Equal(["10.0.0.1", "10.0.0.2", "10.0.0.3"], (await client.GetVmAsync("v1", Ct)).IpAddresses);
    }

    [Fact]
    public async Task An_entity_in_a_list_of_one_is_an_entity()
    {
        ScriptedPrism prism = new ScriptedPrism().On("GET vmm/ahv/config/vms/v1", Replies.Json(HttpStatusCode.OK, """{"data":[{"extId":"v1","name":"one"}]}"""));
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Equal("one", (await client.GetVmAsync("v1", Ct)).Name);
    }

    [Fact]
    public async Task A_byte_order_mark_and_other_line_ends_do_no_harm()
    {
        ScriptedPrism prism = new ScriptedPrism().On("GET vmm/content/images", Replies.List("{\r\n\"extId\":\"i1\",\r\n\"name\":\"ubuntu\"\r\n}"));
        await using PrismClient client = await prism.ConnectAsync();

        Assert.Equal("ubuntu", Assert.Single(await client.GetImagesAsync(Ct).ToListAsync(Ct)).Name);
    }

    [Fact]
    public async Task A_validation_error_names_the_attribute()
    {
        ScriptedPrism prism = new ScriptedPrism().On("GET vmm/ahv/config/vms/v1", Replies.Json(
            HttpStatusCode.BadRequest,
            """{"data":{"error":{"statusCode":400,"error":"Bad Request","validationErrorMessages":[{"location":"query","attributePath":"$limit","message":"must be at most 100"}]}}}"""));
        await using PrismClient client = await prism.ConnectAsync();

        var e = await Assert.ThrowsAsync<PrismException>(() => client.GetVmAsync("v1", Ct));

        Assert.Contains("$limit: must be at most 100", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_not_found_that_hides_in_a_400_is_a_not_found()
    {
        ScriptedPrism prism = new ScriptedPrism().On(
            "GET vmm/ahv/config/vms/v1", Replies.Error(HttpStatusCode.BadRequest, "VMM-20005", "ENTITY_NOT_FOUND", "Gone."));
        await using PrismClient client = await prism.ConnectAsync();

        await Assert.ThrowsAsync<PrismNotFoundException>(() => client.GetVmAsync("v1", Ct));
    }
}
