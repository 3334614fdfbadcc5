namespace GpuPlatform;

/// <summary>One GPU of a host, or one vGPU slot where the host shares its devices.</summary>
public sealed record GpuDevice
{
    /// <summary>Identity on its platform; on Prism the PCIe device's or profile's extId, else <c>hostId/pciAddress</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The vendor's product name, without vendor words where the model is known: <c>A100</c>, <c>MI300X</c>, <c>Max 1550</c>.</summary>
    public required string Model { get; init; }

    /// <summary>The name the platform shows, untouched: <c>Ampere 40</c>, <c>NVIDIA A40-1Q</c>.</summary>
    public string? DeviceName { get; init; }

    public GpuVendor Vendor { get; init; }

    public GpuMode Mode { get; init; }

    /// <summary>Device memory in bytes; null where the platform does not say.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>PCI device id (decimal on Prism: 8757 is 0x2235); for vGPU the vGPU type id.</summary>
    public long? DeviceId { get; init; }

    /// <summary>PCI address as segment:bus:device.function, for example <c>0000:3b:00.0</c>.</summary>
    public string? PciAddress { get; init; }

    /// <summary>NUMA node the device hangs on; null where unknown.</summary>
    public int? NumaNode { get; init; }

    public string? HostId { get; init; }

    public string? HostName { get; init; }

    public string? ClusterId { get; init; }

    public string? ClusterName { get; init; }

    /// <summary>The virtual machine that holds the device, if any.</summary>
    public string? AssignedVmId { get; init; }

    public string? AssignedVmName { get; init; }

    /// <summary>True when a virtual machine could be given this device now.</summary>
    public bool IsFree { get; init; }
}
