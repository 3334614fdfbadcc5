using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Faults;
using Nutanix.Prism.Simulator.Query;
using Nutanix.Prism.Simulator.Tasks;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>What the handlers share.</summary>
internal sealed record Simulation(Estate Estate, TaskEngine Tasks, SimulatorOptions Options, RequestIds RequestIds, SimulatorLedger Ledger, Chaos Chaos)
{
    public ListMemo Lists { get; } = new();
}

/// <summary>All operations, by namespace.</summary>
internal static class ResourceMap
{
    public static void Register(RouteTable routes, Simulation simulation)
    {
        new ClustersResource(simulation).Register(routes);
        new HostsResource(simulation).Register(routes);
        new ClusterGpuProfilesResource(simulation).Register(routes);
        new CatalogueGpuProfilesResource(simulation).Register(routes);
        new PcieDevicesResource(simulation).Register(routes);
        new VmsResource(simulation).Register(routes);
        new VmActionsResource(simulation).Register(routes);
        new VmGpusResource(simulation).Register(routes);
        new VmStatsResource(simulation).Register(routes);
        new ClusterStatsResource(simulation).Register(routes);
        new ImagesResource(simulation).Register(routes);
        new SubnetsResource(simulation).Register(routes);
        new CategoriesResource(simulation).Register(routes);
        new AffinityPoliciesResource(simulation).Register(routes);
        new TasksResource(simulation).Register(routes);
    }
}
