using System.Text.Json;
using System.Text.Json.Nodes;
using Nutanix.Prism.Api;
using Nutanix.Prism.Machines;
using Nutanix.Prism.V4;

namespace Nutanix.Prism.V3;

/// <summary>The intents that make and change a machine (vm_intent_input).</summary>
internal static class V3VmBody
{
    private const long Mib = 1L << 20;

    private static readonly string[] ReadOnlyMetadata = ["creation_time", "last_update_time", "entity_version", "name", "spec_hash"];

    // What vm_resources of the specification knows: a GET tells more (cpu_hotplug_enabled), which a PUT may refuse.
    private static readonly HashSet<string> KnownResources =
    [
        "apc_config", "bios_uuid", "boot_config", "disable_branding", "disk_list", "enable_cpu_passthrough", "generation_uuid",
        "gpu_console_enabled", "gpu_list", "guest_customization", "guest_os_id", "guest_tools", "hardware_clock_timezone",
        "hardware_virtualization_enabled", "is_agent_vm", "is_vcpu_hard_pinned", "machine_type", "memory_overcommit_enabled",
        "memory_size_mib", "nic_list", "num_sockets", "num_threads_per_core", "num_vcpus_per_socket", "parent_reference",
        "power_state", "power_state_mechanism", "serial_port_list", "storage_config", "vga_console_enabled", "vnuma_config",
        "vtpm_config",
    ];

    /// <param name="request">What to make.</param>
    /// <param name="gpus">Its GPUs.</param>
    /// <param name="uuid">The machine's uuid, which makes the create idempotent; null where the server gave none.</param>
    public static byte[] Build(GpuVmRequest request, IReadOnlyList<VmGpuSpec> gpus, string? uuid)
    {
        if (gpus.Any(g => g.PciAddress is not null))
        {
            throw new ArgumentException("v3 cannot pin a GPU by its PCI address; leave the address out, or use a Prism Central that speaks v4.", nameof(gpus));
        }

        var resources = new JsonObject
        {
            ["num_sockets"] = request.NumSockets,
            ["num_vcpus_per_socket"] = request.NumCoresPerSocket,
            ["memory_size_mib"] = ToMib(request.MemoryBytes),
            ["power_state"] = "OFF",
            ["boot_config"] = new JsonObject { ["boot_type"] = request.LegacyBoot ? "LEGACY" : request.SecureBoot ? "SECURE_BOOT" : "UEFI" },
            ["disk_list"] = new JsonArray(Disk(request)),
        };
        if ((request.MachineType ?? (request.LegacyBoot ? null : "Q35")) is { } machine)
        {
            resources["machine_type"] = machine;
        }

        if (request.Subnets.Count > 0)
        {
            resources["nic_list"] = new JsonArray([.. request.Subnets.Select(s => new JsonObject { ["subnet_reference"] = Reference("subnet", s), ["nic_type"] = "NORMAL_NIC" })]);
        }

        if (gpus.Count > 0)
        {
            resources["gpu_list"] = new JsonArray([.. gpus.Select(Gpu)]);
        }

        if (request.UserData is not null)
        {
            resources["guest_customization"] = new JsonObject
            {
                ["cloud_init"] = new JsonObject { ["user_data"] = CloudInitUserData.Encode(request.UserData) },
            };
        }

        var spec = new JsonObject
        {
            ["name"] = request.Name,
            ["cluster_reference"] = Reference("cluster", request.Cluster),
            ["resources"] = resources,
        };
        if (request.Description is not null)
        {
            spec["description"] = request.Description;
        }

        JsonObject metadata = Metadata(request.Categories);
        if (uuid is not null)
        {
            metadata["uuid"] = uuid;
        }

        if (request.Project is not null)
        {
            metadata["project_reference"] = Reference("project", request.Project);
        }

        return V3Api.Bytes(new JsonObject { ["metadata"] = metadata, ["spec"] = spec });
    }

    /// <summary>The machine as GET told it, with its resources changed, in the form PUT takes.</summary>
    /// <exception cref="PrismProtocolException">The answer to GET had no spec.</exception>
    public static byte[] Change(VmSnapshot vm, Action<JsonObject, JsonObject> change)
    {
        JsonObject? entity = vm.Raw.ValueKind == JsonValueKind.Object ? JsonObject.Create(vm.Raw) : null;
        if (entity?["spec"] is not JsonObject spec || spec["resources"] is not JsonObject resources || entity["metadata"] is not JsonObject metadata)
        {
            throw new PrismProtocolException($"The server told machine '{vm.Vm.Name}' without its specification, so it cannot be changed. Try again; if it stays, look at the machine in Prism.");
        }

        foreach (string name in resources.Select(m => m.Key).Where(k => !KnownResources.Contains(k)).ToList())
        {
            resources.Remove(name);
        }

        resources["gpu_list"] = new JsonArray([.. Gpus(resources)]);
        change(spec, resources);
        foreach (string name in ReadOnlyMetadata)
        {
            metadata.Remove(name);
        }

        metadata["kind"] = "vm";
        entity.Remove("status");
        entity.Remove("api_version");
        entity.Remove("spec");
        entity.Remove("metadata");
        return V3Api.Bytes(new JsonObject { ["metadata"] = metadata, ["spec"] = spec });
    }

    public static byte[] Update(VmSnapshot vm, VmChange change) => Change(vm, (spec, resources) =>
    {
        Set(spec, "name", change.Name);
        Set(spec, "description", change.Description);
        Set(resources, "num_sockets", change.NumSockets);
        Set(resources, "num_vcpus_per_socket", change.NumCoresPerSocket);
        Set(resources, "memory_size_mib", change.MemoryBytes is { } bytes ? ToMib(bytes) : null);
    });

    public static byte[] Power(VmSnapshot vm, bool on) => Change(vm, (_, resources) => resources["power_state"] = on ? "ON" : "OFF");

    public static byte[] AttachGpu(VmSnapshot vm, VmGpuSpec gpu) => Change(vm, (_, resources) =>
        resources["gpu_list"] = new JsonArray([.. Gpus(resources).Append(Gpu(gpu))]));

    /// <exception cref="PrismNotFoundException">The machine has no such GPU any more.</exception>
    public static byte[] DetachGpu(VmSnapshot vm, VmGpu gpu) => Change(vm, (_, resources) =>
    {
        List<JsonObject> gpus = [.. Gpus(resources)];
        string? mode = PrismLiterals.FromMode(gpu.Mode);
        int index = gpus.FindIndex(g => (long?)g["device_id"]?.AsValue().GetValue<long>() == gpu.DeviceId && (string?)g["mode"] == mode);
        if (index < 0)
        {
            throw new PrismNotFoundException($"Machine '{vm.Vm.Name}' has no GPU '{gpu.Name}' any more.") { Target = vm.Vm.Name };
        }

        gpus.RemoveAt(index);
        resources["gpu_list"] = new JsonArray([.. gpus]);
    });

    /// <summary>What a spec may say of a GPU: a GET can tell more, and PUT refuses that.</summary>
    private static IEnumerable<JsonObject> Gpus(JsonObject resources)
    {
        foreach (JsonObject gpu in (resources["gpu_list"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var kept = new JsonObject();
            foreach (string name in new[] { "vendor", "mode", "device_id" })
            {
                if (gpu[name] is { } value)
                {
                    kept[name] = value.DeepClone();
                }
            }

            yield return kept;
        }
    }

    private static JsonObject Gpu(VmGpuSpec gpu) => new()
    {
        ["vendor"] = PrismLiterals.FromVendor(gpu.Vendor),
        ["mode"] = PrismLiterals.FromMode(gpu.Mode),
        ["device_id"] = gpu.DeviceId,
    };

    private static JsonObject Disk(GpuVmRequest request)
    {
        var disk = new JsonObject
        {
            ["device_properties"] = new JsonObject
            {
                ["device_type"] = "DISK",
                ["disk_address"] = new JsonObject { ["adapter_type"] = "SCSI", ["device_index"] = 0 },
            },
        };
        if (request.Image is not null)
        {
            disk["data_source_reference"] = Reference("image", request.Image);
        }

        if (request.DiskBytes is { } bytes)
        {
            disk["disk_size_bytes"] = bytes;
            disk["disk_size_mib"] = ToMib(bytes);
        }

        return disk;
    }

    // A key with one value goes into categories, which every release knows; more need the mapping.
    private static JsonObject Metadata(IReadOnlyList<string> categories)
    {
        var metadata = new JsonObject { ["kind"] = "vm" };
        if (categories.Count == 0)
        {
            return metadata;
        }

        (string Key, string Value)[] pairs = [.. categories.Select(Split)];
        if (pairs.DistinctBy(p => p.Key).Count() == pairs.Length)
        {
            metadata["categories"] = new JsonObject(pairs.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)));
            return metadata;
        }

        metadata["use_categories_mapping"] = true;
        metadata["categories_mapping"] = new JsonObject(pairs
            .GroupBy(p => p.Key)
            .Select(g => KeyValuePair.Create(g.Key, (JsonNode?)new JsonArray([.. g.Select(p => (JsonNode?)p.Value)]))));
        return metadata;
    }

    private static (string Key, string Value) Split(string category)
    {
        int colon = category.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon < category.Length - 1
            ? (category[..colon], category[(colon + 1)..])
            : throw new ArgumentException($"'{category}' is not a category: v3 has no ids for them, write it as key:value.");
    }

    private static JsonObject Reference(string kind, string uuid) => new() { ["kind"] = kind, ["uuid"] = uuid };

    private static long ToMib(long bytes) => (bytes + Mib - 1) / Mib;

    private static void Set(JsonObject target, string name, JsonNode? value)
    {
        if (value is not null)
        {
            target[name] = value;
        }
    }
}
