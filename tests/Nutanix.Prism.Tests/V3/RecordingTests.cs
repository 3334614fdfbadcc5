namespace Nutanix.Prism.Tests.V3;

/// <summary>v3 as real Prism Centrals spoke it.</summary>
public sealed class RecordingTests
{
    private const string VmId = "bdbbad7a-a401-4f9a-a789-2b8406905b56";

    [Fact]
    public async Task A_server_that_answers_only_to_v3_is_read_through_v3()
    {
        using PrismClient client = await new RecordedPrism("ListCluster").ConnectAsync();

        Assert.Equal(PrismApiGeneration.V3, client.Generation);
        Assert.Equal("v3", client.ApiVersions["nutanix"]);
    }

    [Fact]
    public async Task Clusters_carry_name_version_nodes_and_what_they_are()
    {
        using PrismClient client = await new RecordedPrism("ListCluster").ConnectAsync();

        List<PrismCluster> clusters = await client.GetClustersAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["ganon", "ncn-dev-pc"], clusters.Select(c => c.Name));
        Assert.Equal("6.5.4.5", clusters[0].Version);
        Assert.Equal("X86_64", clusters[0].Architecture);

        // The list of nodes holds the loopback address once more.
        Assert.Equal(4, clusters[0].NodeCount);
        Assert.Equal(["AHV"], clusters[0].HypervisorTypes);
        Assert.False(clusters[0].IsPrismCentral);
        Assert.True(clusters[1].IsPrismCentral);
        Assert.Null(clusters[1].NodeCount);
    }

    [Fact]
    public async Task A_machine_is_read_from_the_list_and_alone_alike()
    {
        using PrismClient client = await new RecordedPrism("ListCluster", "ListVM", "GetVM").ConnectAsync();

        PrismVm listed = await client.GetVmsAsync(new VmQuery { Names = ["test-vm"] }, TestContext.Current.CancellationToken).SingleAsync(TestContext.Current.CancellationToken);
        PrismVm alone = await client.GetVmAsync(VmId, TestContext.Current.CancellationToken);

        foreach (PrismVm vm in new[] { listed, alone })
        {
            Assert.Equal(VmId, vm.ExtId);
            Assert.Equal("test-vm", vm.Name);
            Assert.Equal("test-vm-description", vm.Description);
            Assert.Equal("OFF", vm.PowerState);
            Assert.Equal("ncn-dev-sandbox", vm.ClusterName);
            Assert.Equal(1L << 30, vm.MemoryBytes);
            Assert.Equal((1, 1), (vm.NumSockets, vm.NumCoresPerSocket));
            Assert.Equal(["10.23.129.96"], vm.IpAddresses);
            Assert.Empty(vm.Gpus);
            Assert.Equal(new DateTimeOffset(2025, 6, 7, 18, 23, 52, TimeSpan.Zero), vm.CreateTime);
        }
    }

    [Fact]
    public async Task Subnets_carry_vlan_and_cluster()
    {
        using PrismClient client = await new RecordedPrism("ListCluster", "ListSubnet").ConnectAsync();

        List<PrismSubnet> subnets = await client.GetSubnetsAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

        PrismSubnet sherlock = subnets.Single(s => s.ExtId == "c7938dc6-7659-453e-a688-e26020c68e43");
        Assert.Equal(("sherlock_net", "VLAN", 508), (sherlock.Name, sherlock.Type, sherlock.NetworkId));
        Assert.Equal(["0005b0f1-8f43-a0f2-02b7-3cecef193712"], sherlock.ClusterIds);
    }

    [Theory]
    [InlineData("3aa05cc3-c96c-48a8-4514-5cc31620ae4f")]
    [InlineData("21c8260e-991d-47e3-6203-4578311c5a5e")]
    public async Task A_task_that_succeeded_is_a_success_whether_or_not_it_names_error_code_zero(string id)
    {
        using PrismClient client = await new RecordedPrism("ListCluster", "GetTask").ConnectAsync();

        PrismTask task = await client.WaitTaskAsync(id, cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(task.IsSucceeded);
        Assert.Equal(100, task.ProgressPercent);
        Assert.Equal("RegisterK8s", task.Operation);
        Assert.Null(task.ErrorMessage);
        Assert.Equal("634f5852-ce1b-465c-a95a-9b8dffbdde42", Assert.Single(task.EntitiesAffected).ExtId);
        Assert.NotNull(task.CompletedTime);
    }

    [Fact]
    public async Task A_change_of_a_recorded_machine_is_a_request_the_specification_allows()
    {
        var swagger = new SwaggerSchema(SharedFiles.Require("v3-swagger.json"));
        var server = new RecordedPrism("ListCluster", "UpdateVM", "GetTask");
        using PrismClient client = await server.ConnectAsync();

        // The recorded PUT names a task of which there is no recording; what left the client is what counts.
        await Assert.ThrowsAnyAsync<PrismException>(() =>
            client.UpdateVmAsync(VmId, new VmChange { Description = "updated" }, cancellationToken: TestContext.Current.CancellationToken));

        string put = server.Bodies.Single(b => b.Contains("updated", StringComparison.Ordinal));
        Assert.Empty(swagger.Check("PUT", $"/api/nutanix/v3/vms/{VmId}", put));
        Assert.Contains("\"spec_version\":0", put, StringComparison.Ordinal);
        Assert.DoesNotContain("creation_time", put, StringComparison.Ordinal);
    }
}
