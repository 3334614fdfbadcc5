using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Resources;
using static Nutanix.Prism.Simulator.V3.V3Context;

namespace Nutanix.Prism.Simulator.V3;

/// <summary>Clusters, subnets, images and categories: what machines refer to.</summary>
internal sealed class V3CatalogResource(Simulation simulation)
{
    public SimulatorResponse ListClusters(V3Context context) =>
        V3Lists.Page(context, "cluster", simulation.Estate.Clusters, Render, ("name", c => c.Name));

    public SimulatorResponse GetCluster(V3Context context) =>
        Json(200, Render(simulation.Estate.Cluster(context.Path[1]) ?? throw V3Exception.NotFound("cluster", context.Path[1])));

    public SimulatorResponse ListSubnets(V3Context context) =>
        V3Lists.Page(context, "subnet", simulation.Estate.Subnets, Render, ("name", s => s.Name));

    public SimulatorResponse ListImages(V3Context context) =>
        V3Lists.Page(context, "image", simulation.Estate.Images, Render, ("name", i => i.Name));

    public SimulatorResponse ListKeys(V3Context context) => V3Lists.Page(
        context, "category", simulation.Estate.Categories.DistinctBy(c => c.Key), c => new JsonObject { ["name"] = c.Key, ["system_defined"] = false }, ("name", c => c.Key));

    public SimulatorResponse ListValues(V3Context context) => V3Lists.Page(
        context, "category", simulation.Estate.Categories.Where(c => c.Key == context.Path[1]), c => new JsonObject { ["name"] = c.Key, ["value"] = c.Value }, ("value", c => c.Value));

    public SimulatorResponse ListProjects(V3Context context) => V3Lists.Page(
        context, "project", simulation.Estate.Projects, p => Entity("project", p.ExtId, p.Name, [], DateTimeOffset.UnixEpoch.AddYears(52)), ("name", p => p.Name));

    public SimulatorResponse ListAffinityPolicies(V3Context context) =>
        V3Lists.Page(context, "vm_host_affinity_policy", simulation.Estate.Policies, Render);

    private JsonObject Render(AffinityPolicy policy) => new()
    {
        ["info"] = new JsonObject
        {
            ["config"] = new JsonObject
            {
                ["name"] = policy.Name,
                ["vm_categories"] = Mapping(policy.VmCategories),
                ["host_categories"] = Mapping(policy.HostCategories),
            },
        },
        ["metadata"] = new JsonObject { ["kind"] = "vm_host_affinity_policy", ["uuid"] = policy.ExtId, ["entity_version"] = policy.Revision },
    };

    private JsonObject Mapping(IReadOnlyList<string> ids) => new(simulation.Estate.Categories
        .Where(c => ids.Contains(c.ExtId))
        .GroupBy(c => c.Key)
        .Select(g => KeyValuePair.Create(g.Key, (JsonNode?)JsonBuild.Texts(g.Select(c => c.Value)))));

    private static JsonObject Render(Cluster cluster)
    {
        var version = cluster.IsPrismCentral ? "pc.2022.6" : "6.5.4.5";
        var resources = new JsonObject
        {
            ["config"] = new JsonObject
            {
                ["service_list"] = JsonBuild.Texts([cluster.IsPrismCentral ? "PRISM_CENTRAL" : "AOS"]),
                ["cluster_arch"] = "X86_64",
                ["is_available"] = true,
                ["build"] = new JsonObject { ["version"] = version, ["full_version"] = $"el7.3-release-{version}-stable" },
                ["operation_mode"] = "NORMAL",
                ["timezone"] = "UTC",
            },
            ["network"] = new JsonObject { ["external_ip"] = cluster.Address },
        };
        if (!cluster.IsPrismCentral)
        {
            // A recorded cluster lists its nodes and, as one more, the loopback address.
            resources["nodes"] = new JsonObject
            {
                ["hypervisor_server_list"] = JsonBuild.Array(cluster.Hosts
                    .Select(h => new JsonObject { ["ip"] = h.Address, ["type"] = "AHV", ["version"] = "el7.nutanix.20220304.488" })
                    .Append(new JsonObject { ["ip"] = "127.0.0.1", ["type"] = "null", ["version"] = "" })),
            };
        }

        return Entity("cluster", cluster.ExtId, cluster.Name, resources, DateTimeOffset.UnixEpoch.AddYears(52));
    }

    private static JsonObject Render(Subnet subnet)
    {
        var net = $"10.{subnet.Cluster.Index}.{subnet.Octet}";
        var entity = Entity("subnet", subnet.ExtId, subnet.Name, new JsonObject
        {
            ["subnet_type"] = "VLAN",
            ["vlan_id"] = subnet.VlanId,
            ["vswitch_name"] = "br0",
            ["virtual_switch_uuid"] = subnet.VirtualSwitchExtId,
            ["ip_config"] = new JsonObject { ["subnet_ip"] = net + ".0", ["prefix_length"] = 24, ["default_gateway_ip"] = net + ".1" },
        }, DateTimeOffset.UnixEpoch.AddYears(52));
        entity["status"]!["cluster_reference"] = Reference("cluster", subnet.Cluster.ExtId, subnet.Cluster.Name);
        return entity;
    }

    private JsonObject Render(Image image) => Entity("image", image.ExtId, image.Name, new JsonObject
    {
        ["image_type"] = image.Type,
        ["size_bytes"] = image.SizeBytes,
        ["current_cluster_reference_list"] = JsonBuild.Array(simulation.Estate.Clusters.Where(c => !c.IsPrismCentral).Select(c => Reference("cluster", c.ExtId))),
    }, image.CreateTime);

    private static JsonObject Entity(string kind, string uuid, string name, JsonObject resources, DateTimeOffset created) => new()
    {
        ["status"] = new JsonObject { ["state"] = "COMPLETE", ["name"] = name, ["resources"] = resources, ["execution_context"] = new JsonObject { ["task_uuid"] = new JsonArray() } },
        ["spec"] = new JsonObject { ["name"] = name, ["resources"] = new JsonObject() },
        ["metadata"] = new JsonObject { ["kind"] = kind, ["uuid"] = uuid, ["spec_version"] = 1, ["creation_time"] = Time(created), ["last_update_time"] = Time(created), ["categories"] = new JsonObject() },
    };
}
