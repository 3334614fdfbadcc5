namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>Makes the pods of a workload.</summary>
internal sealed class NkePod(NkeManifestOptions options, NkeWorkload workload, GpuPlacement? gpu)
{
    public const string CacheVolume = "cache";

    private const string ScratchVolume = "scratch";
    private const string FilesVolume = "files";
    private const string KeysVolume = "keys";
    private const string HostnameKey = "kubernetes.io/hostname";
    private const string ZoneKey = "topology.kubernetes.io/zone";

    /// <summary>How long a pod may take to start: five minutes, GPU images are large and warm their caches.</summary>
    private const int StartupFailures = 30;

    public PodSpec Create() => new()
    {
        ServiceAccountName = options.Name,
        RestartPolicy = workload.IsService ? null : "Never",
        RuntimeClassName = options.RuntimeClass,
        TerminationGracePeriodSeconds = workload.IsService ? options.TerminationGraceSeconds : null,
        SecurityContext = new PodSecurityContext
        {
            RunAsUser = options.RunAsUser,
            RunAsGroup = options.RunAsUser,
            FsGroup = options.RunAsUser,
            SupplementalGroups = options.SupplementalGroups,
        },
        Affinity = CreateAffinity(),
        Tolerations = gpu?.Scheduling.Tolerations(gpu.Resource),
        TopologySpreadConstraints = IsBoundToOneNode ? null : [Spread(ZoneKey), Spread(HostnameKey)],
        ImagePullSecrets = [.. options.ImagePullSecrets.Select(s => new LocalObjectReference(s))],
        Containers = [CreateContainer()],
        Volumes = [.. CreateVolumes()],
    };

    /// <summary>A ReadWriteOnce volume is attached to one node: a pod elsewhere would wait for it for ever.</summary>
    private bool IsBoundToOneNode => options.CacheAccessMode == NkeManifest.ReadWriteOnce && options.Kind != NkeWorkloadKind.StatefulSet;

    private LabelSelector Pods => new() { MatchLabels = workload.PodSelector };

    private TopologySpreadConstraint Spread(string key) => new() { TopologyKey = key, LabelSelector = Pods };

    private Affinity? CreateAffinity()
    {
        var nodes = gpu?.Scheduling.NodeAffinity(options.GpuProduct, options.TimeSliceReplicas, options.RequireNodeLabels);
        var together = IsBoundToOneNode ? new PodAffinity { RequiredDuringSchedulingIgnoredDuringExecution = [new PodAffinityTerm(Pods, HostnameKey)] } : null;
        return nodes is null && together is null ? null : new Affinity { NodeAffinity = nodes, PodAffinity = together };
    }

    private Container CreateContainer()
    {
        var isService = workload.IsService;
        return new Container
        {
            Name = options.Name,
            Image = options.Image,
            Command = options.Command,
            Args = options.LaunchFile is null ? options.Arguments : [.. LaunchArguments(options.LaunchFile), .. options.Arguments],
            Ports = isService ? [new ContainerPort("http", options.Port)] : null,
            EnvFrom = [new EnvFromSource(new LocalObjectReference(options.Name))],
            Resources = CreateResources(),
            VolumeMounts = [.. CreateMounts()],
            StartupProbe = isService ? CreateProbe("/healthz") with { FailureThreshold = StartupFailures } : null,
            ReadinessProbe = isService ? CreateProbe("/readyz") : null,
            LivenessProbe = isService ? CreateProbe("/healthz") with { PeriodSeconds = 20 } : null,
        };
    }

    /// <summary>Kubernetes puts the pod's index where an argument says <c>$(JOB_COMPLETION_INDEX)</c>.</summary>
    private IEnumerable<string> LaunchArguments(string launchFile)
    {
        var results = $"{NkeManifest.CachePath}/results/{options.Name}";
        yield return "run";
        yield return $"{NkeManifest.FilesPath}/{launchFile}";
        yield return "--json";
        if (workload.Completions > 1)
        {
            yield return "--part";
            yield return FormattableString.Invariant($"$(JOB_COMPLETION_INDEX)/{workload.Completions}");
            results += "/$(JOB_COMPLETION_INDEX)";
        }

        yield return "--output-folder";
        yield return results;
    }

    private Probe CreateProbe(string path) => options.HttpProbes
        ? new Probe { HttpGet = new HttpGetAction(path, "http") }
        : new Probe { TcpSocket = new TcpSocketAction("http") };

    private ResourceRequirements CreateResources()
    {
        var requests = new Dictionary<string, string> { ["cpu"] = options.CpuRequest, ["memory"] = options.MemoryRequest };
        var limits = new Dictionary<string, string> { ["cpu"] = options.CpuLimit, ["memory"] = options.MemoryLimit };
        if (gpu is not null)
        {
            // Extended resources are not overcommitted: the API server wants the same number on both sides.
            var count = FormattableString.Invariant($"{options.GpuCount}");
            requests[gpu.Resource] = count;
            limits[gpu.Resource] = count;
        }

        return new ResourceRequirements { Requests = requests, Limits = limits };
    }

    private IEnumerable<VolumeMount> CreateMounts()
    {
        yield return new VolumeMount { Name = ScratchVolume, MountPath = "/tmp" };
        yield return new VolumeMount { Name = CacheVolume, MountPath = NkeManifest.CachePath };
        if (workload.HasFiles)
            yield return new VolumeMount { Name = FilesVolume, MountPath = NkeManifest.FilesPath, ReadOnly = true };
        if (options.ApiKeySecret is not null)
            yield return new VolumeMount { Name = KeysVolume, MountPath = NkeManifest.KeysPath, ReadOnly = true };
    }

    private IEnumerable<Volume> CreateVolumes()
    {
        yield return new Volume { Name = ScratchVolume, EmptyDir = new EmptyDirVolumeSource(options.ScratchSize) };
        if (options.Kind != NkeWorkloadKind.StatefulSet)
            yield return new Volume { Name = CacheVolume, PersistentVolumeClaim = new PersistentVolumeClaimVolumeSource(workload.CacheName) };
        if (workload.HasFiles)
            yield return new Volume { Name = FilesVolume, ConfigMap = new ConfigMapVolumeSource(workload.FilesName) };
        if (options.ApiKeySecret is { } secret)
            yield return new Volume { Name = KeysVolume, Secret = new SecretVolumeSource(secret) };
    }
}
