using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Resources;
using static Nutanix.Prism.Simulator.V3.V3Context;

namespace Nutanix.Prism.Simulator.V3;

/// <summary>A VM as v3 shows it: intent, state and metadata, in MiB.</summary>
internal static class V3VmRenderer
{
    private const int Mib = 20;

    public static JsonObject Render(VirtualMachine vm, Estate estate, IEnumerable<string> taskUuids)
    {
        var resources = Resources(vm);
        var spec = (JsonObject)resources.DeepClone();
        resources["gpu_list"] = JsonBuild.Array(vm.Gpus.Select(Gpu));
        spec["gpu_list"] = JsonBuild.Array(vm.Gpus.Select(g => new JsonObject { ["vendor"] = g.Vendor, ["mode"] = g.Mode, ["device_id"] = g.DeviceId }));
        resources["hypervisor_type"] = "AHV";
        resources["protection_type"] = "UNPROTECTED";
        resources["cpu_hotplug_enabled"] = true;
        if (vm.Host is not null) resources["host_reference"] = Reference("host", vm.Host.ExtId, vm.Host.Name);
        var description = (string?)vm.Config["description"] ?? "";
        return new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["state"] = "COMPLETE",
                ["name"] = vm.Name,
                ["description"] = description,
                ["cluster_reference"] = Reference("cluster", vm.Cluster.ExtId, vm.Cluster.Name),
                ["resources"] = resources,
                ["execution_context"] = new JsonObject { ["task_uuid"] = JsonBuild.Texts(taskUuids) },
            },
            ["spec"] = new JsonObject
            {
                ["name"] = vm.Name,
                ["description"] = description,
                ["cluster_reference"] = Reference("cluster", vm.Cluster.ExtId, vm.Cluster.Name),
                ["resources"] = spec,
            },
            ["metadata"] = Metadata(vm, estate),
        };
    }

    private static JsonObject Metadata(VirtualMachine vm, Estate estate)
    {
        var categories = VmRenderer.CategoryIds(vm).Select(id => estate.Categories.FirstOrDefault(c => c.ExtId == id)).OfType<Category>().ToList();
        var metadata = new JsonObject
        {
            ["kind"] = "vm",
            ["uuid"] = vm.ExtId,
            ["spec_version"] = vm.Revision,
            ["entity_version"] = "1",
            ["creation_time"] = Time(vm.CreateTime),
            ["last_update_time"] = Time(vm.UpdateTime),
            ["categories"] = new JsonObject(categories.DistinctBy(c => c.Key).Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value))),
            ["categories_mapping"] = new JsonObject(categories.GroupBy(c => c.Key).Select(g => KeyValuePair.Create(g.Key, (JsonNode?)JsonBuild.Texts(g.Select(c => c.Value))))),
        };
        if ((string?)vm.Config["project"]?["extId"] is { } project) metadata["project_reference"] = Reference("project", project);
        return metadata;
    }

    private static JsonObject Resources(VirtualMachine vm) => new()
    {
        ["num_sockets"] = JsonBuild.Integer(vm.Config["numSockets"]) ?? 1,
        ["num_vcpus_per_socket"] = JsonBuild.Integer(vm.Config["numCoresPerSocket"]) ?? 1,
        ["num_threads_per_core"] = JsonBuild.Integer(vm.Config["numThreadsPerCore"]) ?? 1,
        ["memory_size_mib"] = vm.MemoryBytes >> Mib,
        ["power_state"] = vm.IsOn ? "ON" : "OFF",
        ["machine_type"] = (string?)vm.Config["machineType"] ?? "PC",
        ["boot_config"] = new JsonObject
        {
            ["boot_type"] = ((string?)vm.Config["bootConfig"]?["$objectType"])?.EndsWith("UefiBoot", StringComparison.Ordinal) != true ? "LEGACY"
                : vm.Config["bootConfig"]!["isSecureBootEnabled"]?.GetValue<bool>() == true ? "SECURE_BOOT" : "UEFI",
        },
        ["disk_list"] = JsonBuild.Array(Objects(vm, "disks").Select(Disk)),
        ["nic_list"] = JsonBuild.Array(Objects(vm, "nics").Select(Nic)),
    };

    private static JsonObject Disk(JsonObject disk)
    {
        var bytes = JsonBuild.Integer(disk["backingInfo"]?["diskSizeBytes"]) ?? 0;
        var result = new JsonObject
        {
            ["uuid"] = (string?)disk["extId"],
            ["disk_size_bytes"] = bytes,
            ["disk_size_mib"] = (bytes + (1 << Mib) - 1) >> Mib,
            ["device_properties"] = new JsonObject
            {
                ["device_type"] = "DISK",
                ["disk_address"] = new JsonObject { ["adapter_type"] = (string?)disk["diskAddress"]?["busType"] ?? "SCSI", ["device_index"] = JsonBuild.Integer(disk["diskAddress"]?["index"]) ?? 0 },
            },
        };
        if ((string?)disk["backingInfo"]?["dataSource"]?["reference"]?["imageExtId"] is { } image) result["data_source_reference"] = Reference("image", image);
        return result;
    }

    private static JsonObject Nic(JsonObject nic)
    {
        var network = nic["networkInfo"];
        var result = new JsonObject
        {
            ["uuid"] = (string?)nic["extId"],
            ["nic_type"] = (string?)network?["nicType"] ?? "NORMAL_NIC",
            ["vlan_mode"] = (string?)network?["vlanMode"] == "TRUNK" ? "TRUNKED" : "ACCESS",
            ["is_connected"] = true,
            ["ip_endpoint_list"] = new JsonArray(),
        };
        if ((string?)network?["subnet"]?["extId"] is { } subnet) result["subnet_reference"] = Reference("subnet", subnet);
        if ((string?)network?["ipv4Config"]?["ipAddress"]?["value"] is { } ip) result["ip_endpoint_list"] = new JsonArray(new JsonObject { ["ip"] = ip, ["type"] = "ASSIGNED" });
        if ((string?)nic["backingInfo"]?["macAddress"] is { } mac) result["mac_address"] = mac;
        return result;
    }

    private static JsonObject Gpu(VmGpu gpu)
    {
        var result = new JsonObject { ["uuid"] = gpu.ExtId, ["name"] = gpu.Name, ["vendor"] = gpu.Vendor, ["mode"] = gpu.Mode, ["device_id"] = gpu.DeviceId };
        if (gpu.Device is not null) result["pci_address"] = gpu.Device.Address.ToString();
        if ((gpu.Profile?.FrameBufferBytes ?? gpu.Model?.MemoryBytes) is { } bytes) result["frame_buffer_size_mib"] = bytes >> Mib;
        return result;
    }

    private static IEnumerable<JsonObject> Objects(VirtualMachine vm, string name) => (vm.Config[name] as JsonArray ?? []).OfType<JsonObject>();
}
