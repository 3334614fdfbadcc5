namespace GpuPlatform.Manifests.Kubernetes;

public sealed record PodTemplateSpec
{
    public required ObjectMeta Metadata { get; init; }

    public required PodSpec Spec { get; init; }
}

public sealed record PodSpec
{
    public required string ServiceAccountName { get; init; }

    public bool AutomountServiceAccountToken { get; init; }

    public bool EnableServiceLinks { get; init; }

    public string? RestartPolicy { get; init; }

    public string? RuntimeClassName { get; init; }

    /// <summary>How long a pod may take to end its work once it is told to stop.</summary>
    public long? TerminationGracePeriodSeconds { get; init; }

    public required PodSecurityContext SecurityContext { get; init; }

    public Affinity? Affinity { get; init; }

    public IReadOnlyList<Toleration>? Tolerations { get; init; }

    public IReadOnlyList<TopologySpreadConstraint>? TopologySpreadConstraints { get; init; }

    public IReadOnlyList<LocalObjectReference>? ImagePullSecrets { get; init; }

    public required IReadOnlyList<Container> Containers { get; init; }

    public required IReadOnlyList<Volume> Volumes { get; init; }
}

public sealed record PodSecurityContext
{
    public bool RunAsNonRoot { get; init; } = true;

    public required long RunAsUser { get; init; }

    public required long RunAsGroup { get; init; }

    public required long FsGroup { get; init; }

    public string FsGroupChangePolicy { get; init; } = "OnRootMismatch";

    public IReadOnlyList<long>? SupplementalGroups { get; init; }

    public SeccompProfile SeccompProfile { get; init; } = new();
}

public sealed record SeccompProfile
{
    public string Type { get; init; } = "RuntimeDefault";
}

public sealed record LocalObjectReference(string Name);

public sealed record Container
{
    public required string Name { get; init; }

    public required string Image { get; init; }

    public string? ImagePullPolicy { get; init; }

    public IReadOnlyList<string>? Command { get; init; }

    public IReadOnlyList<string>? Args { get; init; }

    public IReadOnlyList<ContainerPort>? Ports { get; init; }

    public IReadOnlyList<EnvFromSource>? EnvFrom { get; init; }

    public required ResourceRequirements Resources { get; init; }

    public ContainerSecurityContext SecurityContext { get; init; } = new();

    public required IReadOnlyList<VolumeMount> VolumeMounts { get; init; }

    public Probe? StartupProbe { get; init; }

    public Probe? ReadinessProbe { get; init; }

    public Probe? LivenessProbe { get; init; }
}

public sealed record ContainerPort(string Name, int ContainerPortNumber)
{
    public string Name { get; } = Name;

    [YamlDotNet.Serialization.YamlMember(Alias = "containerPort", ApplyNamingConventions = false)]
    public int ContainerPortNumber { get; } = ContainerPortNumber;
}

public sealed record EnvFromSource(LocalObjectReference ConfigMapRef);

public sealed record ResourceRequirements
{
    public IReadOnlyDictionary<string, string>? Requests { get; init; }

    public IReadOnlyDictionary<string, string>? Limits { get; init; }
}

/// <summary>The container half of the Restricted Pod Security Standard, and a root file system nobody writes to.</summary>
public sealed record ContainerSecurityContext
{
    public bool AllowPrivilegeEscalation { get; init; }

    public bool ReadOnlyRootFilesystem { get; init; } = true;

    public bool RunAsNonRoot { get; init; } = true;

    public Capabilities Capabilities { get; init; } = new();
}

public sealed record Capabilities
{
    public IReadOnlyList<string> Drop { get; init; } = ["ALL"];
}

public sealed record VolumeMount
{
    public required string Name { get; init; }

    public required string MountPath { get; init; }

    public bool? ReadOnly { get; init; }
}

public sealed record Volume
{
    public required string Name { get; init; }

    public EmptyDirVolumeSource? EmptyDir { get; init; }

    public ConfigMapVolumeSource? ConfigMap { get; init; }

    public SecretVolumeSource? Secret { get; init; }

    public PersistentVolumeClaimVolumeSource? PersistentVolumeClaim { get; init; }
}

public sealed record EmptyDirVolumeSource(string? SizeLimit);

public sealed record ConfigMapVolumeSource(string Name);

public sealed record SecretVolumeSource(string SecretName);

public sealed record PersistentVolumeClaimVolumeSource(string ClaimName);

/// <summary>One of <see cref="HttpGet"/> and <see cref="TcpSocket"/>.</summary>
public sealed record Probe
{
    public HttpGetAction? HttpGet { get; init; }

    public TcpSocketAction? TcpSocket { get; init; }

    public int PeriodSeconds { get; init; } = 10;

    public int FailureThreshold { get; init; } = 3;
}

/// <param name="Path">Answered with 200 to 399 where all is well.</param>
/// <param name="Port">The container port's name.</param>
public sealed record HttpGetAction(string Path, string Port);

/// <param name="Port">The container port's name.</param>
public sealed record TcpSocketAction(string Port);
