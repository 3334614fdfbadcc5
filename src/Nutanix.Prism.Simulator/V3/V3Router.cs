using Nutanix.Prism.Simulator.Resources;

namespace Nutanix.Prism.Simulator.V3;

/// <summary>Finds the handler of a v3 request.</summary>
internal sealed class V3Router(Simulation simulation)
{
    private readonly V3VmsResource _vms = new(simulation);
    private readonly V3TasksResource _tasks = new(simulation);
    private readonly V3CatalogResource _catalog = new(simulation);
    private readonly V3HostsResource _hosts = new(simulation);
    private readonly V3GroupsResource _groups = new(simulation);

    /// <param name="request">The request.</param>
    /// <param name="path">Decoded segments below <c>/api/nutanix/v3</c>.</param>
    /// <param name="now">The time.</param>
    /// <param name="userName">Who asks.</param>
    /// <param name="loseRace">A scripted fault: somebody else changes the entity just before.</param>
    public SimulatorResponse Handle(SimulatorRequest request, IReadOnlyList<string> path, DateTimeOffset now, string userName, bool loseRace)
    {
        var context = new V3Context(request, now, userName, path, loseRace);
        try
        {
            return Find(context)?.Invoke(context) ?? SimulatorResponse.Plain(404, "404 page not found");
        }
        catch (V3Exception e)
        {
            return V3Context.Error(e);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            // A member of the body has another type than it must have.
            return V3Context.Error(V3Exception.Invalid(e.Message));
        }
    }

    private Func<V3Context, SimulatorResponse>? Find(V3Context context) => (context.Request.Method, context.Path) switch
    {
        ("POST", ["hosts", "list"]) => _hosts.List,
        ("GET", ["hosts", _]) => _hosts.Get,
        ("POST", ["clusters", "list"]) => _catalog.ListClusters,
        ("GET", ["clusters", _]) => _catalog.GetCluster,
        ("POST", ["subnets", "list"]) => _catalog.ListSubnets,
        ("POST", ["images", "list"]) => _catalog.ListImages,
        ("POST", ["categories", "list"]) => _catalog.ListKeys,
        ("POST", ["categories", _, "list"]) => _catalog.ListValues,
        ("POST", ["projects", "list"]) => _catalog.ListProjects,
        ("POST", ["vm_host_affinity_policies", "list"]) => _catalog.ListAffinityPolicies,
        ("POST", ["vms", "list"]) => _vms.List,
        ("POST", ["vms"]) => _vms.Create,
        ("GET", ["vms", _]) => _vms.Get,
        ("PUT", ["vms", _]) => _vms.Update,
        ("DELETE", ["vms", _]) => _vms.Delete,
        ("POST", ["vms", _, "acpi_shutdown" or "acpi_reboot" or "guest_shutdown" or "guest_reboot" or "reset" or "power_cycle"]) => _vms.Act,
        ("POST", ["idempotence_identifiers"]) => _vms.Reserve,
        ("POST", ["tasks", "list"]) => _tasks.List,
        ("GET", ["tasks", _]) => _tasks.Get,
        ("POST", ["tasks", _, "abort"]) => _tasks.Abort,
        ("POST", ["groups"]) => _groups.Query,
        _ => null,
    };
}
