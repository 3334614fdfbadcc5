using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Query;
using static Nutanix.Prism.Simulator.Api.JsonBuild;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>VM-host affinity policies, to be read: placement obeys them at power-on and migration.</summary>
internal sealed class AffinityPoliciesResource(Simulation simulation)
{
    private const string Ns = "vmm.v4.ahv.policies.";

    private static readonly FieldSet Fields = new()
    {
        Filterable = FieldSet.Fields(text: "extId name"),
        Orderable = FieldSet.Names("name"),
    };

    public void Register(RouteTable routes)
    {
        routes.Add("GET", "vmm", "ahv/policies/vm-host-affinity-policies", context =>
            Reply.List(context, Ns + "ListVmHostAffinityPoliciesApiResponse", simulation.Estate.Policies, Render, Fields));
        routes.Add("GET", "vmm", "ahv/policies/vm-host-affinity-policies/{extId}", Get);
    }

    private SimulatorResponse Get(RequestContext context)
    {
        context.AllowOptions();
        var extId = context.Value("extId");
        var policy = simulation.Estate.Policies.FirstOrDefault(p => string.Equals(p.ExtId, extId, StringComparison.OrdinalIgnoreCase))
            ?? throw ApiException.NotFound("VM-host affinity policy", extId);
        return Reply.Entity(context, Ns + "GetVmHostAffinityPolicyApiResponse", Render(policy), ETags.Of(policy.Revision));
    }

    private static JsonObject Render(AffinityPolicy policy) => Typed(Ns + "VmHostAffinityPolicy",
        ("extId", policy.ExtId),
        ("name", policy.Name),
        ("description", policy.Description),
        ("vmCategories", References(policy.VmCategories)),
        ("hostCategories", References(policy.HostCategories)));

    private static JsonArray References(IEnumerable<string> ids) => Array(ids.Select(id => Typed(Ns + "CategoryReference", ("extId", id))));
}
