using GpuPlatform.Manifests.Kubernetes;
using YamlDotNet.Serialization;

namespace GpuPlatform.Manifests.ClusterApi;

/// <summary>Machines of the Cluster API provider Nutanix (github.com/nutanix-cloud-native/cluster-api-provider-nutanix).</summary>
public sealed record NutanixMachineTemplate() : KubernetesObject("infrastructure.cluster.x-k8s.io/v1beta1", "NutanixMachineTemplate")
{
    public required MachineTemplateSpec<NutanixMachineSpec> Spec { get; init; }
}

public sealed record NutanixMachineSpec
{
    public required int VcpuSockets { get; init; }

    public required int VcpusPerSocket { get; init; }

    public required string MemorySize { get; init; }

    public required string SystemDiskSize { get; init; }

    public string BootType { get; init; } = "uefi";

    public required NutanixIdentifier Cluster { get; init; }

    public required NutanixIdentifier Image { get; init; }

    [YamlMember(Alias = "subnet", ApplyNamingConventions = false)]
    public required IReadOnlyList<NutanixIdentifier> Subnets { get; init; }

    public NutanixIdentifier? Project { get; init; }

    public required IReadOnlyList<NutanixGpu> Gpus { get; init; }
}

/// <summary>A thing of Prism by one of name and UUID.</summary>
public sealed record NutanixIdentifier
{
    public required string Type { get; init; }

    public string? Name { get; init; }

    public string? Uuid { get; init; }

    /// <summary>What the text looks like: a UUID, or else a name.</summary>
    public static NutanixIdentifier Of(string text) =>
        Guid.TryParseExact(text, "D", out _) ? new NutanixIdentifier { Type = "uuid", Uuid = text } : new NutanixIdentifier { Type = "name", Name = text };
}

/// <summary>A GPU by one of name, as Prism shows it, and device id in decimal.</summary>
public sealed record NutanixGpu
{
    public required string Type { get; init; }

    public string? Name { get; init; }

    [YamlMember(Alias = "deviceID", ApplyNamingConventions = false)]
    public long? DeviceId { get; init; }
}
