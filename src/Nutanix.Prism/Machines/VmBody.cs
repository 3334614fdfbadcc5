using System.Text.Json;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.Machines;

/// <summary>The body that makes a machine. Members of a choice (oneOf) carry their <c>$objectType</c>, and no discriminator beside them.</summary>
internal static class VmBody
{
    private const string Types = "vmm.v4.ahv.config.";

    /// <exception cref="ArgumentException">Something in the request cannot be.</exception>
    public static void Validate(GpuVmRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Name) || request.Name.Length > 80)
        {
            throw new ArgumentException($"A machine's name has 1 to 80 characters, this one {request.Name?.Trim().Length ?? 0}.", nameof(request));
        }

        if (string.IsNullOrWhiteSpace(request.Cluster))
        {
            throw new ArgumentException("The machine needs the extId of a cluster.", nameof(request));
        }

        if (request.NumSockets < 1 || request.NumCoresPerSocket < 1)
        {
            throw new ArgumentException("The machine needs at least one socket and one core per socket.", nameof(request));
        }

        if (request.MemoryBytes < 1 << 20)
        {
            throw new ArgumentException($"The machine needs memory, in bytes; {request.MemoryBytes} is less than 1 MiB.", nameof(request));
        }

        if (request.Image is null && request.DiskBytes is null)
        {
            throw new ArgumentException("The machine needs an image to boot from, or the size of an empty disk.", nameof(request));
        }

        if (request.DiskBytes < 1)
        {
            throw new ArgumentException($"A disk of {request.DiskBytes} bytes cannot be.", nameof(request));
        }
    }

    public static byte[] Build(GpuVmRequest request, IReadOnlyList<WireGpu> gpus)
    {
        var vm = new WireVm
        {
            Name = request.Name,
            Description = request.Description,
            Cluster = WireReference.To(request.Cluster),
            NumSockets = request.NumSockets,
            NumCoresPerSocket = request.NumCoresPerSocket,
            MemorySizeBytes = request.MemoryBytes,
            MachineType = request.LegacyBoot ? null : "Q35",
            BootConfig = request.LegacyBoot
                ? new WireBootConfig { ObjectType = Types + "LegacyBoot" }
                : new WireBootConfig { ObjectType = Types + "UefiBoot", IsSecureBootEnabled = false },
            Disks = [Disk(request)],
            Nics = request.Subnets.Count == 0 ? null
                : [.. request.Subnets.Select(s => new WireNic { NetworkInfo = new WireNicNetwork { NicType = "NORMAL_NIC", Subnet = WireReference.To(s) } })],
            Gpus = gpus.Count == 0 ? null : gpus,
            Categories = request.Categories.Count == 0 ? null : [.. request.Categories.Select(c => WireReference.To(c)!)],
            GuestCustomization = request.UserData is null ? null : CloudInit(request.UserData),
        };
        return JsonSerializer.SerializeToUtf8Bytes(vm, PrismJson.Default.WireVm);
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
