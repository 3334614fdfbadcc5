using System.Net;
using GpuPlatform;
using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.Client;

public class InventoryTests
{
    private const string Clusters = "GET clustermgmt/config/clusters";
    private const string Hosts = "GET clustermgmt/config/clusters/c1/hosts";
    private const string Physical = "GET clustermgmt/config/clusters/c1/physical-gpu-profiles";
    private const string Virtual = "GET clustermgmt/config/clusters/c1/virtual-gpu-profiles";
    private const string Pcie = "GET clustermgmt/ahv/config/pcie-devices";
    private const string Vms = "GET vmm/ahv/config/vms";

    private const string Host1 = """{"extId":"h1","hostName":"node-1","cpuModel":"Intel(R) Xeon(R) Gold 6326","numberOfCpuThreads":64,"memorySizeBytes":549755813888,"gpuDriverVersion":"550.90","hypervisor":{"fullName":"AHV 10.0","state":"ACROPOLIS_NORMAL"},"maintenanceState":"normal"}""";
    private const string Host2 = """{"extId":"h2","hostName":"node-2"}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_known_of_a_device_comes_together()
    {
        ScriptedPrism prism = new ScriptedPrism()
            .On(Hosts, Replies.List(Host1, Host2))
            .On(Physical, Replies.List(Row("0000:3b:00.0", inUse: true, vm: "v1"), Row("0000:3b:00.0"), Row("0000:86:00.0")))
            .On(Pcie, Replies.List(Device("p1", "h1", "UVM_ASSIGNED", "v1"), Device("p2", "h2", "UVM_AVAILABLE"), Device("p3", "h1", "UVM_AVAILABLE"), Nic))
            .On(Vms, Replies.List("""{"extId":"v1","name":"trainer","host":{"extId":"h1"}}"""));

        List<GpuHost> hosts = await ReadAsync(prism);

        Assert.Equal(["node-1", "node-2"], hosts.Select(h => h.Name));
        GpuHost first = hosts[0];
        Assert.Equal(("alpha", "AHV 10.0", "550.90", 64), (first.ClusterName, first.HypervisorName, first.GpuDriverVersion, first.CpuThreads));
        Assert.Equal(["p1", "p3"], first.Gpus.Select(g => g.Id));
        GpuDevice held = first.Gpus[0];
        Assert.Equal(("A40", "Ampere 40", GpuVendor.Nvidia, GpuMode.PassthroughCompute), (held.Model, held.DeviceName, held.Vendor, held.Mode));
        Assert.Equal((48L << 30, 8757L, "0000:3b:00.0", 1), (held.MemoryBytes, held.DeviceId, held.PciAddress, held.NumaNode));
        Assert.Equal(("v1", "trainer", false), (held.AssignedVmId, held.AssignedVmName, held.IsFree));
        Assert.Equal(("node-1", "h1", "alpha", "c1"), (held.HostName, held.HostId, held.ClusterName, held.ClusterId));
        Assert.True(first.Gpus[1].IsFree);
        Assert.Equal(["p2"], hosts[1].Gpus.Select(g => g.Id));
    }

    [Fact]
    public async Task The_prism_central_entry_is_left_out()
    {
        ScriptedPrism prism = new ScriptedPrism().On(Clusters, Replies.List("""{"extId":"pc","name":"Unnamed","config":{"clusterFunction":["PRISM_CENTRAL"]}}"""));

        Assert.Empty(await ReadAsync(prism));
        Assert.DoesNotContain(prism.Requests, r => r.Path.Contains("clusters/pc", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_failing_cluster_is_reported_and_the_rest_come()
    {
        ScriptedPrism prism = new ScriptedPrism()
            .On(Clusters, Replies.List("""{"extId":"c1","name":"alpha"}""", """{"extId":"c2","name":"beta"}"""))
            .On(Hosts, Replies.Error(HttpStatusCode.BadRequest, "CLU-1", "CLUSTERMGMT_SERVICE_ERROR", "The cluster is not connected."))
            .On("GET clustermgmt/config/clusters/c2/hosts", Replies.List(Host2))
            .On("GET clustermgmt/config/clusters/c2/physical-gpu-profiles", Replies.List(Row("0000:3b:00.0")));
        var warnings = new List<PlatformWarning>();

        List<GpuHost> hosts = await ReadAsync(prism, warnings);

        Assert.Equal("node-2", Assert.Single(hosts).Name);
        PlatformWarning warning = Assert.Single(warnings);
        Assert.Equal("cluster alpha", warning.Source);
        Assert.Contains("not connected", warning.Message, StringComparison.Ordinal);
        Assert.IsAssignableFrom<PrismException>(warning.Exception);
    }

    [Fact]
    public async Task Without_profiles_the_pcie_devices_stand_in()
    {
        ScriptedPrism prism = new ScriptedPrism()
            .On(Hosts, Replies.List(Host1))
            .On(Physical, Replies.PlainNotFound)
            .On(Virtual, Replies.PlainNotFound)
            .On(Pcie, Replies.List(Device("p1", "h1", "UVM_ASSIGNED", "v1"), Device("p2", "h1", "UVM_AVAILABLE"), Nic, Console))
            .On(Vms, Replies.List("""{"extId":"v1","name":"trainer"}"""));
        var warnings = new List<PlatformWarning>();

        GpuHost host = Assert.Single(await ReadAsync(prism, warnings));

        Assert.Equal(["A40", "A40"], host.Gpus.Select(g => g.Model));
        Assert.Equal(["trainer", null], host.Gpus.OrderBy(g => g.Id).Select(g => g.AssignedVmName));
        Assert.Equal(1, host.FreeGpuCount);
        Assert.Equal(2, warnings.Count);
    }

    [Fact]
    public async Task With_neither_the_names_a_host_lists_are_shown_and_not_called_free()
    {
        ScriptedPrism prism = new ScriptedPrism()
            .On(Hosts, Replies.List("""{"extId":"h1","hostName":"node-1","gpuList":["Tesla T4","Tesla T4",""]}"""))
            .On(Physical, Replies.PlainNotFound)
            .On(Virtual, Replies.PlainNotFound)
            .On(Pcie, Replies.Error(HttpStatusCode.Forbidden, "RBA-10001", "RBAC_AUTHORIZATION_ERROR", "Denied."));
        var warnings = new List<PlatformWarning>();

        GpuHost host = Assert.Single(await ReadAsync(prism, warnings));

        Assert.Equal((2, 0), (host.GpuCount, host.FreeGpuCount));
        Assert.Equal(2, host.Gpus.Select(g => g.Id).Distinct().Count());
        Assert.Equal(3, warnings.Count);
    }

    [Fact]
    public async Task A_pcie_filter_the_server_does_not_know_is_left_out()
    {
        ScriptedPrism prism = new ScriptedPrism()
            .On(Hosts, Replies.List(Host1))
            .On(Pcie, r => r.Query.ContainsKey("$filter")
                ? Replies.Error(HttpStatusCode.BadRequest, "CLU-2", "INVALID_FILTER", "type cannot be filtered.")()
                : Replies.List(Device("p1", "h1", "UVM_AVAILABLE"), Nic)());
        var warnings = new List<PlatformWarning>();

        Assert.Equal("A40", Assert.Single(Assert.Single(await ReadAsync(prism, warnings)).Gpus).Model);
        Assert.Empty(warnings);
    }

    [Fact]
    public async Task A_shared_device_shows_as_its_vgpus_and_its_memory_counts_once()
    {
        ScriptedPrism prism = new ScriptedPrism()
            .On(Hosts, Replies.List(Host1))
            .On(Physical, Replies.List(
                """{"physicalGpuConfig":{"deviceId":8757,"deviceName":"Ampere 40","mode":"USED_FOR_VIRTUAL","isInUse":true,"sbdf":"0000:3b:00.0","frameBufferSizeBytes":51539607552}}""",
                Row("0000:86:00.0")))
            .On(Virtual, Replies.List(
                Slot("0000:3b:00.0", "NVIDIA A40-24Q", 561, assignable: 1, inUse: true, vm: "v1"),
                Slot("0000:3b:00.0", "NVIDIA A40-12Q", 560, assignable: 0, inUse: false),
                Slot("0000:86:00.0", "NVIDIA A40-24Q", 561, assignable: 2, inUse: false)))
            .On(Vms, Replies.List("""{"extId":"v1","name":"desk","host":{"extId":"h1"}}"""));

        GpuHost host = Assert.Single(await ReadAsync(prism));

        Assert.Equal(
            [("NVIDIA A40-24Q", GpuMode.Virtual, true), ("NVIDIA A40-24Q", GpuMode.Virtual, false), ("Ampere 40", GpuMode.PassthroughCompute, true)],
            host.Gpus.OrderBy(g => g.PciAddress).ThenByDescending(g => g.IsFree).Select(g => (g.DeviceName!, g.Mode, g.IsFree)));
        Assert.Equal("desk", host.Gpus.Single(g => g.AssignedVmId is not null).AssignedVmName);
        Assert.Equal(96L << 30, host.GpuMemoryBytes);
        Assert.All(host.Gpus, g => Assert.Equal("A40", g.Model));
    }

    [Theory]
    [InlineData("\"maintenanceState\":\"kEnteredMaintenanceMode\"")]
    [InlineData("\"isDegraded\":true")]
    [InlineData("\"hypervisor\":{\"state\":\"ENTERED_MAINTENANCE_MODE\"}")]
    [InlineData("\"hypervisor\":{\"acropolisConnectionState\":\"DISCONNECTED\"}")]
    public async Task The_gpus_of_a_host_that_cannot_run_machines_are_not_free(string state)
    {
        ScriptedPrism prism = new ScriptedPrism()
            .On(Hosts, Replies.List($$$"""{"extId":"h1","hostName":"node-1",{{{state}}}}"""))
            .On(Physical, Replies.List(Row("0000:3b:00.0")));

        GpuHost host = Assert.Single(await ReadAsync(prism));

        Assert.False(host.IsAvailable);
        Assert.Equal(0, host.FreeGpuCount);
    }

    [Fact]
    public async Task Devices_whose_host_cannot_be_known_are_shown_and_reported()
    {
        ScriptedPrism prism = new ScriptedPrism()
            .On(Hosts, Replies.List(Host1, Host2))
            .On(Physical, Replies.List(Row("0000:3b:00.0")));
        var warnings = new List<PlatformWarning>();

        GpuHost host = Assert.Single(await ReadAsync(prism, warnings));

        Assert.Equal("(unknown host of alpha)", host.Name);
        Assert.Null(Assert.Single(host.Gpus).HostId);
        Assert.Contains("could not be matched", Assert.Single(warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_a_host_lists_tell_where_a_device_sits()
    {
        ScriptedPrism prism = new ScriptedPrism()
            .On(Hosts, Replies.List(Host1, """{"extId":"h2","hostName":"node-2","gpuList":["NVIDIA A40"]}"""))
            .On(Physical, Replies.List(Row("0000:3b:00.0")));

        Assert.Equal("node-2", Assert.Single(await ReadAsync(prism)).Name);
    }

    [Fact]
    public async Task The_answer_does_not_depend_on_the_order_of_hosts_and_devices()
    {
        string[] devices = [Device("p1", "h1", "UVM_AVAILABLE"), Device("p2", "h2", "UVM_AVAILABLE"), Device("p3", "h1", "UVM_AVAILABLE")];
        string[] rows = [Row("0000:3b:00.0"), Row("0000:3b:00.0"), Row("0000:86:00.0")];
        ScriptedPrism Prism(bool reversed) => new ScriptedPrism()
            .On(Hosts, Replies.List(reversed ? [Host2, Host1] : [Host1, Host2]))
            .On(Physical, Replies.List(rows))
            .On(Pcie, Replies.List(reversed ? [.. devices.Reverse()] : devices));

        List<GpuHost> one = await ReadAsync(Prism(false));
        List<GpuHost> two = await ReadAsync(Prism(true));

        Assert.Equal(one.SelectMany(h => h.Gpus).Select(g => (g.Id, g.HostId, g.PciAddress)), two.SelectMany(h => h.Gpus).Select(g => (g.Id, g.HostId, g.PciAddress)));
    }

    [Fact]
    public async Task Hosts_come_as_soon_as_their_cluster_is_read()
    {
        var release = new TaskCompletionSource();
        ScriptedPrism prism = new ScriptedPrism()
            .On(Clusters, Replies.List("""{"extId":"c1","name":"alpha"}""", """{"extId":"c2","name":"beta"}"""))
            .On("GET clustermgmt/config/clusters/c2/hosts", Replies.List(Host2))
            .On("GET clustermgmt/config/clusters/c2/physical-gpu-profiles", Replies.List(Row("0000:3b:00.0")));
        prism.Delay = (r, ct) => r.Path == "config/clusters/c1/hosts" ? release.Task.WaitAsync(ct) : Task.CompletedTask;
        await using PrismClient client = await prism.ConnectAsync();

        await foreach (GpuHost host in client.GetGpuHostsAsync(null, Ct))
        {
            // The slow cluster is still being read.
            Assert.False(release.Task.IsCompleted);
            Assert.Equal("node-2", host.Name);
            release.SetResult();
        }

        Assert.True(release.Task.IsCompleted);
    }

    [Fact]
    public async Task Leaving_the_stream_early_stops_the_requests()
    {
        var cancelled = new TaskCompletionSource();
        ScriptedPrism prism = new ScriptedPrism()
            .On(Clusters, Replies.List("""{"extId":"c1","name":"alpha"}""", """{"extId":"c2","name":"beta"}"""))
            .On("GET clustermgmt/config/clusters/c2/hosts", Replies.List(Host2))
            .On("GET clustermgmt/config/clusters/c2/physical-gpu-profiles", Replies.List(Row("0000:3b:00.0")));
        prism.Delay = async (r, ct) =>
        {
            if (r.Path == "config/clusters/c1/hosts")
            {
                await using CancellationTokenRegistration registration = ct.Register(() => cancelled.TrySetResult());
                await Task.Delay(Timeout.Infinite, ct);
            }
        };
        await using PrismClient client = await prism.ConnectAsync();

        GpuHost first = await client.GetGpuHostsAsync(null, Ct).FirstAsync(Ct);

        Assert.Equal("node-2", first.Name);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20), Ct);
    }

    private const string Nic = """{"extId":"n1","hostExtId":"h1","type":"NETWORK_CONTROLLER","configuration":{"vendorId":5555,"deviceId":8757}}""";
    private const string Console = """{"extId":"b1","hostExtId":"h1","type":"DISPLAY_CONTROLLER","description":"ASPEED Graphics Family","configuration":{"vendorId":6659,"deviceId":8192}}""";

    private static async Task<List<GpuHost>> ReadAsync(ScriptedPrism prism, List<PlatformWarning>? warnings = null)
    {
        await using PrismClient client = await prism.ConnectAsync();
        return await client.GetGpuHostsAsync(warnings is null ? null : warnings.Add, Ct).ToListAsync(Ct);
    }

    private static string Row(string sbdf, bool inUse = false, string? vm = null) =>
        $$$"""{"allocatedVmExtIds":[{{{(vm is null ? string.Empty : $"\"{vm}\"")}}}],"physicalGpuConfig":{"assignable":{{{(inUse ? 0 : 1)}}},"deviceId":8757,"deviceName":"Ampere 40","vendorName":"kNvidia","type":"PASSTHROUGH_COMPUTE","mode":"UNUSED","isInUse":{{{(inUse ? "true" : "false")}}},"frameBufferSizeBytes":51539607552,"numaNode":"1","sbdf":"{{{sbdf}}}"}}""";

    private static string Slot(string sbdf, string name, int id, int assignable, bool inUse, string? vm = null) =>
        $$$"""{"allocatedVmExtIds":[{{{(vm is null ? string.Empty : $"\"{vm}\"")}}}],"virtualGpuConfig":{"assignable":{{{assignable}}},"deviceId":{{{id}}},"deviceName":"{{{name}}}","vendorName":"NVIDIA","type":"VIRTUAL","isInUse":{{{(inUse ? "true" : "false")}}},"frameBufferSizeBytes":25769803776,"sbdf":"{{{sbdf}}}"}}""";

    private static string Device(string id, string host, string state, string? owner = null) =>
        $$$"""{"extId":"{{{id}}}","hostExtId":"{{{host}}}","clusterExtId":"c1","ownerVmExtId":"{{{owner}}}","state":"{{{state}}}","type":"DISPLAY_CONTROLLER","description":"NVIDIA Corporation GA102GL [A40]","configuration":{"vendorId":4318,"deviceId":8757}}""";
}
