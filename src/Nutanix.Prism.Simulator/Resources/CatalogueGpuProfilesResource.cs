using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Gpus;
using Nutanix.Prism.Simulator.Query;
using static Nutanix.Prism.Simulator.Api.JsonBuild;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>The catalogue of v4.3: one row a model or profile over all clusters, without any state of devices.</summary>
internal sealed class CatalogueGpuProfilesResource(Simulation simulation)
{
    private const string Ns = "clustermgmt.v4.ahv.config.";

    private static readonly FieldSet Fields = new()
    {
        Filterable = FieldSet.Fields(text: "extId clusterExtIds configuration/name"),
        Orderable = FieldSet.Names("configuration/name"),
        Selectable = FieldSet.Names("extId clusterExtIds configuration"),
    };

    public void Register(RouteTable routes)
    {
        routes.Add("GET", "clustermgmt", "ahv/config/physical-gpu-profiles", ListPhysical, new ApiVersion(4, 3));
        routes.Add("GET", "clustermgmt", "ahv/config/virtual-gpu-profiles", ListVirtual, new ApiVersion(4, 3));
    }

    /// <summary>Identifier of a catalogue row, from the model's or profile's name.</summary>
    public static string ExtId(int seed, string name) => SeededRandom.Uuid(seed, $"profile/{name}");

    private SimulatorResponse ListPhysical(RequestContext context) =>
        Reply.List(context, Ns + "ListPhysicalGpuProfilesApiResponse", Devices().GroupBy(d => d.Model), g => Row(
            "PhysicalGpuProfile", g.Key.DeviceName, g, Typed(Ns + "PhysicalGpuProfileConfiguration", ("name", g.Key.DeviceName))), Fields);

    private SimulatorResponse ListVirtual(RequestContext context) =>
        Reply.List(context, Ns + "ListVirtualGpuProfilesApiResponse", Devices().Where(d => d.Shared).GroupBy(d => d.Model).SelectMany(
            g => g.Key.VgpuProfiles, (g, profile) => (Devices: g, Profile: profile)), row => Row("VirtualGpuProfile", row.Profile.Name, row.Devices, Configuration(row.Profile)), Fields);

    private IEnumerable<GpuDevice> Devices() => simulation.Estate.Hosts.SelectMany(h => h.Gpus);

    private JsonObject Row(string type, string name, IEnumerable<GpuDevice> devices, JsonObject configuration) => Typed(Ns + type,
        ("extId", ExtId(simulation.Options.Seed, name)),
        ("clusterExtIds", Texts(devices.Select(d => d.Host.Cluster.ExtId).Distinct())),
        ("configuration", configuration));

    private static JsonObject Configuration(VgpuProfile profile) => Typed(Ns + "VirtualGpuProfileConfiguration",
        ("name", profile.Name),
        ("frameBufferSizeBytes", profile.FrameBufferBytes),
        ("licenses", Texts(profile.License.Split(';'))),
        ("maxInstances", profile.MaxInstances),
        ("maxInstancesPerVm", profile.MaxInstancesPerVm),
        ("maxResolution", profile.MaxResolution.Replace("x", " x ", StringComparison.Ordinal)),
        ("numberOfVirtualDisplayHeads", profile.DisplayHeads));
}
