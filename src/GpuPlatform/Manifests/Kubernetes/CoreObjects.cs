namespace GpuPlatform.Manifests.Kubernetes;

public sealed record Namespace() : KubernetesObject("v1", "Namespace");

public sealed record ConfigMap() : KubernetesObject("v1", "ConfigMap")
{
    public IReadOnlyDictionary<string, string>? Data { get; init; }

    /// <summary>Files that are not text, in Base64.</summary>
    public IReadOnlyDictionary<string, string>? BinaryData { get; init; }
}

public sealed record ServiceAccount() : KubernetesObject("v1", "ServiceAccount")
{
    public bool AutomountServiceAccountToken { get; init; }
}

public sealed record PersistentVolumeClaim() : KubernetesObject("v1", "PersistentVolumeClaim")
{
    public required PersistentVolumeClaimSpec Spec { get; init; }
}

public sealed record PersistentVolumeClaimSpec
{
    public required IReadOnlyList<string> AccessModes { get; init; }

    public string? StorageClassName { get; init; }

    public required ResourceRequirements Resources { get; init; }
}

public sealed record Service() : KubernetesObject("v1", "Service")
{
    public required ServiceSpec Spec { get; init; }
}

public sealed record ServiceSpec
{
    public string Type { get; init; } = "ClusterIP";

    /// <summary><c>None</c> for a headless Service: DNS names of the pods, no address of its own.</summary>
    public string? ClusterIP { get; init; }

    public required IReadOnlyDictionary<string, string> Selector { get; init; }

    public required IReadOnlyList<ServicePort> Ports { get; init; }
}

public sealed record ServicePort
{
    public required string Name { get; init; }

    public required int Port { get; init; }

    /// <summary>The container port's name.</summary>
    public required string TargetPort { get; init; }

    public string Protocol { get; init; } = "TCP";
}
