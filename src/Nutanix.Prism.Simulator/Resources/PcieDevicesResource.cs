using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Query;
using static Nutanix.Prism.Simulator.Api.JsonBuild;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>The PCIe devices of all hosts: GPUs with their owner, and the network and storage controllers beside them.</summary>
internal sealed class PcieDevicesResource(Simulation simulation)
{
    private const string Ns = "clustermgmt.v4.ahv.config.";

    private static readonly FieldSet Fields = new()
    {
        Filterable = FieldSet.Fields(
            text: "extId clusterExtId hostExtId ownerVmExtId description",
            number: "configuration/vendorId configuration/deviceId configuration/classId configuration/subClassId",
            enumeration: "state type"),
        Orderable = FieldSet.Names("hostExtId clusterExtId state type"),
        Selectable = FieldSet.Names("extId clusterExtId hostExtId ownerVmExtId state type description maxPartitions configuration"),
    };

    public void Register(RouteTable routes) => routes.Add("GET", "clustermgmt", "ahv/config/pcie-devices", List);

    private SimulatorResponse List(RequestContext context) =>
        Reply.List(context, Ns + "ListPcieDevicesApiResponse", simulation.Estate.Hosts.SelectMany(h => Enumerable.Range(0, h.Gpus.Count + 2), (host, slot) => (host, slot)), d => Render(d.host, d.slot), Fields,
            clusterOf: d => d.host.Cluster.ExtId, memo: simulation.Lists);

    /// <summary>The device in a slot: the GPUs, then a network and a storage controller.</summary>
    private JsonObject Render(Host host, int slot)
    {
        if (slot < host.Gpus.Count) return Gpu(host.Gpus[slot]);
        return slot == host.Gpus.Count
            ? Device(host, Id(host, "nic"), "NETWORK_CONTROLLER", "HOST_USED", "Ethernet controller: Mellanox Technologies MT2892 Family [ConnectX-6 Dx]", Config(0x15b3, 0x101d, 0x15b3, 0x0016, 0x02, 0x00))
            : Device(host, Id(host, "nvme"), "MASS_STORAGE_CONTROLLER", "HOST_USED", "Non-Volatile memory controller: Samsung Electronics Co Ltd NVMe SSD Controller PM173X", Config(0x144d, 0xa824, 0x144d, 0xa801, 0x01, 0x08));
    }

    private static JsonObject Gpu(GpuDevice gpu)
    {
        var model = gpu.Model;
        var state = gpu.Passthrough is not null ? "UVM_ASSIGNED" : gpu.Instances.Count > 0 ? "HOST_PARTITIONED" : "UVM_AVAILABLE";
        var vendor = model.Vendor switch { "NVIDIA" => "NVIDIA Corporation", "AMD" => "Advanced Micro Devices, Inc. [AMD/ATI]", _ => "Intel Corporation" };
        var kind = (model.ClassId, model.SubClassId) switch { (0x12, _) => "Processing accelerators", (_, 0x02) => "3D controller", _ => "Display controller" };
        var device = Device(
            gpu.Host, gpu.ExtId, model.ClassId == 0x12 ? "PROCESSING_ACCELERATOR" : "DISPLAY_CONTROLLER", state, $"{kind}: {vendor} {model.PciName}",
            Config(model.VendorId, model.DeviceId, model.VendorId, model.SubsystemId, model.ClassId, model.SubClassId));
        if (gpu.Passthrough is { } owner) device["ownerVmExtId"] = owner.ExtId;
        if (gpu.Profile is { } profile) device["maxPartitions"] = profile.MaxInstances;
        return device;
    }

    private static JsonObject Device(Host host, string extId, string type, string state, string description, JsonObject configuration) => Typed(Ns + "PcieDevice",
        ("extId", extId),
        ("clusterExtId", host.Cluster.ExtId),
        ("hostExtId", host.ExtId),
        ("type", type),
        ("state", state),
        ("description", description),
        ("configuration", configuration));

    private static JsonObject Config(int vendor, int device, int subVendor, int subDevice, int classId, int subClass) => Typed(Ns + "PcieDeviceConfiguration",
        ("vendorId", vendor), ("deviceId", device), ("subSystemVendorId", subVendor), ("subSystemId", subDevice),
        ("classId", classId), ("subClassId", subClass), ("progIFace", classId == 1 ? 2 : 0));

    private string Id(Host host, string name) => SeededRandom.Uuid(simulation.Options.Seed, $"pcie/{host.ExtId}/{name}");
}
