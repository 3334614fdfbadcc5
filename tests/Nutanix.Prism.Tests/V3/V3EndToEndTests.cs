using GpuPlatform;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Faults;
using Nutanix.Prism.Tests.EndToEnd;

namespace Nutanix.Prism.Tests.V3;

/// <summary>A client and a Prism Central that speaks v3 only, or both.</summary>
public sealed class V3EndToEndTests
{
    private static readonly SimulatorOptions OnlyV3 = new() { ServesV4 = false, Hosts = 6, Clusters = 2, Vms = 12, GpuModels = ["A100-80GB", "A40", "MI300X"], TaskDurationScale = 0 };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_generations_tell_the_same_estate()
    {
        using PrismClient v3 = await new SimulatedPrism(OnlyV3).ConnectAsync();
        using PrismClient v4 = await new SimulatedPrism(OnlyV3 with { ServesV4 = true, ServesV3 = false }).ConnectAsync();
        using PrismClient both = await new SimulatedPrism(OnlyV3 with { ServesV4 = true }).ConnectAsync();
        Assert.Equal(PrismApiGeneration.V3, v3.Generation);
        Assert.Equal(PrismApiGeneration.V4, v4.Generation);
        Assert.Equal(PrismApiGeneration.V4, both.Generation);

        string[] expected = await DescribeAsync(v3);
        Assert.Equal(6, expected.Length);
        Assert.Equal(expected, await DescribeAsync(both));
        Assert.Equal(expected, await DescribeAsync(v4));
    }

    [Fact]
    public async Task Hosts_beyond_a_hundred_come_once_each_though_the_list_does_not_page()
    {
        var server = new SimulatedPrism(OnlyV3 with { Hosts = 230, GpusPerHost = 1, Vms = 0, Clusters = 3 });
        using PrismClient client = await server.ConnectAsync();

        List<GpuHost> hosts = await client.GetGpuHostsAsync(cancellationToken: Stop).ToListAsync(Stop);

        Assert.Equal(230, hosts.Count);
        Assert.Equal(230, hosts.DistinctBy(h => h.Id).Count());
        Assert.Single(server.Calls, c => c.EndsWith("/hosts/list", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Machines_beyond_one_page_come_once_each()
    {
        using PrismClient client = await new SimulatedPrism(OnlyV3 with { Vms = 345 }).ConnectAsync();

        List<PrismVm> vms = await client.GetVmsAsync(new VmQuery(), Stop).ToListAsync(Stop);

        Assert.Equal(345, vms.DistinctBy(v => v.ExtId).Count());
        Assert.Equal(345, vms.Count);
    }

    [Fact]
    public async Task A_machine_lives_from_creation_to_removal_in_requests_the_specification_allows()
    {
        var swagger = new SwaggerSchema(SharedFiles.Require("v3-swagger.json"));
        var server = new SimulatedPrism(OnlyV3);
        using PrismClient client = await server.ConnectAsync();
        GpuHost host = await client.GetGpuHostsAsync(cancellationToken: Stop).FirstAsync(h => h.Models.Contains("A100") && h.FreeGpuCount > 1, Stop);
        PrismImage image = await client.GetImagesAsync(Stop).FirstAsync(i => i.Type == "DISK_IMAGE", Stop);
        PrismSubnet subnet = await client.GetSubnetsAsync(Stop).FirstAsync(s => s.ClusterIds.Contains(host.ClusterId!), Stop);
        PrismCategory category = await client.GetCategoriesAsync(Stop).FirstAsync(Stop);

        PrismVm vm = await client.CreateGpuVmAsync(
            new GpuVmRequest
            {
                Name = "trainer",
                Description = "made by v3",
                Cluster = host.ClusterId!,
                Image = image.ExtId,
                Subnets = [subnet.ExtId],
                DiskBytes = 50L << 30,
                Gpus = [new VmGpuRequest { Name = "A100" }],
                Categories = [category.ExtId],
                UserData = "#cloud-config\nhostname: trainer\n",
                PowerOn = true,
            },
            cancellationToken: Stop);
        Assert.Equal("ON", vm.PowerState);
        Assert.Equal("A100", Assert.Single((await client.GetGpuHostsAsync(cancellationToken: Stop).ToListAsync(Stop)).SelectMany(h => h.Gpus), g => g.AssignedVmId == vm.ExtId).Model);
        Assert.Equal([category.Name], vm.Categories);

        await client.SetPowerStateAsync(vm.ExtId, PowerAction.Reboot, cancellationToken: Stop);
        PrismConflictException on = await Assert.ThrowsAsync<PrismConflictException>(() => client.AddGpusAsync(vm.ExtId, [new VmGpuRequest { Name = "A100" }], cancellationToken: Stop));
        Assert.Contains("powered off", on.Message, StringComparison.Ordinal);
        await client.SetPowerStateAsync(vm.ExtId, PowerAction.Off, cancellationToken: Stop);
        Assert.Equal(2, (await client.AddGpusAsync(vm.ExtId, [new VmGpuRequest { Name = "A100" }], cancellationToken: Stop)).GpuCount);
        vm = await client.GetVmAsync(vm.ExtId, Stop);
        Assert.Equal(1, (await client.RemoveGpusAsync(vm.ExtId, [vm.Gpus[0]], cancellationToken: Stop)).GpuCount);
        await client.UpdateVmAsync(vm.ExtId, new VmChange { NumSockets = 4, MemoryBytes = 64L << 30 }, cancellationToken: Stop);
        vm = await client.GetVmAsync(vm.ExtId, Stop);
        Assert.Equal((4, 64L << 30), (vm.NumSockets, vm.MemoryBytes));
        await client.SetPowerStateAsync(vm.ExtId, PowerAction.On, cancellationToken: Stop);
        Assert.NotEmpty(await client.GetTasksAsync(new TaskQuery { EntityId = vm.ExtId, First = 3 }, Stop).ToListAsync(Stop));
        await client.RemoveVmAsync(vm.ExtId, force: true, cancellationToken: Stop);
        await Assert.ThrowsAsync<PrismNotFoundException>(() => client.GetVmAsync(vm.ExtId, Stop));

        foreach (SentRequest request in server.Requests.Where(r => r.Path.StartsWith("/api/nutanix/v3/", StringComparison.Ordinal)))
        {
            Assert.True(swagger.Check(request.Method, request.Path, request.Body) is [], $"{request.Method} {request.Path}: {string.Join("; ", swagger.Check(request.Method, request.Path, request.Body))}");
        }
    }

    [Fact]
    public async Task A_lost_answer_to_a_creation_makes_no_second_machine()
    {
        var server = new SimulatedPrism(OnlyV3);
        using PrismClient client = await server.ConnectAsync();
        GpuHost host = await client.GetGpuHostsAsync(cancellationToken: Stop).FirstAsync(h => h.FreeGpuCount > 0, Stop);
        server.Core.Inject(SimulatorFault.LostReply() with { Method = "POST", PathContains = "/v3/vms" });

        PrismVm vm = await client.CreateGpuVmAsync(new GpuVmRequest { Name = "once", Cluster = host.ClusterId!, DiskBytes = 1L << 30 }, cancellationToken: Stop);

        Assert.Equal("once", vm.Name);
        Assert.Equal(1, server.Core.Ledger.AcceptedCreates);
        Assert.Single(server.Core.Ledger.Vms);
    }

    [Fact]
    public async Task A_change_that_meets_an_edit_conflict_looks_again_and_goes_on()
    {
        var server = new SimulatedPrism(OnlyV3);
        using PrismClient client = await server.ConnectAsync();
        PrismVm vm = await client.GetVmsAsync(new VmQuery(), Stop).FirstAsync(v => !v.IsPoweredOn, Stop);
        server.Core.Inject(SimulatorFault.StaleETag(3));

        await client.UpdateVmAsync(vm.ExtId, new VmChange { Description = "changed" }, cancellationToken: Stop);

        Assert.Equal("changed", (await client.GetVmAsync(vm.ExtId, Stop)).Description);
        Assert.Equal(4, server.Calls.Count(c => c.StartsWith("PUT ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_failed_task_says_why_and_an_aborted_one_is_cancelled()
    {
        var server = new SimulatedPrism(OnlyV3);
        using PrismClient client = await server.ConnectAsync();
        PrismVm vm = await client.GetVmsAsync(new VmQuery(), Stop).FirstAsync(v => !v.IsPoweredOn && v.Gpus.Count == 0, Stop);
        server.Core.Inject(SimulatorFault.TaskFailsWithLegacyMessage("PowerOnVm", "No power today."));

        PrismTaskFailedException failed = await Assert.ThrowsAsync<PrismTaskFailedException>(() => client.SetPowerStateAsync(vm.ExtId, PowerAction.On, cancellationToken: Stop));

        Assert.Contains("No power today.", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_come_from_groups()
    {
        var server = new SimulatedPrism(OnlyV3);
        using PrismClient client = await server.ConnectAsync();
        PrismVm vm = await client.GetVmsAsync(new VmQuery { GpuOnly = true }, Stop).FirstAsync(v => v.IsPoweredOn, Stop);
        DateTimeOffset now = server.Time.GetUtcNow();

        IReadOnlyList<GpuMetricSample> samples = await client.GetGpuMetricsAsync(vm, now.AddMinutes(-10), now, TimeSpan.FromMinutes(1), Stop);

        Assert.InRange(samples.Count, 9, 11);
        Assert.All(samples, s => Assert.InRange(s.GpuUsagePercent!.Value, 0, 100));
        Assert.All(samples, s => Assert.NotNull(s.FrameBufferUsedBytes));
    }

    [Theory]
    [InlineData("a;vm_name==b")]
    [InlineData("a,vm_name==b")]
    [InlineData("name with 'quotes'")]
    [InlineData("x==y")]
    public async Task A_name_that_means_something_in_fiql_never_reaches_the_filter(string name)
    {
        var server = new SimulatedPrism(OnlyV3);
        using PrismClient client = await server.ConnectAsync();

        Assert.Empty(await client.GetVmsAsync(new VmQuery { Names = [name] }, Stop).ToListAsync(Stop));

        Assert.DoesNotContain(server.Requests, r => r.Body.Contains("\"filter\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failing_v3_source_costs_a_v4_inventory_only_a_warning()
    {
        var server = new SimulatedPrism(OnlyV3 with { ServesV4 = true });
        using PrismClient client = await server.ConnectAsync();
        server.Core.Inject(SimulatorFault.Status(404, 100) with { PathContains = "/pcie-devices" });
        server.Core.Inject(SimulatorFault.Status(500, 100) with { PathContains = "/v3/hosts/list" });
        var warnings = new List<PlatformWarning>();

        List<GpuHost> hosts = await client.GetGpuHostsAsync(warnings.Add, Stop).ToListAsync(Stop);

        Assert.True(hosts.Count >= 6);
        PlatformWarning warning = Assert.Single(warnings, w => w.Source.Contains("v3", StringComparison.Ordinal));
        Assert.Contains("v3", warning.Source, StringComparison.Ordinal);
        Assert.NotNull(warning.Exception);
    }

    [Fact]
    public async Task Where_pcie_devices_tell_no_host_the_v3_host_list_does()
    {
        var server = new SimulatedPrism(OnlyV3 with { ServesV4 = true });
        using PrismClient whole = await new SimulatedPrism(OnlyV3 with { ServesV4 = true }).ConnectAsync();
        string[] expected = await DescribeAsync(whole);
        using PrismClient client = await server.ConnectAsync();
        server.Core.Inject(SimulatorFault.Status(403, 100) with { PathContains = "/pcie-devices" });
        var warnings = new List<PlatformWarning>();

        List<GpuHost> hosts = await client.GetGpuHostsAsync(warnings.Add, Stop).ToListAsync(Stop);

        Assert.Equal(expected, Describe(hosts));
        Assert.Equal(2, warnings.Count);
        Assert.All(warnings, w => Assert.Contains("PCIe", w.Message, StringComparison.Ordinal));
    }

    private static async Task<string[]> DescribeAsync(PrismClient client)
    {
        List<GpuHost> hosts = await client.GetGpuHostsAsync(w => Assert.Fail(w.Message), Stop).ToListAsync(Stop);
        return Describe(hosts);
    }

    private static string[] Describe(List<GpuHost> hosts)
    {
        return [.. hosts
            .OrderBy(h => h.ClusterName, StringComparer.Ordinal)
            .ThenBy(h => h.Name, StringComparer.Ordinal)
            .Select(h => $"{h.ClusterName}/{h.Name} {h.MemoryBytes}: {string.Join(" | ", h.Gpus
                .Select(g => $"{g.PciAddress} {g.DeviceName} {g.Model} {g.Vendor} {g.Mode} {g.MemoryBytes} numa {g.NumaNode} held by {g.AssignedVmName} free {g.IsFree}")
                .Order(StringComparer.Ordinal))}")];
    }
}
