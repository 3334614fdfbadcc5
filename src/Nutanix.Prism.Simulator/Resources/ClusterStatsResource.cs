using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Query;
using Nutanix.Prism.Simulator.Stats;
using static Nutanix.Prism.Simulator.Api.JsonBuild;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>
/// Statistics of hosts and clusters: a column a metric, the newest value first. None of them tells of GPUs, as in every
/// release. Past values count the VMs that run on the host now.
/// </summary>
internal sealed class ClusterStatsResource(Simulation simulation)
{
    private const string Ns = "clustermgmt.v4.stats.";
    private const long StorageBytesPerHost = 2 * 3_840_755_982_336L;

    private static readonly string[] Options = ["$startTime", "$endTime", "$samplingInterval", "$statType", "$select"];

    private static readonly string[] Metrics = FieldSet.Names(
        "hypervisorCpuUsagePpm cpuUsageHz cpuCapacityHz overallMemoryUsagePpm aggregateHypervisorMemoryUsagePpm overallMemoryUsageBytes memoryCapacityBytes freeMemoryBytes powerConsumptionInstantWatt healthCheckScore controllerNumIops controllerAvgIoLatencyUsecs ioBandwidthKbps storageUsageBytes storageCapacityBytes freePhysicalStorageBytes");

    public void Register(RouteTable routes)
    {
        routes.Add("GET", "clustermgmt", "stats/clusters/{clusterExtId}", GetCluster);
        routes.Add("GET", "clustermgmt", "stats/clusters/{clusterExtId}/hosts/{extId}", GetHost);
    }

    private SimulatorResponse GetCluster(RequestContext context)
    {
        var cluster = Cluster(context);
        return Get(context, "ClusterStats", cluster.ExtId, cluster.Hosts);
    }

    private SimulatorResponse GetHost(RequestContext context)
    {
        var extId = context.Value("extId");
        var host = Cluster(context).Hosts.FirstOrDefault(h => string.Equals(h.ExtId, extId, StringComparison.OrdinalIgnoreCase)) ?? throw ApiException.NotFound("host", extId);
        return Get(context, "HostStats", host.ExtId, [host]);
    }

    private Cluster Cluster(RequestContext context) =>
        simulation.Estate.Cluster(context.Value("clusterExtId")) ?? throw ApiException.NotFound("cluster", context.Value("clusterExtId"));

    private SimulatorResponse Get(RequestContext context, string type, string extId, IReadOnlyList<Host> hosts)
    {
        context.AllowOptions(Options);
        var query = StatsQuery.Parse(context, Metrics, simulation.Options.StatsDelay);
        var result = Typed(Ns + type, ("extId", extId));
        foreach (var metric in Metrics.Where(query.Wants))
        {
            if (hosts.Count == 0) break;
            var values = query.Times(DateTimeOffset.MinValue).Reverse().Select(time => Typed(
                Ns + "TimeValuePair", ("timestamp", WireFormat.Time(time)), ("value", query.Aggregate(time, at => Value(metric, hosts, at)))));
            result[metric] = Array(values);
        }

        return Reply.Entity(context, $"{Ns}{type}ApiResponse", result);
    }

    private double Value(string metric, IReadOnlyList<Host> hosts, DateTimeOffset at)
    {
        double capacityHz = hosts.Sum(h => h.Hardware.CpuFrequencyHz * h.CpuCores);
        double memory = hosts.Sum(h => h.Hardware.MemoryBytes);
        double storage = StorageBytesPerHost * hosts.Count;
        return metric switch
        {
            "cpuCapacityHz" => capacityHz,
            "cpuUsageHz" => hosts.Sum(h => UsedHz(h, at)),
            "hypervisorCpuUsagePpm" => 1e6 * Math.Min(1, hosts.Sum(h => UsedHz(h, at)) / capacityHz),
            "memoryCapacityBytes" => memory,
            "overallMemoryUsageBytes" => hosts.Sum(h => UsedMemory(h, at)),
            "freeMemoryBytes" => memory - hosts.Sum(h => UsedMemory(h, at)),
            "overallMemoryUsagePpm" or "aggregateHypervisorMemoryUsagePpm" => 1e6 * hosts.Sum(h => UsedMemory(h, at)) / memory,
            "powerConsumptionInstantWatt" => hosts.Sum(h => 320 + (400 * UsedHz(h, at) / (h.Hardware.CpuFrequencyHz * (double)h.CpuCores))),
            "healthCheckScore" => 100,
            "controllerNumIops" => hosts.Sum(h => OfVms(h, "controllerNumIops", at)) + (40 * hosts.Count),
            "ioBandwidthKbps" => hosts.Sum(h => OfVms(h, "controllerIoBandwidthKbps", at)) + (800 * hosts.Count),
            "controllerAvgIoLatencyUsecs" => hosts.Average(h => 280 + (h.Running.Count == 0 ? 0 : OfVms(h, "controllerAvgIoLatencyMicros", at) / h.Running.Count / 4)),
            "storageCapacityBytes" => storage,
            "storageUsageBytes" => storage * 0.31,
            "freePhysicalStorageBytes" => storage * 0.69,
            _ => throw new InvalidOperationException($"No value for the metric {metric}."),
        };
    }

    private double UsedHz(Host host, DateTimeOffset at) =>
        // The controller VM keeps a few cores busy whatever the others do.
        host.Hardware.CpuFrequencyHz * Math.Min(host.CpuCores, 2 + (OfVms(host, "numVcpusUsedPpm", at) / 1e6));

    private double UsedMemory(Host host, DateTimeOffset at) =>
        Host.ReservedMemoryBytes + host.Running.Where(vm => vm.RunningSince(at) is not null).Sum(vm => vm.MemoryBytes);

    private double OfVms(Host host, string metric, DateTimeOffset at) =>
        host.Running.Sum(vm => VmMetrics.At(vm, metric, SeededRandom.Key(vm.ExtId) ^ simulation.Options.Seed, at));
}
