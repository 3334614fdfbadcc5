using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using static Nutanix.Prism.Simulator.Api.JsonBuild;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>What a VM looks like to clients: its configuration, less what is write-only, plus what the platform knows.</summary>
internal static class VmRenderer
{
    private const string Ns = "vmm.v4.ahv.config.";

    /// <summary>Members a client writes but never reads back in this form.</summary>
    private static readonly string[] NotEchoed = ["$objectType", "guestCustomization", "source"];

    /// <summary>The VM as of its revision; the same tree is given out until the VM changes, so callers only read it.</summary>
    public static JsonObject Render(VirtualMachine vm) => vm.Rendered ??= Build(vm);

    public static IEnumerable<string> CategoryIds(VirtualMachine vm) =>
        (vm.Config["categories"] as JsonArray ?? []).Select(c => (string?)c?["extId"] ?? "");

    public static JsonObject Gpu(VmGpu gpu)
    {
        var address = gpu.Device?.Address ?? gpu.PinnedAddress;
        return Typed(Ns + "Gpu",
            ("extId", gpu.ExtId),
            ("mode", gpu.Mode),
            ("deviceId", gpu.DeviceId),
            ("vendor", gpu.Vendor),
            ("name", gpu.Name),
            ("pciAddress", address is null ? null : Typed(Ns + "SBDF",
                ("segment", address.Value.Segment), ("bus", address.Value.Bus), ("device", address.Value.Device), ("func", address.Value.Function))),
            ("frameBufferSizeBytes", gpu.Profile?.FrameBufferBytes ?? gpu.Model?.MemoryBytes),
            ("numVirtualDisplayHeads", gpu.Profile?.DisplayHeads),
            ("guestDriverVersion", gpu.IsVirtual ? gpu.Device?.Host.GpuDriverVersion : null),
            ("assignedDeviceInfo", gpu.Device is null ? null : Typed(Ns + "PcieDeviceInfo",
                ("device", Typed(Ns + "PcieDeviceReference", ("deviceExtId", gpu.Device.ExtId))))));
    }

    private static JsonObject Build(VirtualMachine vm)
    {
        var result = Typed(Ns + "Vm", ("extId", vm.ExtId));
        foreach (var (name, value) in vm.Config)
        {
            if (!NotEchoed.Contains(name) && value is not null) result[name] = value.DeepClone();
        }

        result["cluster"] = Typed(Ns + "ClusterReference", ("extId", vm.Cluster.ExtId));
        if (vm.Host is not null) result["host"] = Typed(Ns + "HostReference", ("extId", vm.Host.ExtId));
        if (vm.Gpus.Count > 0) result["gpus"] = Array(vm.Gpus.Select(Gpu));
        result["powerState"] = vm.IsOn ? "ON" : "OFF";
        result["isLiveMigrateCapable"] = vm.Gpus.All(g => g.IsVirtual);
        result["isCrossClusterMigrationInProgress"] = false;
        result["protectionType"] = "UNPROTECTED";
        result.TryAdd("ownershipInfo", Typed(Ns + "OwnershipInfo", ("owner", Typed(Ns + "OwnerReference", ("extId", Guid.Empty.ToString())))));
        result["createTime"] = WireFormat.Time(vm.CreateTime);
        result["updateTime"] = WireFormat.Time(vm.UpdateTime);
        return result;
    }
}
