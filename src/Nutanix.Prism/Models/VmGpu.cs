using GpuPlatform;

namespace Nutanix.Prism;

/// <summary>A GPU of a virtual machine (vmm.v4.ahv.config.Gpu).</summary>
public sealed record VmGpu
{
    public string? ExtId { get; init; }

    public string? Name { get; init; }

    public GpuMode Mode { get; init; }

    public GpuVendor Vendor { get; init; }

    /// <summary>PCI device id in decimal, or the vGPU type id.</summary>
    public long? DeviceId { get; init; }

    public long? FrameBufferBytes { get; init; }

    /// <summary>segment:bus:device.function, for example <c>0000:3b:00.0</c>.</summary>
    public string? PciAddress { get; init; }

    public string? GuestDriverVersion { get; init; }
}
