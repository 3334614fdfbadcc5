using System.Globalization;
using GpuPlatform;
using Nutanix.Prism.V4;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.Inventory;

/// <summary>One row of a cluster's GPU profiles: a physical device, or a vGPU type on a device. It names no host.</summary>
internal sealed record GpuProfileRow
{
    public string? ExtId { get; init; }

    public bool IsVirtual { get; init; }

    public long? DeviceId { get; init; }

    public string? DeviceName { get; init; }

    public required string Model { get; init; }

    public GpuVendor Vendor { get; init; }

    public GpuMode Mode { get; init; }

    /// <summary>The physical device is cut into vGPUs, so that it cannot be passed through whole.</summary>
    public bool IsShared { get; init; }

    public bool IsInUse { get; init; }

    /// <summary>How many more machines this row can serve: 0 or 1 for a whole device, any number for a vGPU type.</summary>
    public int FreeSlots { get; init; }

    public long? MemoryBytes { get; init; }

    public int? NumaNode { get; init; }

    /// <summary>Normalised PCI address.</summary>
    public string? Pci { get; init; }

    public IReadOnlyList<string> AllocatedVms { get; init; } = [];

    /// <summary>Of a vGPU type, as the rest.</summary>
    public int? MaxInstancesPerVm { get; init; }

    public string? MaxResolution { get; init; }

    public string? GuestDriverVersion { get; init; }

    public IReadOnlyList<string> Licenses { get; init; } = [];

    /// <summary>This row, whose host v3 told, with what the v4 row of the same device adds: the id, the count of free slots, all holders.</summary>
    public GpuProfileRow With(GpuProfileRow v4) => this with
    {
        ExtId = v4.ExtId ?? ExtId,
        DeviceName = v4.DeviceName ?? DeviceName,
        Model = v4.DeviceName is null ? Model : v4.Model,
        Vendor = v4.Vendor == GpuVendor.Unknown ? Vendor : v4.Vendor,
        Mode = v4.Mode == GpuMode.Unknown ? Mode : v4.Mode,
        IsShared = v4.IsShared || IsShared,
        IsInUse = v4.IsInUse || IsInUse,
        FreeSlots = v4.FreeSlots,
        MemoryBytes = v4.MemoryBytes ?? MemoryBytes,
        NumaNode = NumaNode ?? v4.NumaNode,
        Pci = Pci ?? v4.Pci,
        AllocatedVms = [.. AllocatedVms.Union(v4.AllocatedVms, StringComparer.Ordinal)],
    };

    /// <summary>Null for a row without a configuration.</summary>
    public static GpuProfileRow? From(WireGpuProfile wire)
    {
        bool isVirtual = wire.VirtualGpuConfig is not null;
        if ((wire.VirtualGpuConfig ?? wire.PhysicalGpuConfig) is not { } config)
        {
            return null;
        }

        bool isInUse = config.IsInUse
            ?? (wire.AllocatedVmExtIds.Count > 0 || config.Mode is "USED_FOR_PASSTHROUGH" or "USED_FOR_VIRTUAL");
        bool isShared = !isVirtual && config.Mode == "USED_FOR_VIRTUAL";
        long slots = isVirtual
            ? config.Assignable ?? (isInUse ? 0 : 1)
            : isInUse || isShared || config.Assignable == 0 ? 0 : 1;
        return new GpuProfileRow
        {
            ExtId = string.IsNullOrWhiteSpace(wire.ExtId) ? null : wire.ExtId,
            IsVirtual = isVirtual,
            DeviceId = config.DeviceId,
            DeviceName = string.IsNullOrWhiteSpace(config.DeviceName) ? null : config.DeviceName.Trim(),
            Model = GpuModelName.FromDeviceName(config.DeviceName, config.DeviceId),
            Vendor = GpuVendorName.Parse(config.VendorName, config.DeviceName),
            Mode = PrismLiterals.ToMode(config.Type) is not GpuMode.Unknown and var mode ? mode
                : isVirtual ? GpuMode.Virtual
                : GpuMode.Unknown,
            IsShared = isShared,
            IsInUse = isInUse,
            FreeSlots = (int)Math.Clamp(slots, 0, 1024),
            MemoryBytes = config.FrameBufferSizeBytes,
            NumaNode = int.TryParse(config.NumaNode, NumberStyles.Integer, CultureInfo.InvariantCulture, out int numa) && numa >= 0 ? numa : null,
            Pci = PciAddress.Normalize(config.Sbdf),
            AllocatedVms = wire.AllocatedVmExtIds,
            MaxInstancesPerVm = (int?)config.MaxInstancesPerVm,
            MaxResolution = config.MaxResolution,
            GuestDriverVersion = config.GuestDriverVersion,
            Licenses = config.Licenses,
        };
    }
}
