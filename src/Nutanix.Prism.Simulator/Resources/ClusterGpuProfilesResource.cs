using System.Globalization;
using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Gpus;
using Nutanix.Prism.Simulator.Query;
using static Nutanix.Prism.Simulator.Api.JsonBuild;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>
/// The cluster-scoped GPU profiles: one row a device (and, on hosts that share, one more a vGPU profile of each device).
/// The rows do not say on which host the device is.
/// </summary>
internal sealed class ClusterGpuProfilesResource(Simulation simulation)
{
    private const string Ns = "clustermgmt.v4.config.";

    private static readonly FieldSet Physical = new()
    {
        Filterable = Fields("physicalGpuConfig", "mode"),
        Orderable = FieldSet.Names("physicalGpuConfig/deviceName physicalGpuConfig/deviceId"),
    };

    private static readonly FieldSet Virtual = new()
    {
        Filterable = Fields("virtualGpuConfig", null),
        Orderable = FieldSet.Names("virtualGpuConfig/deviceName virtualGpuConfig/deviceId"),
    };

    public void Register(RouteTable routes)
    {
        routes.Add("GET", "clustermgmt", "config/clusters/{clusterExtId}/physical-gpu-profiles", ListPhysical);
        routes.Add("GET", "clustermgmt", "config/clusters/{clusterExtId}/virtual-gpu-profiles", ListVirtual);
    }

    private SimulatorResponse ListPhysical(RequestContext context) =>
        Reply.List(context, Ns + "ListPhysicalGpuProfilesApiResponse", Devices(context), RenderPhysical, Physical);

    private SimulatorResponse ListVirtual(RequestContext context) => Reply.List(
        context, Ns + "ListVirtualGpuProfilesApiResponse",
        Devices(context).Where(d => d.Shared).SelectMany(d => d.Model.VgpuProfiles, (device, profile) => (device, profile)), row => RenderVirtual(row.device, row.profile), Virtual);

    private IEnumerable<GpuDevice> Devices(RequestContext context)
    {
        var extId = context.Value("clusterExtId");
        var cluster = simulation.Estate.Cluster(extId) ?? throw ApiException.NotFound("cluster", extId);
        return cluster.IsPrismCentral
            ? throw new ApiException(400, null, "CLUSTERMGMT_SERVICE_ERROR", $"GPU profiles are not available for the cluster '{extId}': it is a Prism Central.")
            : cluster.Hosts.SelectMany(h => h.Gpus);
    }

    private JsonObject RenderPhysical(GpuDevice device)
    {
        var users = device.Passthrough is { } vm ? [vm] : device.Instances.Distinct().ToList();
        return Typed(Ns + "PhysicalGpuProfile",
            ("extId", SeededRandom.Uuid(simulation.Options.Seed, $"physical/{device.ExtId}")),
            ("allocatedVmExtIds", users.Count == 0 ? null : Texts(users.Select(u => u.ExtId))),
            ("physicalGpuConfig", Typed(Ns + "PhysicalGpuConfig",
                ("type", device.Model.PassthroughType),
                ("mode", device.Passthrough is not null ? "USED_FOR_PASSTHROUGH" : device.Instances.Count > 0 ? "USED_FOR_VIRTUAL" : "UNUSED"),
                ("vendorName", device.Model.ProfileVendorName),
                ("deviceId", device.Model.DeviceId),
                ("deviceName", device.Model.DeviceName),
                ("sbdf", device.Address.ToString()),
                ("isInUse", !device.IsFree),
                ("assignable", device.IsFree ? 1 : 0),
                ("numaNode", device.NumaNode.ToString(CultureInfo.InvariantCulture)),
                ("frameBufferSizeBytes", device.Model.MemoryBytes))));
    }

    private JsonObject RenderVirtual(GpuDevice device, VgpuProfile profile)
    {
        var users = device.Profile == profile ? device.Instances.Distinct().ToList() : [];
        return Typed(Ns + "VirtualGpuProfile",
            ("extId", SeededRandom.Uuid(simulation.Options.Seed, $"virtual/{device.ExtId}/{profile.Name}")),
            ("allocatedVmExtIds", users.Count == 0 ? null : Texts(users.Select(u => u.ExtId))),
            ("virtualGpuConfig", Typed(Ns + "VirtualGpuConfig",
                ("type", "VIRTUAL"),
                ("vendorName", device.Model.ProfileVendorName),
                ("deviceId", profile.TypeId),
                ("deviceName", profile.Name),
                ("sbdf", device.Address.ToString()),
                ("isInUse", users.Count > 0),
                ("assignable", device.Available(profile)),
                ("numaNode", device.NumaNode.ToString(CultureInfo.InvariantCulture)),
                ("frameBufferSizeBytes", profile.FrameBufferBytes),
                ("guestDriverVersion", device.Host.GpuDriverVersion),
                ("licenses", Texts(profile.License.Split(';'))),
                ("maxInstancesPerVm", profile.MaxInstancesPerVm),
                ("maxResolution", profile.MaxResolution),
                ("numberOfVirtualDisplayHeads", profile.DisplayHeads))));
    }

    private static Dictionary<string, FieldType> Fields(string config, string? mode) => FieldSet.Fields(
        text: $"{config}/deviceName {config}/vendorName {config}/sbdf {config}/numaNode allocatedVmExtIds",
        number: $"{config}/deviceId {config}/assignable {config}/frameBufferSizeBytes",
        boolean: $"{config}/isInUse",
        enumeration: mode is null ? $"{config}/type" : $"{config}/type {config}/{mode}");
}
