using GpuPlatform;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Faults;
using Nutanix.Prism.Simulator.Hosting;

namespace Nutanix.Prism.Tests.EndToEnd;

/// <summary>The client against the simulator: two readings of the same facts must agree.</summary>
public class EndToEndTests
{
    private static readonly EstateDescription Estate = new()
    {
        Clusters =
        [
            new ClusterDescription
            {
                Name = "alpha",
                Hosts =
                [
                    Host("a-1", Gpus("A40", 2)),
                    Host("a-2", Gpus("A40", 2)),
                    Host("a-3", Gpus("L40S", 4, shared: true)),
                    Host("a-4", []),
                ],
                Vms =
                [
                    new VmDescription { Name = "held", PowerOn = true, Host = "a-2", Gpus = ["A40"] },
                    new VmDescription { Name = "desk-1", PowerOn = true, Host = "a-3", Gpus = ["NVIDIA L40S-12Q"] },
                    new VmDescription { Name = "twin" },
                    new VmDescription { Name = "twin" },
                ],
            },
            new ClusterDescription { Name = "beta", Hosts = [Host("b-1", Gpus("MI300X", 8)), Host("b-2", Gpus("Max 1550", 4))] },
        ],
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_inventory_is_the_estate()
    {
        await using PrismClient client = await new SimulatedPrism(new SimulatorOptions { Estate = Estate }).ConnectAsync();
        var warnings = new List<PlatformWarning>();

        Dictionary<string, GpuHost> hosts = await client.GetGpuHostsAsync(warnings.Add, Ct).ToDictionaryAsync(h => h.Name, cancellationToken: Ct);

        Assert.Empty(warnings);
        Assert.Equal(["a-1", "a-2", "a-3", "b-1", "b-2"], hosts.Keys.Order());
        Assert.Equal((2, 2, "A40", "alpha"), (hosts["a-1"].GpuCount, hosts["a-1"].FreeGpuCount, hosts["a-1"].Models.Single(), hosts["a-1"].ClusterName));
        Assert.Equal((2, 1), (hosts["a-2"].GpuCount, hosts["a-2"].FreeGpuCount));
        Assert.Equal("held", hosts["a-2"].Gpus.Single(g => !g.IsFree).AssignedVmName);
        Assert.Equal("desk-1", hosts["a-3"].Gpus.Single(g => g.AssignedVmId is not null).AssignedVmName);
        Assert.Equal(4 * (48L << 30), hosts["a-3"].GpuMemoryBytes);
        Assert.Equal((8, "MI300X", GpuVendor.Amd), (hosts["b-1"].GpuCount, hosts["b-1"].Models.Single(), hosts["b-1"].Vendors.Single()));
        Assert.Equal((4, "Max 1550", GpuVendor.Intel), (hosts["b-2"].GpuCount, hosts["b-2"].Models.Single(), hosts["b-2"].Vendors.Single()));
        Assert.All(hosts.Values.SelectMany(h => h.Gpus), g => Assert.NotNull(g.PciAddress));
        Assert.All(hosts.Values.SelectMany(h => h.Gpus), g => Assert.NotNull(g.NumaNode));
        Assert.Equal(hosts.Values.Sum(h => h.GpuCount), hosts.Values.SelectMany(h => h.Gpus).Select(g => g.Id).Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_large_estate_adds_up(int seed)
    {
        var options = new SimulatorOptions { Seed = seed, Clusters = 5, Hosts = 60, HostsWithoutGpus = 10, GpusPerHost = 4, Vms = 250 };
        await using PrismClient client = await new SimulatedPrism(options).ConnectAsync();
        var warnings = new List<PlatformWarning>();

        List<GpuHost> hosts = await client.GetGpuHostsAsync(warnings.Add, Ct).ToListAsync(Ct);
        List<PrismVm> vms = await client.GetVmsAsync(new VmQuery(), Ct).ToListAsync(Ct);

        Assert.Empty(warnings);
        Assert.Equal(60, hosts.Count);
        Assert.Equal(250, vms.Count);
        GpuDevice[] whole = [.. hosts.SelectMany(h => h.Gpus).Where(g => g.Mode != GpuMode.Virtual)];
        GpuDevice[] slots = [.. hosts.SelectMany(h => h.Gpus).Where(g => g.Mode == GpuMode.Virtual)];
        Assert.Equal(240, whole.Length + slots.Select(g => (g.HostId, g.PciAddress)).Distinct().Count());
        foreach (GpuDevice device in whole.Concat(slots).Where(g => g.AssignedVmId is not null))
        {
            PrismVm holder = vms.Single(v => v.ExtId == device.AssignedVmId);
            Assert.Equal(holder.HostId, device.HostId);
            Assert.Equal(holder.Name, device.AssignedVmName);
        }

        Assert.Equal(
            vms.Where(v => v.IsPoweredOn && v.Gpus.Any(g => g.Mode != GpuMode.Virtual)).Sum(v => v.Gpus.Count(g => g.Mode != GpuMode.Virtual)),
            whole.Count(g => g.AssignedVmId is not null));
    }

    [Fact]
    public async Task A_machine_lives_from_placement_to_removal()
    {
        var prism = new SimulatedPrism(new SimulatorOptions { Estate = Estate });
        await using PrismClient client = await prism.ConnectAsync();
        List<GpuHost> before = await client.GetGpuHostsAsync(null, Ct).ToListAsync(Ct);
        GpuPlacementCandidate place = GpuPlacement.Rank(before, new GpuPlacementRequest { Vendor = GpuVendor.Amd, Count = 2 }).Require();
        var progress = new Reporter();

        PrismVm vm = await client.CreateGpuVmAsync(await RequestAsync(client, place.Host, "trainer", [.. place.Gpus.Select(Named)]), progress, Ct);

        Assert.True(vm.IsPoweredOn);
        Assert.Equal(("trainer", "beta", "b-1", 2), (vm.Name, vm.ClusterName, vm.HostName, vm.GpuCount));
        Assert.Contains(progress.Tasks, t => t is { Operation: "CreateVm", IsSucceeded: true });
        Assert.Contains(progress.Tasks, t => t is { Operation: "PowerOnVm", IsSucceeded: true });
        GpuHost running = await client.GetGpuHostsAsync(null, Ct).SingleAsync(h => h.Name == "b-1", Ct);
        Assert.Equal(6, running.FreeGpuCount);
        Assert.Equal(["trainer", "trainer"], running.Gpus.Where(g => !g.IsFree).Select(g => g.AssignedVmName));

        await client.RemoveVmAsync(vm.ExtId, force: true, null, Ct);

        await Assert.ThrowsAsync<PrismNotFoundException>(() => client.GetVmAsync(vm.ExtId, Ct));
        Assert.Equal(8, (await client.GetGpuHostsAsync(null, Ct).SingleAsync(h => h.Name == "b-1", Ct)).FreeGpuCount);
    }

    [Fact]
    public async Task A_vgpu_machine_takes_a_slot()
    {
        await using PrismClient client = await new SimulatedPrism(new SimulatorOptions { Estate = Estate }).ConnectAsync();
        GpuHost host = await client.GetGpuHostsAsync(null, Ct).SingleAsync(h => h.Name == "a-3", Ct);

        PrismVm vm = await client.CreateGpuVmAsync(await RequestAsync(client, host, "desk-2", [new VmGpuRequest { Name = "NVIDIA L40S-12Q" }]), null, Ct);

        Assert.Equal(("a-3", GpuMode.Virtual), (vm.HostName, vm.Gpus.Single().Mode));
        GpuHost after = await client.GetGpuHostsAsync(null, Ct).SingleAsync(h => h.Name == "a-3", Ct);
        Assert.Contains(after.Gpus, g => g.AssignedVmName == "desk-2");
        Assert.Equal(4 * (48L << 30), after.GpuMemoryBytes);
    }

    [Fact]
    public async Task Gpu_use_of_a_running_machine_is_measured()
    {
        var prism = new SimulatedPrism(new SimulatorOptions { Estate = Estate });
        await using PrismClient client = await prism.ConnectAsync();
        PrismVm vm = await client.GetVmsAsync(new VmQuery { Names = ["held"] }, Ct).SingleAsync(Ct);
        DateTimeOffset now = prism.Time.GetUtcNow();

        IReadOnlyList<GpuMetricSample> samples = await client.GetGpuMetricsAsync(vm, now.AddMinutes(-30), now, TimeSpan.FromMinutes(2), Ct);

        Assert.NotEmpty(samples);
        Assert.All(samples, s => Assert.InRange(s.Timestamp, now.AddMinutes(-30), now));
        Assert.Contains(samples, s => s.GpuUsagePercent is > 0 and <= 100);
        Assert.Contains(samples, s => s.FrameBufferUsedBytes > 0 && s.FrameBufferUsedBytes <= 48L << 30);
    }

    [Theory]
    [InlineData(SimulatorFaultKind.LostReply)]
    [InlineData(SimulatorFaultKind.CutJson)]
    [InlineData(SimulatorFaultKind.Drop)]
    public async Task A_create_whose_answer_is_spoiled_makes_one_machine(SimulatorFaultKind kind)
    {
        var prism = new SimulatedPrism(new SimulatorOptions { Estate = Estate });
        await using PrismClient client = await prism.ConnectAsync();
        GpuHost host = await client.GetGpuHostsAsync(null, Ct).SingleAsync(h => h.Name == "b-1", Ct);
        GpuVmRequest request = await RequestAsync(client, host, "once", [Named(host.Gpus[0])]);
        prism.Core.Inject(new SimulatorFault { Kind = kind, Method = "POST", PathContains = "/ahv/config/vms" });

        PrismVm vm = await client.CreateGpuVmAsync(request, null, Ct);

        Assert.Equal([vm.ExtId], await client.GetVmsAsync(new VmQuery { Names = ["once"] }, Ct).Select(v => v.ExtId).ToListAsync(Ct));
        Assert.True(vm.IsPoweredOn);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public async Task Under_a_bad_network_nothing_is_made_twice_and_nothing_lost(int seed)
    {
        var prism = new SimulatedPrism(new SimulatorOptions { Seed = seed, Estate = Estate, FaultRate = 0.2 });
        await using PrismClient client = await ConnectStubbornlyAsync(prism);
        GpuHost host = await client.GetGpuHostsAsync(null, Ct).SingleAsync(h => h.Name == "b-1", Ct);
        string[] names = [.. Enumerable.Range(0, 6).Select(i => $"vm-{i}")];

        PrismVm[] made = await Task.WhenAll(names.Select(async n => await client.CreateGpuVmAsync(await RequestAsync(client, host, n, [Named(host.Gpus[0])]), null, Ct)));
        List<PrismVm> found = await client.GetVmsAsync(new VmQuery { Names = names }, Ct).ToListAsync(Ct);

        Assert.Equal(made.Select(v => v.ExtId).Order(), found.Select(v => v.ExtId).Order());
        Assert.All(found, v => Assert.True(v.IsPoweredOn));
        await Task.WhenAll(found.Select(v => client.RemoveVmAsync(v.ExtId, force: true, null, Ct)));
        Assert.Empty(await client.GetVmsAsync(new VmQuery { Names = names }, Ct).ToListAsync(Ct));
        Assert.Equal(8, (await client.GetGpuHostsAsync(null, Ct).SingleAsync(h => h.Name == "b-1", Ct)).FreeGpuCount);
    }

    [Fact]
    public async Task Stale_tags_are_read_again()
    {
        var prism = new SimulatedPrism(new SimulatorOptions { Estate = Estate });
        await using PrismClient client = await prism.ConnectAsync();
        PrismVm vm = await client.GetVmsAsync(new VmQuery { Names = ["twin"] }, Ct).FirstAsync(Ct);
        prism.Core.Inject(SimulatorFault.StaleETag(2));
        prism.Core.Inject(SimulatorFault.TaskFindsStaleETag("PowerOnVm"));

        await client.SetPowerStateAsync(vm.ExtId, PowerAction.On, null, Ct);

        Assert.True((await client.GetVmAsync(vm.ExtId, Ct)).IsPoweredOn);
        Assert.Equal(0, prism.Core.ClearFaults());
        Assert.Equal(4, prism.Calls.Count(c => c.EndsWith("/$actions/power-on", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_power_on_that_fails_with_the_legacy_message_only_removes_the_machine()
    {
        var prism = new SimulatedPrism(new SimulatorOptions { Estate = Estate });
        await using PrismClient client = await prism.ConnectAsync();
        GpuHost host = await client.GetGpuHostsAsync(null, Ct).SingleAsync(h => h.Name == "b-2", Ct);
        prism.Core.Inject(SimulatorFault.TaskFailsWithLegacyMessage("PowerOnVm", "InternalException"));

        var e = await Assert.ThrowsAsync<PrismTaskFailedException>(
            async () => await client.CreateGpuVmAsync(await RequestAsync(client, host, "short-lived", [Named(host.Gpus[0])]), null, Ct));

        Assert.Contains("InternalException", e.Message, StringComparison.Ordinal);
        Assert.Contains("removed again", e.Message, StringComparison.Ordinal);
        Assert.Empty(await client.GetVmsAsync(new VmQuery { Names = ["short-lived"] }, Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task Gpus_that_are_free_but_not_on_one_host_are_told_at_power_on_and_the_machine_removed()
    {
        await using PrismClient client = await new SimulatedPrism(new SimulatorOptions { Estate = Estate }).ConnectAsync();
        GpuHost host = await client.GetGpuHostsAsync(null, Ct).SingleAsync(h => h.Name == "a-1", Ct);
        var a40 = new VmGpuRequest { Name = "A40" };

        // Three are free in the cluster, two on the best host.
        var e = await Assert.ThrowsAsync<NoFreeGpuException>(
            async () => await client.CreateGpuVmAsync(await RequestAsync(client, host, "greedy", [a40, a40, a40]), null, Ct));
        var none = await Assert.ThrowsAsync<NoFreeGpuException>(
            async () => await client.CreateGpuVmAsync(await RequestAsync(client, host, "greedier", [a40, a40, a40, a40]), null, Ct));

        Assert.Contains("removed again", e.Message, StringComparison.Ordinal);
        Assert.Equal((4, 3), (none.Requested, none.Free));
        Assert.Empty(await client.GetVmsAsync(new VmQuery { Names = ["greedy", "greedier"] }, Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task Names_that_are_taken_are_told_with_their_ids()
    {
        await using PrismClient client = await new SimulatedPrism(new SimulatorOptions { Estate = Estate }).ConnectAsync();
        GpuHost host = await client.GetGpuHostsAsync(null, Ct).SingleAsync(h => h.Name == "a-1", Ct);

        var e = await Assert.ThrowsAsync<PrismAmbiguousNameException>(
            async () => await client.CreateGpuVmAsync(await RequestAsync(client, host, "twin", [Named(host.Gpus[0])]), null, Ct));

        Assert.Equal(2, e.Candidates.Count);
    }

    [Fact]
    public async Task Pages_that_overlap_give_each_machine_once()
    {
        var prism = new SimulatedPrism(new SimulatorOptions { Vms = 350 });
        await using PrismClient client = await prism.ConnectAsync();
        prism.Core.Inject(SimulatorFault.OverlapPages());

        List<string> ids = await client.GetVmsAsync(new VmQuery(), Ct).Select(v => v.ExtId).ToListAsync(Ct);

        Assert.Equal(350, ids.Count);
        Assert.Equal(350, ids.Distinct().Count());
    }

    [Fact]
    public async Task An_older_prism_central_is_spoken_to_in_its_version()
    {
        string[] namespaces = ["clustermgmt", "vmm", "prism", "networking"];
        var options = new SimulatorOptions { Estate = Estate, ApiVersions = namespaces.ToDictionary(n => n, _ => "v4.0") };
        await using PrismClient client = await new SimulatedPrism(options).ConnectAsync();

        Assert.NotEmpty(await client.GetGpuHostsAsync(null, Ct).ToListAsync(Ct));
        Assert.All(namespaces, n => Assert.Equal("v4.0", client.ApiVersions[n]));
    }

    [Fact]
    public async Task A_session_that_runs_out_is_renewed()
    {
        var prism = new SimulatedPrism(new SimulatorOptions { Estate = Estate, SessionLifetime = TimeSpan.FromSeconds(30) });
        await using PrismClient client = await prism.ConnectAsync();
        await Task.Delay(TimeSpan.FromSeconds(50), prism.Time, Ct);

        Assert.Equal(3, await client.GetClustersAsync(Ct).CountAsync(Ct));
    }

    [Fact]
    public async Task An_api_key_opens_the_door_and_a_wrong_password_does_not()
    {
        var prism = new SimulatedPrism(new SimulatorOptions { Estate = Estate });
        await using PrismClient client = await prism.ConnectAsync(o => o with { Credential = new ApiKeyCredential(prism.Core.Options.ApiKey) });

        Assert.Equal(3, await client.GetClustersAsync(Ct).CountAsync(Ct));
        await Assert.ThrowsAsync<PrismAuthenticationException>(() => prism.ConnectAsync(o => o with { Credential = new BasicCredential("admin", "wrong-wrong") }));
        await Assert.ThrowsAsync<PrismAuthenticationException>(() => prism.ConnectAsync(o => o with { Credential = new ApiKeyCredential("wrong-wrong") }));
    }

    [Fact]
    public async Task Over_a_real_socket_everything_stays_the_same()
    {
        var simulator = new PrismSimulator(new SimulatorOptions { Estate = Estate, TaskDurationScale = 0 });
        using var server = new HttpListenerSimulatorHost(simulator);
        var options = new PrismConnectionOptions
        {
            Server = server.Start().AbsoluteUri,
            Credential = new BasicCredential(simulator.Options.UserName, simulator.Options.Password),
        };
        await using PrismClient client = await PrismClient.ConnectAsync(options, Ct);
        GpuHost host = await client.GetGpuHostsAsync(null, Ct).SingleAsync(h => h.Name == "b-1", Ct);

        PrismVm vm = await client.CreateGpuVmAsync(await RequestAsync(client, host, "it's ünïcode", [Named(host.Gpus[0])]), null, Ct);

        Assert.Equal([vm.ExtId], await client.GetVmsAsync(new VmQuery { Names = ["it's ünïcode"] }, Ct).Select(v => v.ExtId).ToListAsync(Ct));
        PrismTask task = await client.GetTasksAsync(new TaskQuery { EntityId = vm.ExtId, First = 1 }, Ct).SingleAsync(Ct);
        Assert.Equal(task.ExtId, (await client.GetTaskAsync(task.ExtId, Ct)).ExtId);
        await client.RemoveVmAsync(vm.ExtId, force: true, null, Ct);
    }

    // A client that cannot connect says so at once; a person would try again.
    private static async Task<PrismClient> ConnectStubbornlyAsync(SimulatedPrism prism)
    {
        while (true)
        {
            try
            {
                return await prism.ConnectAsync();
            }
            catch (PrismConnectionException)
            {
                Ct.ThrowIfCancellationRequested();
            }
        }
    }

    private static async Task<GpuVmRequest> RequestAsync(PrismClient client, GpuHost host, string name, VmGpuRequest[] gpus)
    {
        PrismImage image = await client.GetImagesAsync(Ct).FirstAsync(i => i.Type == "DISK_IMAGE", Ct);
        PrismSubnet subnet = await client.GetSubnetsAsync(Ct).FirstAsync(s => s.ClusterIds.Contains(host.ClusterId!), Ct);
        return new GpuVmRequest
        {
            Name = name,
            Cluster = host.ClusterId!,
            Host = host.Id,
            Image = image.ExtId,
            Subnets = [subnet.ExtId],
            Gpus = gpus,
            UserData = "#cloud-config\npackages: [git]\n",
            PowerOn = true,
        };
    }

    private static VmGpuRequest Named(GpuDevice device) => new() { Name = device.DeviceName, DeviceId = device.DeviceId, Vendor = device.Vendor, Mode = device.Mode };

    private static HostDescription Host(string name, GpuDescription[] gpus) => new() { Name = name, Gpus = gpus };

    private static GpuDescription[] Gpus(string model, int count, bool shared = false) =>
        [.. Enumerable.Range(0, count).Select(_ => new GpuDescription { Model = model, Shared = shared })];

    private sealed class Reporter : IProgress<PrismTask>
    {
        public List<PrismTask> Tasks { get; } = [];

        public void Report(PrismTask value) => Tasks.Add(value);
    }
}
