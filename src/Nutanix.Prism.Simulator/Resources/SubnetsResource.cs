using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Query;
using static Nutanix.Prism.Simulator.Api.JsonBuild;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>The VLAN subnets of the clusters.</summary>
internal sealed class SubnetsResource(Simulation simulation)
{
    private const string Ns = "networking.v4.config.";

    private static readonly FieldSet Fields = new()
    {
        Filterable = FieldSet.Fields(text: "extId name clusterReference virtualSwitchReference", number: "networkId", boolean: "isExternal isAdvancedNetworking", enumeration: "subnetType"),
        Orderable = FieldSet.Names("name networkId subnetType clusterReference extId"),
        Selectable = FieldSet.Names("extId name subnetType networkId ipConfig clusterReference clusterReferenceList virtualSwitchReference isExternal bridgeName isAdvancedNetworking hypervisorType"),
    };

    public void Register(RouteTable routes)
    {
        routes.Add("GET", "networking", "config/subnets", List);
        routes.Add("GET", "networking", "config/subnets/{extId}", Get);
    }

    private SimulatorResponse List(RequestContext context) =>
        Reply.List(context, Ns + "ListSubnetsApiResponse", simulation.Estate.Subnets, Render, Fields);

    private SimulatorResponse Get(RequestContext context)
    {
        context.AllowOptions();
        var extId = context.Value("extId");
        var subnet = simulation.Estate.Subnets.FirstOrDefault(s => string.Equals(s.ExtId, extId, StringComparison.OrdinalIgnoreCase)) ?? throw ApiException.NotFound("subnet", extId);
        return Reply.Entity(context, Ns + "GetSubnetApiResponse", Render(subnet), ETags.Of(1));
    }

    private static JsonObject Render(Subnet subnet)
    {
        var net = $"10.{subnet.Cluster.Index}.{subnet.Octet}";
        return Typed(Ns + "Subnet",
            ("extId", subnet.ExtId),
            ("name", subnet.Name),
            ("subnetType", "VLAN"),
            ("networkId", subnet.VlanId),
            ("ipConfig", new JsonArray(Typed(Ns + "IPConfig", ("ipv4", Typed(Ns + "IPv4Config",
                ("ipSubnet", Typed(Ns + "IPv4Subnet", ("ip", Ipv4(net + ".0")), ("prefixLength", 24))),
                ("defaultGatewayIp", Ipv4(net + ".1")),
                ("poolList", new JsonArray(Typed(Ns + "IPv4Pool", ("startIp", Ipv4(net + ".20")), ("endIp", Ipv4(net + ".250")))))))))),
            ("clusterReference", subnet.Cluster.ExtId),
            ("virtualSwitchReference", subnet.VirtualSwitchExtId),
            ("isExternal", false),
            ("bridgeName", "br0"),
            ("isAdvancedNetworking", false),
            ("hypervisorType", "acropolis"));
    }
}
