namespace Nutanix.Prism.Simulator.Gpus;

/// <summary>One line of the GPU catalogue: what Prism and the PCI bus tell of a model.</summary>
public sealed record GpuModel
{
    /// <summary>Short name used to ask for the model: <c>A40</c>, <c>A100-80GB</c>, <c>Max 1550</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The name in Prism's GPU profiles and in <c>Host.gpuList</c>.</summary>
    public required string DeviceName { get; init; }

    /// <summary><c>NVIDIA</c>, <c>AMD</c> or <c>INTEL</c>: the vendor literal of a VM's <c>Gpu</c>.</summary>
    public required string Vendor { get; init; }

    public required int VendorId { get; init; }

    public required int DeviceId { get; init; }

    public required int SubsystemId { get; init; }

    /// <summary>PCI base class: 3 display controller, 0x12 processing accelerator.</summary>
    public required int ClassId { get; init; }

    public required int SubClassId { get; init; }

    /// <summary>Memory behind one PCI function, in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary><c>PASSTHROUGH_GRAPHICS</c> or <c>PASSTHROUGH_COMPUTE</c>.</summary>
    public required string PassthroughType { get; init; }

    /// <summary>The chip's name in the PCI device list.</summary>
    public required string PciName { get; init; }

    /// <summary>What the device can be cut into on a host that shares its devices; empty where Prism knows no vGPU.</summary>
    public IReadOnlyList<VgpuProfile> VgpuProfiles { get; init; } = [];

    /// <summary>The raw vendor text of cluster-scoped profiles: <c>kNvidia</c>.</summary>
    internal string ProfileVendorName => Vendor switch { "NVIDIA" => "kNvidia", "AMD" => "kAmd", _ => "kIntel" };
}

/// <summary>A vGPU type: a fixed share of one physical device.</summary>
/// <param name="Name">The profile's name: <c>NVIDIA A40-8Q</c>.</param>
/// <param name="TypeId">Number that stands in for the device id of a vGPU.</param>
/// <param name="FrameBufferBytes">Frame buffer of one instance, in bytes.</param>
/// <param name="MaxInstances">Instances that fit one physical device.</param>
/// <param name="MaxInstancesPerVm">Instances one VM may own.</param>
/// <param name="DisplayHeads">Virtual display heads.</param>
/// <param name="MaxResolution">Largest display as <c>WIDTHxHEIGHT</c>.</param>
/// <param name="License">Guest licence the profile needs.</param>
public sealed record VgpuProfile(
    string Name, int TypeId, long FrameBufferBytes, int MaxInstances, int MaxInstancesPerVm, int DisplayHeads, string MaxResolution, string License);
