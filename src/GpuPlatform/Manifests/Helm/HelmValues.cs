using GpuPlatform.Manifests.Kubernetes;
using YamlDotNet.Serialization;

namespace GpuPlatform.Manifests.Helm;

/// <summary>What a chart's <c>values.yaml</c> holds. A description becomes the comment over its value.</summary>
internal sealed record HelmValues
{
    [YamlMember(Description = "Name in the place of the chart's in the objects' names.")]
    public string NameOverride { get; init; } = "";

    [YamlMember(Description = "Name of the workload and prefix of its objects' names, in the place of the release's; at most 52 characters\nfor a StatefulSet or CronJob.")]
    public required string FullnameOverride { get; init; }

    [YamlMember(Description = "Namespace in the place of the release's.")]
    public string NamespaceOverride { get; init; } = "";

    public NamespaceValues Namespace { get; init; } = new();

    [YamlMember(Description = "What runs the pods: Deployment, StatefulSet (a cache volume a pod), Job (pods that run to their end) or CronJob.")]
    public required string Kind { get; init; }

    [YamlMember(Description = "Pods of a Deployment or StatefulSet without autoscaler; parallel pods of a Job.")]
    public required int ReplicaCount { get; init; }

    [YamlMember(Description = "The image must run as a user that is not root.")]
    public required ImageValues Image { get; init; }

    [YamlMember(Description = "Secrets for the image's registry: [{name: registry}].")]
    public required IReadOnlyList<NameValue> ImagePullSecrets { get; init; }

    [YamlMember(Description = "Command in place of the image's entry point, and arguments in place of its own; empty keeps them.")]
    public required IReadOnlyList<string> Command { get; init; }

    public required IReadOnlyList<string> Args { get; init; }

    [YamlMember(Description = "Environment variables, beside those the chart sets for the worker.")]
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    [YamlMember(Description = "Text files, name to content, mounted read-only at /etc/cuda-wasm: kernels, launch files. Helm keeps a release in one\nSecret of 1 MiB; larger inputs belong on the volume.")]
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    [YamlMember(Description = "Files that are not text, in Base64, mounted with them.")]
    public required IReadOnlyDictionary<string, string> BinaryFiles { get; init; }

    [YamlMember(Description = "Replaces the pods when the environment or the files change (an annotation with their checksum).")]
    public bool RestartOnChange { get; init; }

    public required GpuValues Gpu { get; init; }

    [YamlMember(Description = "What a pod is promised and may use at most; the GPUs are added. Requests must not be more than limits.")]
    public required ResourceValues Resources { get; init; }

    [YamlMember(Description = "What a Job or CronJob does; other kinds pass it over.")]
    public required JobValues Job { get; init; }

    [YamlMember(Description = "The autoscaler of a Deployment or StatefulSet.")]
    public required AutoscalingValues Autoscaling { get; init; }

    public required ServiceValues Service { get; init; }

    [YamlMember(Description = "http asks the worker's /healthz and /readyz; false, for images of other programs, that the port is open.")]
    public required ProbeValues Probes { get; init; }

    [YamlMember(Description = "Secret whose key 'keys' holds the worker's API keys, one tenant:key a line; empty where whoever the network lets\nthrough may call.")]
    public required string ApiKeySecret { get; init; }

    [YamlMember(Description = "The volume for compiled kernels, at /var/cache/cuda-wasm.")]
    public required PersistenceValues Persistence { get; init; }

    [YamlMember(Description = "The scratch space at /tmp, on the node's disk.")]
    public required ScratchValues Scratch { get; init; }

    public SwitchValues PodDisruptionBudget { get; init; } = new();

    [YamlMember(Description = "In: the namespace (and Prometheus). Out: DNS and the networks named.")]
    public required NetworkPolicyValues NetworkPolicy { get; init; }

    [YamlMember(Description = "For clusters with the Prometheus Operator.")]
    public required ServiceMonitorValues ServiceMonitor { get; init; }

    [YamlMember(Description = "No token of it is mounted.")]
    public ServiceAccountValues ServiceAccount { get; init; } = new();

    [YamlMember(Description = "RuntimeClass, where the vendor's container runtime is not the cluster's default: nvidia.")]
    public required string RuntimeClassName { get; init; }

    [YamlMember(Description = "Seconds a pod of a Deployment or StatefulSet may take to end its launches once it is told to stop.")]
    public required int TerminationGracePeriodSeconds { get; init; }

    [YamlMember(Description = "User and group the container runs as, not 0; further groups such as the node's render group, which AMD and Intel\ndevice files belong to.")]
    public required SecurityContextValues SecurityContext { get; init; }

    [YamlMember(Description = "Labels and annotations of every object and pod.")]
    public required IReadOnlyDictionary<string, string> CommonLabels { get; init; }

    public required IReadOnlyDictionary<string, string> CommonAnnotations { get; init; }

    /// <summary>The values with which the chart makes the objects that <see cref="NkeManifest"/> makes of checked options.</summary>
    public static HelmValues Of(NkeManifestOptions options)
    {
        var workload = new NkeWorkload(options);
        var gpu = GpuPlacement.Of(options);
        return new HelmValues
        {
            // The objects are named after the release, save for names no release can have.
            FullnameOverride = options.Name.Length > HelmChart.MaximumReleaseName ? options.Name : "",
            Kind = options.Kind.ToString(),
            ReplicaCount = workload.IsService ? workload.FewestReplicas : options.Replicas,
            Image = ImageValues.Of(options.Image),
            ImagePullSecrets = [.. options.ImagePullSecrets.Select(s => new NameValue(s))],
            Command = options.Command,
            Args = options.Arguments,
            Environment = options.Environment,
            Files = options.Files,
            BinaryFiles = options.BinaryFiles.ToDictionary(f => f.Key, f => Convert.ToBase64String(f.Value)),
            Gpu = new GpuValues
            {
                Vendor = GpuVendors.KeyOf(gpu?.Scheduling.Vendor ?? options.GpuVendor),
                Count = options.GpuCount,
                Resource = options.GpuResource ?? "",
                Product = options.GpuProduct ?? "",
                TimeSliceReplicas = options.TimeSliceReplicas,
                RequireNodeLabels = options.RequireNodeLabels,
            },
            Resources = new ResourceValues(
                new Dictionary<string, string> { ["cpu"] = options.CpuRequest, ["memory"] = options.MemoryRequest },
                new Dictionary<string, string> { ["cpu"] = options.CpuLimit, ["memory"] = options.MemoryLimit }),
            Job = new JobValues
            {
                Completions = options.Completions,
                LaunchFile = options.LaunchFile ?? "",
                ActiveDeadlineSeconds = options.ActiveDeadlineSeconds,
                TtlSecondsAfterFinished = options.TtlSecondsAfterFinished,
                Schedule = options.Schedule ?? "",
                TimeZone = options.TimeZone ?? "",
            },
            Autoscaling = new AutoscalingValues
            {
                Enabled = workload.IsAutoscaled,
                MinReplicas = options.MinReplicas,
                MaxReplicas = options.MaxReplicas,
                Metric = options.ScaleMetric == NkeScaleMetric.Gpu ? "gpu" : "cpu",
                TargetCpuUtilization = options.TargetCpuUtilization,
                TargetGpuUtilization = options.TargetGpuUtilization,
            },
            Service = new ServiceValues { Port = options.Port },
            Probes = new ProbeValues(options.HttpProbes),
            ApiKeySecret = options.ApiKeySecret ?? "",
            Persistence = new PersistenceValues { Size = options.CacheSize, StorageClass = options.StorageClass, AccessMode = options.CacheAccessMode },
            Scratch = new ScratchValues(options.ScratchSize),
            NetworkPolicy = new NetworkPolicyValues(Enabled: true, options.EgressCidrs),
            ServiceMonitor = new ServiceMonitorValues { Enabled = options.ServiceMonitor, Namespace = options.MonitoringNamespace },
            RuntimeClassName = options.RuntimeClass ?? "",
            TerminationGracePeriodSeconds = options.TerminationGraceSeconds,
            SecurityContext = new SecurityContextValues(options.RunAsUser, options.SupplementalGroups),
            CommonLabels = options.Labels,
            CommonAnnotations = options.Annotations,
        };
    }
}
