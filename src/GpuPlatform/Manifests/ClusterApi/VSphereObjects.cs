using GpuPlatform.Manifests.Kubernetes;
using YamlDotNet.Serialization;

namespace GpuPlatform.Manifests.ClusterApi;

/// <summary>Machines of the Cluster API provider vSphere (github.com/kubernetes-sigs/cluster-api-provider-vsphere).</summary>
public sealed record VSphereMachineTemplate() : KubernetesObject("infrastructure.cluster.x-k8s.io/v1beta1", "VSphereMachineTemplate")
{
    public required MachineTemplateSpec<VSphereMachineSpec> Spec { get; init; }
}

public sealed record MachineTemplateSpec<T>(MachineTemplateResource<T> Template);

public sealed record MachineTemplateResource<T>(T Spec);

public sealed record VSphereMachineSpec
{
    public required string Template { get; init; }

    public string? CloneMode { get; init; }

    public string? Server { get; init; }

    public string? Datacenter { get; init; }

    public string? Datastore { get; init; }

    public string? Folder { get; init; }

    public string? ResourcePool { get; init; }

    public string? StoragePolicyName { get; init; }

    public string? FailureDomain { get; init; }

    public required VSphereNetwork Network { get; init; }

    [YamlMember(Alias = "numCPUs", ApplyNamingConventions = false)]
    public required int NumCpus { get; init; }

    [YamlMember(Alias = "memoryMiB", ApplyNamingConventions = false)]
    public required long MemoryMiB { get; init; }

    [YamlMember(Alias = "diskGiB", ApplyNamingConventions = false)]
    public required int DiskGiB { get; init; }

    public required string HardwareVersion { get; init; }

    /// <summary>Passed-through devices want all of the machine's memory reserved.</summary>
    public VSphereResources? Resources { get; init; }

    [YamlMember(Alias = "customVMXKeys", ApplyNamingConventions = false)]
    public IReadOnlyDictionary<string, string>? CustomVmxKeys { get; init; }

    public required IReadOnlyList<VSpherePciDevice> PciDevices { get; init; }
}

public sealed record VSphereNetwork(IReadOnlyList<VSphereNetworkDevice> Devices);

public sealed record VSphereNetworkDevice(string NetworkName)
{
    public bool Dhcp4 { get; init; } = true;
}

public sealed record VSphereResources(IReadOnlyDictionary<string, string> Requests);

/// <summary>A whole device by its ids, or a share of one by its vGPU profile.</summary>
public sealed record VSpherePciDevice
{
    public int? DeviceId { get; init; }

    public int? VendorId { get; init; }

    [YamlMember(Alias = "vGPUProfile", ApplyNamingConventions = false)]
    public string? VGpuProfile { get; init; }

    public string? CustomLabel { get; init; }
}
