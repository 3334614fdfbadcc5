using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Query;
using static Nutanix.Prism.Simulator.Api.JsonBuild;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>Hosts: all of them, those of a cluster, and one of a cluster (there is no un-nested single host).</summary>
internal sealed class HostsResource(Simulation simulation)
{
    private const string Ns = "clustermgmt.v4.config.";

    private static readonly FieldSet Fields = new()
    {
        Filterable = FieldSet.Fields(
            text: "extId hostName cluster/uuid cluster/name cpuModel gpuDriverVersion blockModel blockSerial nodeSerial hypervisor/fullName maintenanceState",
            number: "memorySizeBytes numberOfCpuCores numberOfCpuSockets numberOfCpuThreads cpuFrequencyHz cpuCapacityHz bootTimeUsecs hypervisor/numberOfVms",
            boolean: "isDegraded isRebootPending isSecureBooted isHardwareVirtualized",
            enumeration: "hostType nodeStatus hypervisor/type hypervisor/state"),
        Orderable = FieldSet.Names("hostName memorySizeBytes numberOfCpuCores numberOfCpuSockets numberOfCpuThreads cpuModel bootTimeUsecs cluster/name extId"),
        Selectable = FieldSet.Names(
            "extId hostName hostType hypervisor cluster controllerVm disk isDegraded isSecureBooted isHardwareVirtualized hasCsr numberOfCpuCores numberOfCpuThreads numberOfCpuSockets cpuCapacityHz cpuFrequencyHz cpuModel gpuDriverVersion gpuList bootTimeUsecs memorySizeBytes nodeSerial blockSerial blockModel ipmi maintenanceState nodeStatus isRebootPending rackableUnitUuid"),
    };

    public void Register(RouteTable routes)
    {
        routes.Add("GET", "clustermgmt", "config/hosts", List);
        routes.Add("GET", "clustermgmt", "config/clusters/{clusterExtId}/hosts", ListOfCluster);
        routes.Add("GET", "clustermgmt", "config/clusters/{clusterExtId}/hosts/{extId}", Get);
    }

    private SimulatorResponse List(RequestContext context) =>
        Reply.List(context, Ns + "ListHostsApiResponse", simulation.Estate.Hosts, Render, Fields);

    private SimulatorResponse ListOfCluster(RequestContext context) =>
        Reply.List(context, Ns + "ListHostsByClusterIdApiResponse", Cluster(context).Hosts, Render, Fields);

    private SimulatorResponse Get(RequestContext context)
    {
        context.AllowOptions();
        var extId = context.Value("extId");
        var host = Cluster(context).Hosts.FirstOrDefault(h => string.Equals(h.ExtId, extId, StringComparison.OrdinalIgnoreCase)) ?? throw ApiException.NotFound("host", extId);
        return Reply.Entity(context, Ns + "GetHostApiResponse", Render(host), ETags.Of(1));
    }

    private Cluster Cluster(RequestContext context) =>
        simulation.Estate.Cluster(context.Value("clusterExtId")) ?? throw ApiException.NotFound("cluster", context.Value("clusterExtId"));

    private JsonObject Render(Host host)
    {
        var hardware = host.Hardware;
        var serial = SeededRandom.Bits(simulation.Options.Seed, SeededRandom.Key(host.ExtId)) % 1_000_000_000;
        return Typed(Ns + "Host",
            ("extId", host.ExtId),
            ("hostName", host.Name),
            ("hostType", "HYPER_CONVERGED"),
            ("hypervisor", Typed(Ns + "HypervisorReference",
                ("externalAddress", IpAddress(host.Address)), ("userName", "root"), ("fullName", "AHV 10.3"), ("type", "AHV"),
                ("numberOfVms", host.Running.Count), ("state", "ACROPOLIS_NORMAL"), ("acropolisConnectionState", "CONNECTED"))),
            ("cluster", Typed(Ns + "ClusterReference", ("uuid", host.Cluster.ExtId), ("name", host.Cluster.Name))),
            ("controllerVm", Typed(Ns + "ControllerVmReference",
                ("externalAddress", IpAddress(host.ControllerVmAddress)), ("backplaneAddress", IpAddress(host.ControllerVmAddress)), ("isInMaintenanceMode", false))),
            ("disk", Array(Enumerable.Range(0, 2).Select(i => Disk(host, i)))),
            ("isDegraded", false),
            ("isSecureBooted", false),
            ("isHardwareVirtualized", false),
            ("isRebootPending", false),
            ("hasCsr", false),
            ("numberOfCpuSockets", hardware.CpuSockets),
            ("numberOfCpuCores", host.CpuCores),
            ("numberOfCpuThreads", host.CpuCores * 2),
            ("cpuFrequencyHz", hardware.CpuFrequencyHz),
            ("cpuCapacityHz", hardware.CpuFrequencyHz * host.CpuCores),
            ("cpuModel", hardware.CpuModel),
            ("gpuDriverVersion", host.GpuDriverVersion),
            // A host without GPUs reports one empty string, not an empty list.
            ("gpuList", Texts(host.Gpus.Count == 0 ? [""] : host.Gpus.Select(g => g.Model.DeviceName))),
            ("bootTimeUsecs", host.BootTime.ToUnixTimeMilliseconds() * 1000),
            ("memorySizeBytes", hardware.MemoryBytes),
            ("nodeSerial", $"S{serial:D9}"),
            ("blockSerial", $"B{serial:D9}"),
            ("blockModel", hardware.BlockModel),
            ("ipmi", Typed(Ns + "IpmiReference", ("ip", IpAddress($"10.{host.Cluster.Index}.{151 + (host.Index / 200)}.{20 + (host.Index % 200)}")), ("username", "ADMIN"))),
            ("maintenanceState", "normal"),
            ("nodeStatus", "NORMAL"),
            ("rackableUnitUuid", SeededRandom.Uuid(simulation.Options.Seed, $"block/{host.ExtId}")));
    }

    private JsonObject Disk(Host host, int index)
    {
        var serial = $"PHLN{SeededRandom.Bits(simulation.Options.Seed, SeededRandom.Key(host.ExtId), index) % 100_000_000:D8}";
        return Typed(Ns + "DiskReference",
            ("uuid", SeededRandom.Uuid(simulation.Options.Seed, $"hostdisk/{host.ExtId}/{serial}")),
            ("serialId", serial),
            ("mountPath", $"/home/nutanix/data/stargate-storage/disks/{serial}"),
            ("sizeInBytes", 3_840_755_982_336L),
            ("storageTier", "PCIE_SSD"));
    }
}
