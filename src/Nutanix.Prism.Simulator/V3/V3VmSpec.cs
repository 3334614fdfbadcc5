using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Resources;
using Nutanix.Prism.Simulator.Schema;

namespace Nutanix.Prism.Simulator.V3;

/// <summary>A v3 VM intent as the state keeps it, which is in v4's words.</summary>
internal static class V3VmSpec
{
    private const string Ns = "vmm.v4.ahv.config.";

    /// <param name="body">The intent.</param>
    /// <param name="estate">Clusters and categories to resolve.</param>
    /// <param name="gpus">The GPUs, which the state keeps apart.</param>
    /// <param name="cluster">The cluster.</param>
    /// <exception cref="V3Exception">All that is wrong with it.</exception>
    public static JsonObject Read(JsonObject body, Estate estate, out List<VmGpu> gpus, out Cluster cluster)
    {
        var spec = body["spec"] as JsonObject ?? throw V3Exception.Invalid("'spec' is required.");
        if (body["metadata"] is not JsonObject metadata || (string?)metadata["kind"] != "vm") throw V3Exception.Invalid("'metadata.kind' must be 'vm'.");
        var resources = spec["resources"] as JsonObject ?? throw V3Exception.Invalid("'spec.resources' is required.");
        var clusterId = (string?)spec["cluster_reference"]?["uuid"] ?? throw V3Exception.Invalid("'spec.cluster_reference' is required.");
        cluster = estate.Cluster(clusterId) is { IsPrismCentral: false } found ? found : throw V3Exception.NotFound("cluster", clusterId);

        var source = new JsonObject
        {
            ["name"] = Copy(spec["name"]),
            ["description"] = Copy(spec["description"]),
            ["cluster"] = new JsonObject { ["extId"] = clusterId },
            ["numSockets"] = Copy(resources["num_sockets"]),
            ["numCoresPerSocket"] = Copy(resources["num_vcpus_per_socket"]),
            ["numThreadsPerCore"] = Copy(resources["num_threads_per_core"]),
            ["memorySizeBytes"] = JsonBuild.Integer(resources["memory_size_mib"]) is { } mib ? mib << 20 : null,
            ["machineType"] = Copy(resources["machine_type"]),
            ["bootConfig"] = Boot(resources["boot_config"] as JsonObject),
            ["disks"] = JsonBuild.Array(Objects(resources["disk_list"]).Select(Disk)),
            ["nics"] = JsonBuild.Array(Objects(resources["nic_list"]).Select(Nic)),
            ["gpus"] = JsonBuild.Array(Objects(resources["gpu_list"]).Select(Gpu)),
            ["project"] = (string?)metadata["project_reference"]?["uuid"] is { } project ? new JsonObject { ["extId"] = project } : null,
            ["categories"] = JsonBuild.Array(Categories(metadata, estate).Select(id => new JsonObject { ["extId"] = id })),
        };
        if ((string?)resources["guest_customization"]?["cloud_init"]?["user_data"] is { } userData)
        {
            source["guestCustomization"] = new JsonObject
            {
                ["config"] = new JsonObject
                {
                    ["$objectType"] = Ns + "CloudInit",
                    ["datasourceType"] = "CONFIG_DRIVE_V2",
                    ["cloudInitScript"] = new JsonObject { ["$objectType"] = Ns + "Userdata", ["value"] = userData },
                },
            };
        }

        var violations = new List<SchemaException.Violation>();
        var config = VmSchema.Vm.Read(source, "", violations);
        gpus = VmBody.TakeGpus(config, estate, violations);
        return violations.Count == 0 ? config : throw V3Exception.Invalid(string.Join(' ', violations.Select(v => $"{v.AttributePath}: {v.Message}")));
    }

    private static JsonObject? Boot(JsonObject? boot) => (string?)boot?["boot_type"] switch
    {
        null => null,
        "LEGACY" => new JsonObject { ["$objectType"] = Ns + "LegacyBoot" },
        "UEFI" => new JsonObject { ["$objectType"] = Ns + "UefiBoot", ["isSecureBootEnabled"] = false },
        "SECURE_BOOT" => new JsonObject { ["$objectType"] = Ns + "UefiBoot", ["isSecureBootEnabled"] = true },
        var other => throw V3Exception.Invalid($"'{other}' is no boot_type."),
    };

    private static JsonObject Disk(JsonObject disk)
    {
        var address = disk["device_properties"]?["disk_address"];
        var backing = new JsonObject { ["$objectType"] = Ns + "VmDisk" };
        if ((JsonBuild.Integer(disk["disk_size_bytes"]) ?? (JsonBuild.Integer(disk["disk_size_mib"]) << 20)) is { } bytes) backing["diskSizeBytes"] = bytes;
        if ((string?)disk["data_source_reference"]?["uuid"] is { } image)
        {
            backing["dataSource"] = new JsonObject { ["reference"] = new JsonObject { ["$objectType"] = Ns + "ImageReference", ["imageExtId"] = image } };
        }

        return new JsonObject
        {
            ["extId"] = Copy(disk["uuid"]),
            ["diskAddress"] = new JsonObject { ["busType"] = (string?)address?["adapter_type"] ?? "SCSI", ["index"] = JsonBuild.Integer(address?["device_index"]) ?? 0 },
            ["backingInfo"] = backing,
        };
    }

    private static JsonObject Nic(JsonObject nic)
    {
        var network = new JsonObject
        {
            ["nicType"] = Copy(nic["nic_type"]),
            ["vlanMode"] = (string?)nic["vlan_mode"] == "TRUNKED" ? "TRUNK" : Copy(nic["vlan_mode"]),
            ["subnet"] = new JsonObject { ["extId"] = Copy(nic["subnet_reference"]?["uuid"]) },
        };
        if ((string?)Objects(nic["ip_endpoint_list"]).FirstOrDefault()?["ip"] is { } ip)
        {
            network["ipv4Config"] = new JsonObject { ["ipAddress"] = new JsonObject { ["value"] = ip, ["prefixLength"] = 32 } };
        }

        return new JsonObject { ["extId"] = Copy(nic["uuid"]), ["networkInfo"] = network };
    }

    private static JsonObject Gpu(JsonObject gpu)
    {
        // The specification knows three members; what a client copies out of a status is refused, as a real server does.
        if (gpu.Select(m => m.Key).FirstOrDefault(k => k is not ("vendor" or "mode" or "device_id")) is { } unknown) throw V3Exception.Invalid($"'{unknown}' is not a member of a GPU in a spec.");
        return new JsonObject { ["mode"] = Copy(gpu["mode"]), ["vendor"] = Copy(gpu["vendor"]), ["deviceId"] = Copy(gpu["device_id"]) };
    }

    private static IEnumerable<string> Categories(JsonObject metadata, Estate estate)
    {
        IEnumerable<(string Key, string Value)> pairs = metadata["use_categories_mapping"]?.GetValue<bool>() == true
            ? (metadata["categories_mapping"] as JsonObject ?? []).SelectMany(m => (m.Value as JsonArray ?? []).Select(v => (m.Key, (string)v!)))
            : (metadata["categories"] as JsonObject ?? []).Select(m => (m.Key, (string)m.Value!));
        foreach (var (key, value) in pairs)
        {
            yield return estate.Categories.FirstOrDefault(c => c.Key == key && c.Value == value)?.ExtId ?? throw V3Exception.Invalid($"There is no category {key}:{value}.");
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    private static JsonNode? Copy(JsonNode? node) => node?.DeepClone();
}
