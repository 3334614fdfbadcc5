using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Tests.V3;

namespace Nutanix.Prism.Tests.EndToEnd;

/// <summary>Projects and VM-host affinity policies, over both generations.</summary>
public sealed class PlacementRuleTests
{
    private static readonly EstateDescription Estate = new()
    {
        Categories = ["HostPool:blue", "HostPool:red", "Placement:blue", "Placement:nowhere"],
        AffinityPolicies =
        [
            new("blue", ["Placement:blue"], ["HostPool:blue"]),
            new("nowhere", ["Placement:nowhere"], ["HostPool:red"]),
        ],
        Clusters =
        [
            new ClusterDescription
            {
                Name = "alpha",
                Hosts =
                [
                    new HostDescription { Name = "h1", Gpus = [new() { Model = "A40" }] },
                    new HostDescription { Name = "h2", Gpus = [new() { Model = "A40" }], Categories = ["HostPool:blue"] },
                ],
            },
        ],
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_machine_under_a_policy_starts_on_a_host_of_the_policy(bool servesV4)
    {
        using PrismClient client = await ConnectAsync(new SimulatorOptions { Estate = Estate, ServesV4 = servesV4 });
        PrismHostAffinityPolicy policy = await client.GetHostAffinityPoliciesAsync(Stop).SingleAsync(p => p.Name == "blue", Stop);

        PrismVm vm = await client.CreateGpuVmAsync(await RequestAsync(client, "bound", policy), cancellationToken: Stop);

        Assert.Equal("h2", vm.HostName);
        Assert.Contains(policy.VmCategories[0], vm.Categories);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_machine_whose_policy_no_host_satisfies_is_removed_again_and_the_policy_is_named(bool servesV4)
    {
        using PrismClient client = await ConnectAsync(new SimulatorOptions { Estate = Estate, ServesV4 = servesV4 });
        PrismHostAffinityPolicy policy = await client.GetHostAffinityPoliciesAsync(Stop).SingleAsync(p => p.Name == "nowhere", Stop);
        GpuVmRequest request = await RequestAsync(client, "lost", policy);

        PrismException e = await Assert.ThrowsAnyAsync<PrismException>(() => client.CreateGpuVmAsync(request, cancellationToken: Stop));

        Assert.Contains("'nowhere'", e.Message, StringComparison.Ordinal);
        Assert.Contains("removed again", e.Message, StringComparison.Ordinal);
        Assert.Empty(await client.GetVmsAsync(new VmQuery { Names = ["lost"] }, Stop).ToListAsync(Stop));
    }

    [Fact]
    public async Task A_project_is_found_by_the_list_of_v3_and_named_in_the_body_of_v4()
    {
        var server = new SimulatedPrism(new SimulatorOptions { Estate = Estate });
        using PrismClient client = await server.ConnectAsync();
        PrismProject project = await client.GetProjectsAsync(Stop).SingleAsync(p => p.Name == "gpu-research", Stop);

        await client.CreateGpuVmAsync(await RequestAsync(client, "owned", null) with { Project = project.ExtId }, cancellationToken: Stop);

        string body = server.Requests.Single(r => r.Method == "POST" && r.Path.EndsWith("/ahv/config/vms", StringComparison.Ordinal)).Body;
        Assert.Contains($"\"project\":{{\"extId\":\"{project.ExtId}\"}}", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_on_v3_travels_as_a_reference_the_specification_allows_and_survives_a_change()
    {
        var swagger = new SwaggerSchema(SharedFiles.Require("v3-swagger.json"));
        var server = new SimulatedPrism(new SimulatorOptions { Estate = Estate, ServesV4 = false });
        using PrismClient client = await server.ConnectAsync();
        PrismProject project = await client.GetProjectsAsync(Stop).SingleAsync(p => p.Name == "gpu-research", Stop);
        PrismHostAffinityPolicy policy = await client.GetHostAffinityPoliciesAsync(Stop).SingleAsync(p => p.Name == "blue", Stop);

        PrismVm vm = await client.CreateGpuVmAsync(await RequestAsync(client, "owned", policy) with { Project = project.ExtId, PowerOn = false }, cancellationToken: Stop);
        await client.UpdateVmAsync(vm.ExtId, new VmChange { Description = "changed" }, cancellationToken: Stop);

        foreach (SentRequest write in server.Requests.Where(r => r.Path.StartsWith("/api/nutanix/v3/vms", StringComparison.Ordinal) && r.Method is "POST" or "PUT" && !r.Path.EndsWith("/list", StringComparison.Ordinal)))
        {
            Assert.Contains($"\"project_reference\":{{\"kind\":\"project\",\"uuid\":\"{project.ExtId}\"}}", write.Body, StringComparison.Ordinal);
        }

        Assert.All(server.Requests.Where(r => r.Path.Contains("projects", StringComparison.Ordinal) || r.Path.Contains("affinity", StringComparison.Ordinal)), r =>
            Assert.Empty(swagger.Check(r.Method, r.Path, r.Body)));
    }

    [Fact]
    public async Task A_project_is_refused_before_the_first_write_where_machines_have_none()
    {
        var server = new SimulatedPrism(new SimulatorOptions { Estate = Estate });
        using PrismClient client = await server.ConnectAsync(o => o with { ApiVersions = new Dictionary<string, string> { ["vmm"] = "v4.0" } });

        PrismVersionException e = await Assert.ThrowsAsync<PrismVersionException>(async () =>
            await client.CreateGpuVmAsync(await RequestAsync(client, "early", null) with { Project = Guid.NewGuid().ToString() }, cancellationToken: Stop));

        Assert.Contains("v4.1", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Requests, r => r.Method == "POST");
    }

    [Fact]
    public async Task Without_v3_the_missing_list_of_projects_is_told()
    {
        using PrismClient client = await ConnectAsync(new SimulatorOptions { Estate = Estate, ServesV3 = false });

        PrismException e = await Assert.ThrowsAsync<PrismException>(async () => await client.GetProjectsAsync(Stop).ToListAsync(Stop));

        Assert.Contains("extId of the project", e.Message, StringComparison.Ordinal);
    }

    private static Task<PrismClient> ConnectAsync(SimulatorOptions options) => new SimulatedPrism(options).ConnectAsync();

    private static async Task<GpuVmRequest> RequestAsync(PrismClient client, string name, PrismHostAffinityPolicy? policy) => new()
    {
        Name = name,
        Cluster = (await client.GetClustersAsync(Stop).FirstAsync(c => c.Name == "alpha", Stop)).ExtId,
        DiskBytes = 10L << 30,
        Gpus = [new VmGpuRequest { Name = "A40" }],
        Categories = policy is null ? [] : [policy.VmCategories[0]],
        PowerOn = true,
    };
}
