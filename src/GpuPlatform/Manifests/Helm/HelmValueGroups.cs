using YamlDotNet.Serialization;

namespace GpuPlatform.Manifests.Helm;

internal sealed record NamespaceValues
{
    [YamlMember(Description = "Writes the Namespace too, with labels that enforce the Restricted Pod Security Standard: for a release whose own\nnamespace is another one (namespaceOverride), since Helm keeps its records there, and for \"helm template\".")]
    public bool Create { get; init; }
}

internal sealed record NameValue(string Name);

internal sealed record ImageValues
{
    public required string Repository { get; init; }

    public required string Tag { get; init; }

    [YamlMember(Description = "sha256:..., which pins the image whatever its tag.")]
    public required string Digest { get; init; }

    [YamlMember(Description = "Always, IfNotPresent or Never; empty for the cluster's default.")]
    public string PullPolicy { get; init; } = "";

    /// <summary>The parts of <c>[registry[:port]/]path[:tag][@digest]</c>.</summary>
    public static ImageValues Of(string reference)
    {
        var at = reference.IndexOf('@', StringComparison.Ordinal);
        var name = at < 0 ? reference : reference[..at];
        var colon = name.IndexOf(':', name.LastIndexOf('/') + 1);
        return new ImageValues
        {
            Repository = colon < 0 ? name : name[..colon],
            Tag = colon < 0 ? "" : name[(colon + 1)..],
            Digest = at < 0 ? "" : reference[(at + 1)..],
        };
    }
}

internal sealed record GpuValues
{
    [YamlMember(Description = "Whose GPUs the pods get: nvidia, amd or intel.")]
    public required string Vendor { get; init; }

    [YamlMember(Description = "GPUs (or slices) a pod; 0 for pods that run on the CPU.")]
    public required int Count { get; init; }

    [YamlMember(Description = "Extended resource in place of the vendor's whole device: nvidia.com/mig-1g.10gb, gpu.intel.com/xe.")]
    public required string Resource { get; init; }

    [YamlMember(Description = "Product as the vendor's labeller writes it on the node: NVIDIA-A100-SXM4-80GB; empty for any.")]
    public required string Product { get; init; }

    [YamlMember(Description = "Pods that share one NVIDIA GPU by turns, as the nodes' device plugin is set; null for GPUs of one's own.")]
    public required int? TimeSliceReplicas { get; init; }

    [YamlMember(Description = "false only prefers nodes with the vendor's labels, for clusters that run a bare device plugin.")]
    public required bool RequireNodeLabels { get; init; }
}

internal sealed record ResourceValues(IReadOnlyDictionary<string, string> Requests, IReadOnlyDictionary<string, string> Limits);

internal sealed record JobValues
{
    [YamlMember(Description = "Shares of the work, each done by one pod (JOB_COMPLETION_INDEX tells which); null for replicaCount.")]
    public required int? Completions { get; init; }

    [YamlMember(Description = "One of the files: every pod runs its share of that launch file's grid with \"cuda-wasm run\".")]
    public required string LaunchFile { get; init; }

    [YamlMember(Description = "Seconds after which a Job is ended; null for no limit.")]
    public required long? ActiveDeadlineSeconds { get; init; }

    [YamlMember(Description = "Seconds a Job is kept after its end; null to keep it.")]
    public required int? TtlSecondsAfterFinished { get; init; }

    [YamlMember(Description = "When a CronJob runs: five cron fields such as '0 3 * * *', or @daily.")]
    public required string Schedule { get; init; }

    [YamlMember(Description = "Its time zone: Europe/Zurich; empty for the cluster's.")]
    public required string TimeZone { get; init; }
}

internal sealed record AutoscalingValues
{
    public required bool Enabled { get; init; }

    [YamlMember(Description = "Fewest pods; null for replicaCount.")]
    public required int? MinReplicas { get; init; }

    public required int MaxReplicas { get; init; }

    [YamlMember(Description = "cpu, or gpu as the vendor's Prometheus exporter measures it and an adapter of the custom metrics API serves it.")]
    public required string Metric { get; init; }

    [YamlMember(Description = "Use in percent that it holds.")]
    public required int TargetCpuUtilization { get; init; }

    public required int TargetGpuUtilization { get; init; }
}

internal sealed record ServiceValues
{
    [YamlMember(Description = "ClusterIP, NodePort or LoadBalancer.")]
    public string Type { get; init; } = "ClusterIP";

    [YamlMember(Description = "Port the container listens on and the Service answers on.")]
    public required int Port { get; init; }
}

internal sealed record ProbeValues(bool Http);

internal sealed record PersistenceValues
{
    public required string Size { get; init; }

    [YamlMember(Description = "Empty for the cluster's default class.")]
    public required string StorageClass { get; init; }

    [YamlMember(Description = "ReadWriteOnce (Nutanix Volumes): all pods on the node that holds the volume. ReadWriteMany (Nutanix Files): spread.")]
    public required string AccessMode { get; init; }

    [YamlMember(Description = "A claim that is there, in place of a new one; not for a StatefulSet, whose pods have a volume each.")]
    public string ExistingClaim { get; init; } = "";
}

internal sealed record ScratchValues(string Size);

internal sealed record SwitchValues
{
    public bool Enabled { get; init; } = true;
}

internal sealed record NetworkPolicyValues(bool Enabled, IReadOnlyList<string> EgressCidrs);

internal sealed record ServiceMonitorValues
{
    public required bool Enabled { get; init; }

    [YamlMember(Description = "Namespace that Prometheus runs in.")]
    public required string Namespace { get; init; }

    public string Interval { get; init; } = "30s";
}

internal sealed record ServiceAccountValues
{
    public bool Create { get; init; } = true;

    [YamlMember(Description = "Empty for the workload's name, or the namespace's default account where none is created.")]
    public string Name { get; init; } = "";
}

internal sealed record SecurityContextValues(long RunAsUser, IReadOnlyList<long> SupplementalGroups);
