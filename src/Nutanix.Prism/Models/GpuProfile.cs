using GpuPlatform;

namespace Nutanix.Prism;

/// <summary>One kind of GPU of a cluster: a model that is handed out whole, or a vGPU type.</summary>
public sealed record GpuProfile
{
    /// <summary>The name Prism shows, which New-NtnxGpuVm and a create body take: <c>Ampere 40</c>, <c>NVIDIA A40-8Q</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The product: <c>A40</c>.</summary>
    public required string Model { get; init; }

    public GpuVendor Vendor { get; init; }

    public GpuMode Mode { get; init; }

    /// <summary>PCI device id in decimal, or the vGPU type id.</summary>
    public long? DeviceId { get; init; }

    /// <summary>Memory of one, in bytes.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>What the profile's name says, for people.</summary>
    public required string Meaning { get; init; }

    public required string ClusterId { get; init; }

    public required string ClusterName { get; init; }

    /// <summary>Devices that can be handed out this way.</summary>
    public int Devices { get; init; }

    /// <summary>How many more machines could be given one now; vGPU types of one device share its room.</summary>
    public int Free { get; init; }

    /// <summary>How many machines hold one.</summary>
    public int InUse { get; init; }

    /// <summary>Most a machine may have; vGPU types only.</summary>
    public int? MaxInstancesPerVm { get; init; }

    /// <summary><c>WIDTHxHEIGHT</c>; vGPU types only.</summary>
    public string? MaxResolution { get; init; }

    /// <summary>Guest licences that a vGPU type needs.</summary>
    public IReadOnlyList<string> Licenses { get; init; } = [];
}
