using System.Text.Json.Serialization;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.V3.Wire;

internal sealed class V3ClusterResources
{
    [JsonConverter(typeof(LooseObjectConverter<V3ClusterConfig>))]
    public V3ClusterConfig? Config { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<V3ClusterNodes>))]
    public V3ClusterNodes? Nodes { get; set; }
}

internal sealed class V3ClusterConfig
{
    /// <summary>AOS, PRISM_CENTRAL.</summary>
    [JsonConverter(typeof(LooseListConverter<string>))]
    public IReadOnlyList<string> ServiceList { get; set; } = [];

    public string? ClusterArch { get; set; }

    public bool? IsAvailable { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<V3ClusterBuild>))]
    public V3ClusterBuild? Build { get; set; }
}

internal sealed class V3ClusterBuild
{
    public string? Version { get; set; }

    public string? FullVersion { get; set; }
}

internal sealed class V3ClusterNodes
{
    /// <summary>One entry a node, with its hypervisor's type.</summary>
    [JsonConverter(typeof(LooseListConverter<V3Hypervisor>))]
    public IReadOnlyList<V3Hypervisor> HypervisorServerList { get; set; } = [];
}

/// <summary>Of a host (ip, full name, machines) or of a cluster's node (ip, type, version).</summary>
internal sealed class V3Hypervisor
{
    public string? Ip { get; set; }

    public string? HypervisorFullName { get; set; }

    public string? Type { get; set; }

    public long? NumVms { get; set; }
}

/// <summary>host_def_status resources.</summary>
internal sealed class V3HostResources
{
    [JsonConverter(typeof(LooseListConverter<V3Gpu>))]
    public IReadOnlyList<V3Gpu> GpuList { get; set; } = [];

    public string? GpuDriverVersion { get; set; }

    public string? CpuModel { get; set; }

    public long? NumCpuCores { get; set; }

    public long? NumCpuSockets { get; set; }

    public long? MemoryCapacityMib { get; set; }

    /// <summary>HYPER_CONVERGED, COMPUTE_ONLY, NEVER_SCHEDULABLE.</summary>
    public string? HostType { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<V3Hypervisor>))]
    public V3Hypervisor? Hypervisor { get; set; }
}

/// <summary>host_gpu and the GPU of a machine's status. <c>mode</c> is the kind of GPU, <c>status</c> its use at the moment.</summary>
internal sealed class V3Gpu
{
    public string? Uuid { get; set; }

    public string? Name { get; set; }

    public string? Vendor { get; set; }

    public string? Mode { get; set; }

    public string? Status { get; set; }

    public long? DeviceId { get; set; }

    public string? PciAddress { get; set; }

    public long? NumaNode { get; set; }

    public bool? Assignable { get; set; }

    public long? Fraction { get; set; }

    public long? NumVgpusAllocated { get; set; }

    public long? FrameBufferSizeMib { get; set; }

    public long? MaxInstancesPerVm { get; set; }

    public string? GuestDriverVersion { get; set; }

    public string? MaxResolution { get; set; }

    [JsonConverter(typeof(LooseListConverter<string>))]
    public IReadOnlyList<string> LicenseList { get; set; } = [];

    [JsonConverter(typeof(LooseObjectConverter<V3Reference>))]
    public V3Reference? ConsumerReference { get; set; }
}

internal sealed class V3VmResources
{
    public string? PowerState { get; set; }

    public string? MachineType { get; set; }

    public long? NumSockets { get; set; }

    public long? NumVcpusPerSocket { get; set; }

    public long? MemorySizeMib { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<V3Reference>))]
    public V3Reference? HostReference { get; set; }

    [JsonConverter(typeof(LooseListConverter<V3Gpu>))]
    public IReadOnlyList<V3Gpu> GpuList { get; set; } = [];

    [JsonConverter(typeof(LooseListConverter<V3Nic>))]
    public IReadOnlyList<V3Nic> NicList { get; set; } = [];
}

internal sealed class V3Nic
{
    [JsonConverter(typeof(LooseListConverter<V3IpEndpoint>))]
    public IReadOnlyList<V3IpEndpoint> IpEndpointList { get; set; } = [];
}

internal sealed class V3IpEndpoint
{
    public string? Ip { get; set; }
}

internal sealed class V3ImageResources
{
    public string? ImageType { get; set; }

    public long? SizeBytes { get; set; }

    [JsonConverter(typeof(LooseListConverter<V3Reference>))]
    public IReadOnlyList<V3Reference> CurrentClusterReferenceList { get; set; } = [];
}

internal sealed class V3SubnetResources
{
    public string? SubnetType { get; set; }

    public long? VlanId { get; set; }

    [JsonConverter(typeof(LooseObjectConverter<V3Reference>))]
    public V3Reference? VpcReference { get; set; }
}
