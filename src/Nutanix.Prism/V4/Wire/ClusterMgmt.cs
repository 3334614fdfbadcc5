using System.Text.Json.Serialization;

namespace Nutanix.Prism.V4.Wire;

internal sealed class WireCluster
{
    public string? ExtId { get; set; }

    public string? Name { get; set; }

    public long? VmCount { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireClusterConfig>))]
    public WireClusterConfig? Config { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireNodes>))]
    public WireNodes? Nodes { get; set; }
}

internal sealed class WireClusterConfig
{
    [JsonConverter(typeof(LooseObjectConverter<WireBuild>))]
    public WireBuild? BuildInfo { get; set; }

    public string? ClusterArch { get; set; }

    [JsonConverter(typeof(LooseListConverter<string>))]
    public IReadOnlyList<string> ClusterFunction { get; set; } = [];

    [JsonConverter(typeof(LooseListConverter<string>))]
    public IReadOnlyList<string> HypervisorTypes { get; set; } = [];

    public bool? IsAvailable { get; set; }
}

internal sealed class WireBuild
{
    public string? Version { get; set; }

    public string? FullVersion { get; set; }
}

internal sealed class WireNodes
{
    public long? NumberOfNodes { get; set; }
}

internal sealed class WireHost
{
    public string? ExtId { get; set; }

    public string? HostName { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireReference>))]
    public WireReference? Cluster { get; set; }

    public string? CpuModel { get; set; }

    public long? NumberOfCpuThreads { get; set; }

    public long? MemorySizeBytes { get; set; }

    public string? GpuDriverVersion { get; set; }

    [JsonConverter(typeof(LooseListConverter<string>))]
    public IReadOnlyList<string> GpuList { get; set; } = [];

    [JsonConverter(typeof(LooseObjectConverter<WireHypervisor>))]
    public WireHypervisor? Hypervisor { get; set; }

    public bool? IsDegraded { get; set; }

    public string? MaintenanceState { get; set; }

    public string? NodeStatus { get; set; }
}

internal sealed class WireHypervisor
{
    public string? FullName { get; set; }

    public string? Type { get; set; }

    public string? State { get; set; }

    public string? AcropolisConnectionState { get; set; }
}

/// <summary>PhysicalGpuProfile and VirtualGpuProfile: one row a device, without a host, often without an extId.</summary>
internal sealed class WireGpuProfile
{
    public string? ExtId { get; set; }

    [JsonConverter(typeof(LooseListConverter<string>))]
    public IReadOnlyList<string> AllocatedVmExtIds { get; set; } = [];

    [JsonConverter(typeof(LooseObjectConverter<WireGpuConfig>))]
    public WireGpuConfig? PhysicalGpuConfig { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WireGpuConfig>))]
    public WireGpuConfig? VirtualGpuConfig { get; set; }
}

/// <summary>physicalGpuConfig and virtualGpuConfig: the members this client reads have the same names in both.</summary>
internal sealed class WireGpuConfig
{
    /// <summary>A count by the schema; samples show true and false too.</summary>
    public long? Assignable { get; set; }

    public long? DeviceId { get; set; }

    public string? DeviceName { get; set; }

    public string? VendorName { get; set; }

    public string? Type { get; set; }

    /// <summary>UNUSED, USED_FOR_PASSTHROUGH, USED_FOR_VIRTUAL; physical only.</summary>
    public string? Mode { get; set; }

    public bool? IsInUse { get; set; }

    public long? FrameBufferSizeBytes { get; set; }

    public string? NumaNode { get; set; }

    public string? Sbdf { get; set; }

    /// <summary>Virtual only, as the rest.</summary>
    public long? MaxInstancesPerVm { get; set; }

    public string? MaxResolution { get; set; }

    public string? GuestDriverVersion { get; set; }

    [JsonConverter(typeof(LooseListConverter<string>))]
    public IReadOnlyList<string> Licenses { get; set; } = [];
}

internal sealed class WirePcieDevice
{
    public string? ExtId { get; set; }

    public string? ClusterExtId { get; set; }

    public string? HostExtId { get; set; }

    public string? OwnerVmExtId { get; set; }

    public string? Description { get; set; }

    public string? State { get; set; }

    public string? Type { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<WirePcieConfig>))]
    public WirePcieConfig? Configuration { get; set; }
}

internal sealed class WirePcieConfig
{
    public long? VendorId { get; set; }

    public long? DeviceId { get; set; }
}
