using GpuPlatform;
using Nutanix.Prism.Inventory;

namespace Nutanix.Prism;

/// <summary>A GPU of a virtual machine (vmm.v4.ahv.config.Gpu).</summary>
public sealed record VmGpu
{
    public string? ExtId { get; init; }

    public string? Name { get; init; }

    /// <summary>The product, where the name tells it: <c>A40</c>.</summary>
    public string? Model => Name is null ? null : GpuModelName.FromDeviceName(Name, DeviceId);

    public GpuMode Mode { get; init; }

    public GpuVendor Vendor { get; init; }

    /// <summary>PCI device id in decimal, or the vGPU type id.</summary>
    public long? DeviceId { get; init; }

    public long? FrameBufferBytes { get; init; }

    /// <summary>segment:bus:device.function, for example <c>0000:3b:00.0</c>.</summary>
    public string? PciAddress { get; init; }

    public string? GuestDriverVersion { get; init; }
}
