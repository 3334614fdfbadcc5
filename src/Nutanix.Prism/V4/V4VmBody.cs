using System.Text.Json;
using System.Text.Json.Nodes;
using Nutanix.Prism.Api;
using Nutanix.Prism.Inventory;
using Nutanix.Prism.Machines;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.V4;

/// <summary>The bodies that make and change a machine. Members of a choice (oneOf) carry their <c>$objectType</c>, and no discriminator beside them.</summary>
internal static class V4VmBody
{
    private const string Types = "vmm.v4.ahv.config.";

    public static byte[] Build(GpuVmRequest request, IReadOnlyList<VmGpuSpec> gpus)
    {
        var vm = new WireVm
        {
            Name = request.Name,
            Description = request.Description,
            Cluster = WireReference.To(request.Cluster),
            NumSockets = request.NumSockets,
            NumCoresPerSocket = request.NumCoresPerSocket,
            MemorySizeBytes = request.MemoryBytes,
            MachineType = request.MachineType ?? (request.LegacyBoot ? null : "Q35"),
            Project = WireReference.To(request.Project),
            BootConfig = request.LegacyBoot
                ? new WireBootConfig { ObjectType = Types + "LegacyBoot" }
                : new WireBootConfig { ObjectType = Types + "UefiBoot", IsSecureBootEnabled = request.SecureBoot },
            Disks = [Disk(request)],
            Nics = request.Subnets.Count == 0 ? null
                : [.. request.Subnets.Select(s => new WireNic { NetworkInfo = new WireNicNetwork { NicType = "NORMAL_NIC", Subnet = WireReference.To(s) } })],
            Gpus = gpus.Count == 0 ? null : [.. gpus.Select(Gpu)],
            Categories = request.Categories.Count == 0 ? null : [.. request.Categories.Select(c => WireReference.To(c)!)],
            GuestCustomization = request.UserData is null ? null : CloudInit(request.UserData),
        };
        return JsonSerializer.SerializeToUtf8Bytes(vm, PrismJson.Default.WireVm);
    }

    /// <summary>
    /// What GET told, changed. Members that only the server writes are left out, and discriminators beside a choice too:
    /// servers tell the choice by its inner <c>$objectType</c>.
    /// </summary>
    public static byte[] Update(JsonElement raw, VmChange change)
    {
        JsonObject vm = JsonObject.Create(raw)!;
        Strip(vm);
        foreach (string name in ReadOnly)
        {
            vm.Remove(name);
        }

        Set("name", change.Name);
        Set("description", change.Description);
        Set("numSockets", change.NumSockets);
        Set("numCoresPerSocket", change.NumCoresPerSocket);
        Set("memorySizeBytes", change.MemoryBytes);
        return JsonSerializer.SerializeToUtf8Bytes(vm, PrismJson.Default.JsonObject);

        void Set(string name, JsonNode? value)
        {
            if (value is not null)
            {
                vm[name] = value;
            }
        }
    }

    public static WireGpu Gpu(VmGpuSpec gpu) => new()
    {
        Name = gpu.Name,
        DeviceId = gpu.DeviceId,
        Mode = PrismLiterals.FromMode(gpu.Mode),
        Vendor = PrismLiterals.FromVendor(gpu.Vendor),
        PciAddress = gpu.PciAddress is null ? null
            : PciAddress.TryParse(gpu.PciAddress, out (int Segment, int Bus, int Device, int Function) a)
                ? new WireSbdf { Segment = a.Segment, Bus = a.Bus, Device = a.Device, Func = a.Function }
                : throw new ArgumentException($"'{gpu.PciAddress}' is not a PCI address; write it like 0000:3b:00.0."),
    };

    private static readonly string[] ReadOnly = ["createTime", "updateTime", "links", "tenantId", "powerState", "host", "isLiveMigrateCapable", "protectionType", "isCrossClusterMigrationInProgress", "vmGuestCustomizationStatus"];

    private static void Strip(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject value:
                foreach (string name in value.Select(m => m.Key).Where(k => k is "$reserved" or "$unknownFields" || k.EndsWith("ItemDiscriminator", StringComparison.Ordinal)).ToList())
                {
                    value.Remove(name);
                }

                foreach ((_, JsonNode? member) in value)
                {
                    Strip(member);
                }

                break;
            case JsonArray items:
                foreach (JsonNode? item in items)
                {
                    Strip(item);
                }

                break;
        }
    }

    private static WireDisk Disk(GpuVmRequest request) => new()
    {
        DiskAddress = new WireDiskAddress { BusType = "SCSI", Index = 0 },
        BackingInfo = new WireVmDisk
        {
            ObjectType = Types + "VmDisk",
            DiskSizeBytes = request.DiskBytes,
            DataSource = request.Image is null ? null
                : new WireDataSource { Reference = new WireImageReference { ObjectType = Types + "ImageReference", ImageExtId = request.Image } },
        },
    };

    private static WireGuestCustomization CloudInit(string userData) => new()
    {
        Config = new WireCloudInit
        {
            ObjectType = Types + "CloudInit",
            DatasourceType = "CONFIG_DRIVE_V2",
            CloudInitScript = new WireUserData { ObjectType = Types + "Userdata", Value = CloudInitUserData.Encode(userData) },
        },
    };
}
