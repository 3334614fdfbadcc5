using System.Globalization;
using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Gpus;
using Nutanix.Prism.Simulator.Schema;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>Reads what clients send for VMs and their GPUs.</summary>
internal static class VmBody
{
    /// <summary>A body that keeps to a schema.</summary>
    /// <exception cref="SchemaException">All that is wrong with it.</exception>
    public static JsonObject Read(RequestContext context, ObjectSchema schema, Action<JsonObject, List<SchemaException.Violation>>? check = null)
    {
        var violations = new List<SchemaException.Violation>();
        var body = schema.Read(context.Body(), "", violations);
        check?.Invoke(body, violations);
        return violations.Count == 0 ? body : throw new SchemaException(violations);
    }

    /// <summary>The <c>gpus</c> of a VM body, taken out of it.</summary>
    public static List<VmGpu> TakeGpus(JsonObject body, Estate estate, List<SchemaException.Violation> violations)
    {
        var gpus = new List<VmGpu>();
        if (body["gpus"] is not JsonArray items) return gpus;
        for (var i = 0; i < items.Count; i++)
        {
            if (Gpu((JsonObject)items[i]!, estate, string.Create(CultureInfo.InvariantCulture, $"/gpus/{i}"), violations) is { } gpu) gpus.Add(gpu);
        }

        body.Remove("gpus");
        return gpus;
    }

    /// <summary>One GPU: by mode, vendor and device id, or by a profile of the catalogue.</summary>
    public static VmGpu? Gpu(JsonObject body, Estate estate, string path, List<SchemaException.Violation> violations)
    {
        var extId = (string?)body["extId"] ?? estate.NewUuid();
        if (body["backingInfo"] is JsonObject backing) return FromProfile(backing, extId, estate, path, violations);

        foreach (var name in new[] { "mode", "vendor", "deviceId" })
        {
            if (body[name] is null) violations.Add(new("REQUEST_BODY", $"The field '{name}' is required for a GPU.", $"{path}/{name}"));
        }

        if ((string?)body["mode"] is not { } mode || (string?)body["vendor"] is not { } vendor || (int?)JsonBuild.Integer(body["deviceId"]) is not { } deviceId) return null;
        var isVirtual = mode == "VIRTUAL";
        var profile = isVirtual ? GpuCatalogue.Models.SelectMany(m => m.VgpuProfiles).FirstOrDefault(p => p.TypeId == deviceId) : null;
        return new VmGpu
        {
            ExtId = extId,
            Mode = mode,
            Vendor = vendor,
            DeviceId = deviceId,
            Profile = profile,
            Model = GpuCatalogue.Models.FirstOrDefault(m => m.Vendor == vendor && (isVirtual ? profile is not null && m.VgpuProfiles.Contains(profile) : m.DeviceId == deviceId)),
            PinnedAddress = body["pciAddress"] is JsonObject a
                ? new PciAddress(Part(a, "segment"), Part(a, "bus"), Part(a, "device"), Part(a, "func"))
                : null,
            RequestedName = (string?)body["name"],
        };
    }

    /// <summary>Fills in what the platform assigns: identifiers, addresses, sizes.</summary>
    public static void Complete(VirtualMachine vm, Estate estate)
    {
        VmDefaults.Complete(vm, _ => estate.NewUuid());
        foreach (var disk in Objects(vm.Config, "disks").Concat(Objects(vm.Config, "cdRoms"))) CompleteDisk(disk, vm, estate);
        foreach (var nic in Objects(vm.Config, "nics")) CompleteNic(nic, estate);
    }

    /// <summary>The first thing a configuration refers to that is not there, in words; null when all is.</summary>
    public static string? Unresolved(VirtualMachine vm, Estate estate)
    {
        foreach (var disk in Objects(vm.Config, "disks").Concat(Objects(vm.Config, "cdRoms")))
        {
            if ((string?)disk["backingInfo"]?["dataSource"]?["reference"]?["imageExtId"] is { } image && Find(estate.Images, i => i.ExtId, image) is null) return $"the image '{image}'";
        }

        foreach (var nic in Objects(vm.Config, "nics"))
        {
            if ((string?)nic["networkInfo"]?["subnet"]?["extId"] is not { } id) continue;
            if (Find(estate.Subnets, s => s.ExtId, id) is not { } subnet) return $"the subnet '{id}'";
            if (subnet.Cluster != vm.Cluster) return $"the subnet '{subnet.Name}' on cluster '{vm.Cluster.Name}'";
        }

        if (((string?)vm.Config["project"]?["extId"] ?? (string?)vm.Config["projectExtId"]) is { } project && Find(estate.Projects, p => p.ExtId, project) is null) return $"the project '{project}'";
        foreach (var id in VmRenderer.CategoryIds(vm))
        {
            if (Find(estate.Categories, c => c.ExtId, id) is null) return $"the category '{id}'";
        }

        return null;
    }

    private static int Part(JsonObject address, string name) => (int)(JsonBuild.Integer(address[name]) ?? 0);

    private static VmGpu? FromProfile(JsonObject backing, string extId, Estate estate, string path, List<SchemaException.Violation> violations)
    {
        var isVirtual = backing["virtualGpuProfileReference"] is not null;
        var id = (string?)(backing["physicalGpuProfileReference"] ?? backing["virtualGpuProfileReference"])?["extId"] ?? "";
        foreach (var model in GpuCatalogue.Models)
        {
            if (!isVirtual && SameId(model.DeviceName))
            {
                return new VmGpu { ExtId = extId, Mode = model.PassthroughType, Vendor = model.Vendor, DeviceId = model.DeviceId, Model = model };
            }

            if (isVirtual && model.VgpuProfiles.FirstOrDefault(p => SameId(p.Name)) is { } profile)
            {
                return new VmGpu { ExtId = extId, Mode = "VIRTUAL", Vendor = model.Vendor, DeviceId = profile.TypeId, Model = model, Profile = profile };
            }
        }

        violations.Add(new("REQUEST_BODY", $"There is no {(isVirtual ? "virtual" : "physical")} GPU profile '{id}'.", path + "/backingInfo"));
        return null;

        bool SameId(string name) => string.Equals(CatalogueGpuProfilesResource.ExtId(estate.Seed, name), id, StringComparison.OrdinalIgnoreCase);
    }

    private static void CompleteDisk(JsonObject disk, VirtualMachine vm, Estate estate)
    {
        disk.TryAdd("extId", estate.NewUuid());
        if (disk["backingInfo"] is not JsonObject backing || (string?)backing["$objectType"] is "vmm.v4.ahv.config.ADSFVolumeGroupReference") return;
        backing.TryAdd("diskExtId", (string?)disk["extId"]);
        backing.TryAdd("storageContainer", JsonBuild.Typed("vmm.v4.ahv.config.VmDiskContainerReference", ("extId", vm.Cluster.StorageContainerExtId)));
        if (backing["diskSizeBytes"] is null && (string?)backing["dataSource"]?["reference"]?["imageExtId"] is { } id && Find(estate.Images, i => i.ExtId, id) is { } image)
        {
            backing["diskSizeBytes"] = image.SizeBytes;
        }
    }

    private static void CompleteNic(JsonObject nic, Estate estate)
    {
        nic.TryAdd("extId", estate.NewUuid());
        // The pair of v4.1 and the plain members of v4.0 say the same; both are kept filled.
        if (nic["networkInfo"] is null && nic["nicNetworkInfo"] is JsonObject newer)
        {
            var older = (JsonObject)newer.DeepClone();
            older["$objectType"] = "vmm.v4.ahv.config.NicNetworkInfo";
            nic["networkInfo"] = older;
        }

        if (nic["backingInfo"] is not JsonObject) nic["backingInfo"] = JsonBuild.Typed("vmm.v4.ahv.config.EmulatedNic", ("isConnected", true));
        ((JsonObject)nic["backingInfo"]!).TryAdd("macAddress", VmDefaults.Mac((string)nic["extId"]!));
        if (nic["networkInfo"] is not JsonObject network) return;
        network.TryAdd("nicType", "NORMAL_NIC");
        network.TryAdd("vlanMode", "ACCESS");
        if (network["ipv4Config"]?["ipAddress"] is null && (string?)network["subnet"]?["extId"] is { } id && Find(estate.Subnets, s => s.ExtId, id) is { } subnet)
        {
            network["ipv4Config"] = JsonBuild.Typed("vmm.v4.ahv.config.Ipv4Config", ("ipAddress", JsonBuild.Ipv4(subnet.NextAddress())));
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonObject config, string name) => (config[name] as JsonArray ?? []).OfType<JsonObject>();

    private static T? Find<T>(IEnumerable<T> items, Func<T, string> extId, string wanted)
        where T : class => items.FirstOrDefault(i => string.Equals(extId(i), wanted, StringComparison.OrdinalIgnoreCase));
}
