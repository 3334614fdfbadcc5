using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Query;
using static Nutanix.Prism.Simulator.Api.JsonBuild;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary><c>clustermgmt …/config/clusters</c>, Prism Central's own cluster among them.</summary>
internal sealed class ClustersResource(Simulation simulation)
{
    private const string Ns = "clustermgmt.v4.config.";

    private static readonly FieldSet Fields = new()
    {
        Filterable = FieldSet.Fields(
            text: "extId name config/buildInfo/version nodes/nodeList/nodeUuid",
            number: "vmCount nodes/numberOfNodes config/redundancyFactor",
            boolean: "config/isAvailable config/isLts",
            enumeration: "config/clusterFunction config/hypervisorTypes config/clusterArch upgradeStatus"),
        Orderable = FieldSet.Names("name vmCount nodes/numberOfNodes extId"),
        Selectable = FieldSet.Names("extId name config network nodes upgradeStatus vmCount inefficientVmCount backupEligibilityScore categories clusterProfileExtId containerName"),
    };

    public void Register(RouteTable routes)
    {
        routes.Add("GET", "clustermgmt", "config/clusters", List);
        routes.Add("GET", "clustermgmt", "config/clusters/{extId}", Get);
    }

    private SimulatorResponse List(RequestContext context) =>
        Reply.List(context, Ns + "ListClustersApiResponse", simulation.Estate.Clusters, Render, Fields);

    private SimulatorResponse Get(RequestContext context)
    {
        context.AllowOptions();
        var cluster = simulation.Estate.Cluster(context.Value("extId")) ?? throw ApiException.NotFound("cluster", context.Value("extId"));
        return Reply.Entity(context, Ns + "GetClusterApiResponse", Render(cluster), ETags.Of(1));
    }

    private JsonObject Render(Cluster cluster) => Typed(Ns + "Cluster",
        ("extId", cluster.ExtId),
        ("name", cluster.Name),
        ("config", Config(cluster)),
        ("network", Typed(Ns + "ClusterNetworkReference",
            ("externalAddress", IpAddress(cluster.Address)),
            ("externalSubnet", $"10.{cluster.Index}.0.0/255.255.0.0"),
            ("internalSubnet", "192.168.5.0/255.255.255.0"))),
        ("nodes", Nodes(cluster)),
        ("upgradeStatus", cluster.IsPrismCentral ? null : "SUCCEEDED"),
        ("vmCount", cluster.IsPrismCentral ? null : simulation.Estate.Vms.Count(vm => vm.Cluster == cluster)));

    private static JsonObject Config(Cluster cluster)
    {
        var version = cluster.IsPrismCentral ? "7.6" : "7.5";
        var fullVersion = $"el8.5-release-ganges-{version}-stable";
        return Typed(Ns + "ClusterConfigReference",
            ("buildInfo", Typed(Ns + "BuildReference", ("buildType", "release"), ("version", version), ("fullVersion", fullVersion))),
            ("clusterArch", "X86_64"),
            ("clusterFunction", Texts([cluster.IsPrismCentral ? "PRISM_CENTRAL" : "AOS"])),
            ("clusterSoftwareMap", new JsonArray(
                Typed(Ns + "SoftwareMapReference", ("softwareType", "NCC"), ("version", "ncc-5.3.0")),
                Typed(Ns + "SoftwareMapReference", ("softwareType", cluster.IsPrismCentral ? "PRISM_CENTRAL" : "NOS"), ("version", fullVersion)))),
            // A recorded Prism Central reports this literal for itself.
            ("hypervisorTypes", Texts([cluster.IsPrismCentral ? "$UNKNOWN" : "AHV"])),
            ("isAvailable", true),
            ("isLts", false),
            ("operationMode", "NORMAL"),
            ("redundancyFactor", cluster.Hosts.Count >= 3 ? 2 : 1),
            ("timezone", "UTC"));
    }

    private static JsonObject Nodes(Cluster cluster)
    {
        var items = cluster.IsPrismCentral
            ? [Typed(Ns + "NodeListItemReference", ("nodeUuid", cluster.StorageContainerExtId), ("controllerVmIp", IpAddress(cluster.Address)))]
            : cluster.Hosts.Select(h => Typed(Ns + "NodeListItemReference",
                ("nodeUuid", h.ExtId), ("hostIp", IpAddress(h.Address)), ("controllerVmIp", IpAddress(h.ControllerVmAddress))));
        var nodes = items.ToList();
        return Typed(Ns + "NodeReference", ("nodeList", Array(nodes)), ("numberOfNodes", nodes.Count));
    }
}
