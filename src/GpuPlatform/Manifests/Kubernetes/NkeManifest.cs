namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>
/// The Kubernetes objects of a GPU workload, in the order they are applied. Pods meet the Restricted Pod Security Standard, hold no
/// service account token, and are placed by their own vendor's resource, labels and taints.
/// </summary>
public sealed class NkeManifest
{
    /// <summary>Where the volume for compiled kernels is mounted.</summary>
    public const string CachePath = "/var/cache/cuda-wasm";

    /// <summary>Where <see cref="NkeManifestOptions.Files"/> are mounted.</summary>
    public const string FilesPath = "/etc/cuda-wasm";

    internal const string ReadWriteOnce = "ReadWriteOnce";
    internal const string ReadWriteMany = "ReadWriteMany";

    private const string NameLabel = "app.kubernetes.io/name";
    private const string ManagedByLabel = "app.kubernetes.io/managed-by";

    internal static readonly HashSet<string> OwnLabels = [NameLabel, ManagedByLabel];

    private readonly NkeManifestOptions _options;

    private NkeManifest(NkeManifestOptions options)
    {
        _options = options;
        Objects = [.. CreateObjects()];
    }

    public IReadOnlyList<KubernetesObject> Objects { get; }

    /// <exception cref="ManifestException">An option breaks a rule of Kubernetes; every fault is named.</exception>
    public static NkeManifest Create(NkeManifestOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        NkeManifestValidator.Validate(options);
        return new NkeManifest(options);
    }

    /// <summary>All objects as one YAML stream, as <c>kubectl apply -f -</c> takes it.</summary>
    public string ToYaml() => ManifestYaml.SerializeStream(Objects);

    /// <summary>
    /// Writes a file an object into a folder, numbered so that <c>kubectl apply -f FOLDER</c> makes them in order. Each file is whole
    /// or not there. Returns the full paths.
    /// </summary>
    public IReadOnlyList<string> WriteToFolder(string folder) =>
        [.. Objects.Select((o, i) => ManifestFiles.Write(Path.Combine(folder, $"{i:D2}-{FileName(o)}.yaml"), o.ToYaml()))];

    /// <summary>Writes all objects into one file; the file is whole or as it was before. Returns the full path.</summary>
    public string WriteToFile(string path) => ManifestFiles.Write(path, ToYaml());

    private string FileName(KubernetesObject o) =>
        o is ConfigMap && o.Metadata.Name == FilesName ? "configmap-files" : o.Kind.ToLowerInvariant();

    private string FilesName => $"{_options.Name}-files";

    private string CacheName => $"{_options.Name}-cache";

    private bool IsAutoscaled => _options.Kind == NkeWorkloadKind.Deployment && _options.MaxReplicas > FewestReplicas;

    private int FewestReplicas => _options.MinReplicas ?? _options.Replicas;

    private Dictionary<string, string> PodSelector => new() { [NameLabel] = _options.Name };

    private IEnumerable<KubernetesObject> CreateObjects()
    {
        if (_options.Namespace != "default")
            yield return CreateNamespace();

        yield return new ServiceAccount { Metadata = Meta(_options.Name) };
        yield return new ConfigMap { Metadata = Meta(_options.Name), Data = CreateEnvironment() };
        if (_options.Files.Count > 0)
            yield return new ConfigMap { Metadata = Meta(FilesName), Data = _options.Files };

        yield return CreateCacheClaim();
        if (_options.Kind == NkeWorkloadKind.Job)
        {
            yield return CreateJob();
        }
        else
        {
            yield return CreateDeployment();
            yield return CreateService();
            if (IsAutoscaled)
                yield return CreateAutoscaler();

            yield return new PodDisruptionBudget
            {
                Metadata = Meta(_options.Name),
                Spec = new PodDisruptionBudgetSpec { MaxUnavailable = 1, Selector = new LabelSelector { MatchLabels = PodSelector } },
            };
        }

        yield return CreateNetworkPolicy();
    }

    private ObjectMeta Meta(string name) => new()
    {
        Name = name,
        Namespace = _options.Namespace,
        Labels = AllLabels(),
        Annotations = _options.Annotations,
    };

    private Dictionary<string, string> AllLabels() =>
        new(_options.Labels) { [NameLabel] = _options.Name, [ManagedByLabel] = "cuda-wasm" };

    private Namespace CreateNamespace() => new()
    {
        Metadata = new ObjectMeta
        {
            Name = _options.Namespace,
            Labels = new Dictionary<string, string>
            {
                [ManagedByLabel] = "cuda-wasm",
                ["pod-security.kubernetes.io/enforce"] = "restricted",
                ["pod-security.kubernetes.io/warn"] = "restricted",
            },
        },
    };

    /// <summary>
    /// Where programs that know nothing of this manifest put what they write: the root file system is read-only. CUDA_CACHE_PATH
    /// is the NVIDIA driver's own kernel cache.
    /// </summary>
    private Dictionary<string, string> CreateEnvironment()
    {
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = "/tmp",
            ["TMPDIR"] = "/tmp",
            ["XDG_CACHE_HOME"] = CachePath,
        };
        if (GpuPlacement() is { Scheduling.Vendor: GpuVendor.Nvidia })
            environment["CUDA_CACHE_PATH"] = $"{CachePath}/nvidia";

        foreach (var (name, value) in _options.Environment)
            environment[name] = value;

        return environment;
    }

    private PersistentVolumeClaim CreateCacheClaim() => new()
    {
        Metadata = Meta(CacheName),
        Spec = new PersistentVolumeClaimSpec
        {
            AccessModes = [_options.CacheAccessMode],
            StorageClassName = _options.StorageClass,
            Resources = new ResourceRequirements { Requests = new Dictionary<string, string> { ["storage"] = _options.CacheSize } },
        },
    };

    private Deployment CreateDeployment() => new()
    {
        Metadata = Meta(_options.Name),
        Spec = new DeploymentSpec
        {
            Replicas = IsAutoscaled ? null : FewestReplicas,
            Selector = new LabelSelector { MatchLabels = PodSelector },
            // A surge pod would wait for a GPU that only the pod it replaces can free.
            Strategy = new DeploymentStrategy { RollingUpdate = new RollingUpdateDeployment(MaxSurge: 0, MaxUnavailable: 1) },
            Template = CreatePod(),
        },
    };

    private Job CreateJob() => new()
    {
        Metadata = Meta(_options.Name),
        Spec = new JobSpec
        {
            Completions = _options.Replicas,
            Parallelism = _options.Replicas,
            // Indexed pods know which share of the work is theirs (JOB_COMPLETION_INDEX).
            CompletionMode = _options.Replicas > 1 ? "Indexed" : null,
            BackoffLimit = 3,
            Template = CreatePod(),
        },
    };

    private PodTemplateSpec CreatePod() => new()
    {
        Metadata = new ObjectMeta { Labels = AllLabels(), Annotations = _options.Annotations },
        Spec = new PodSpec
        {
            ServiceAccountName = _options.Name,
            RestartPolicy = _options.Kind == NkeWorkloadKind.Job ? "Never" : null,
            RuntimeClassName = _options.RuntimeClass,
            SecurityContext = new PodSecurityContext
            {
                RunAsUser = _options.RunAsUser,
                RunAsGroup = _options.RunAsUser,
                FsGroup = _options.RunAsUser,
                SupplementalGroups = _options.SupplementalGroups,
            },
            Affinity = CreateAffinity(),
            Tolerations = GpuPlacement() is { } gpu ? gpu.Scheduling.Tolerations(gpu.Resource) : null,
            ImagePullSecrets = [.. _options.ImagePullSecrets.Select(s => new LocalObjectReference(s))],
            Containers = [CreateContainer()],
            Volumes = [.. CreateVolumes()],
        },
    };

    private (GpuScheduling Scheduling, string Resource)? GpuPlacement()
    {
        if (_options.GpuCount == 0)
            return null;

        var scheduling = _options.GpuResource is { } resource ? GpuScheduling.ForResource(resource) : GpuScheduling.For(_options.GpuVendor);
        return (scheduling!, _options.GpuResource ?? scheduling!.DefaultResource);
    }

    private Affinity CreateAffinity()
    {
        var together = new PodAffinityTerm(new LabelSelector { MatchLabels = PodSelector }, "kubernetes.io/hostname");
        var isShared = _options.CacheAccessMode == ReadWriteMany;
        return new Affinity
        {
            NodeAffinity = GpuPlacement() is { } gpu ? gpu.Scheduling.NodeAffinity(_options.GpuProduct, _options.RequireNodeLabels) : null,
            // A ReadWriteOnce volume is attached to one node: a pod elsewhere would wait for it for ever.
            PodAffinity = isShared ? null : new PodAffinity { RequiredDuringSchedulingIgnoredDuringExecution = [together] },
            PodAntiAffinity = isShared
                ? new PodAffinity { PreferredDuringSchedulingIgnoredDuringExecution = [new WeightedPodAffinityTerm(100, together)] }
                : null,
        };
    }

    private Container CreateContainer()
    {
        var isService = _options.Kind == NkeWorkloadKind.Deployment;
        var probe = new Probe { TcpSocket = new TcpSocketAction("http") };
        return new Container
        {
            Name = _options.Name,
            Image = _options.Image,
            Command = _options.Command,
            Args = _options.Arguments,
            Ports = isService ? [new ContainerPort("http", _options.Port)] : null,
            EnvFrom = [new EnvFromSource(new LocalObjectReference(_options.Name))],
            Resources = CreateResources(),
            VolumeMounts = [.. CreateMounts()],
            // Five minutes for the first start: GPU images are large and warm their caches.
            StartupProbe = isService ? probe with { FailureThreshold = 30 } : null,
            ReadinessProbe = isService ? probe : null,
            LivenessProbe = isService ? probe with { PeriodSeconds = 20 } : null,
        };
    }

    private ResourceRequirements CreateResources()
    {
        var requests = new Dictionary<string, string> { ["cpu"] = _options.CpuRequest, ["memory"] = _options.MemoryRequest };
        var limits = new Dictionary<string, string> { ["cpu"] = _options.CpuLimit, ["memory"] = _options.MemoryLimit };
        if (GpuPlacement() is { } gpu)
        {
            // Extended resources are not overcommitted: the API server wants the same number on both sides.
            var count = FormattableString.Invariant($"{_options.GpuCount}");
            requests[gpu.Resource] = count;
            limits[gpu.Resource] = count;
        }

        return new ResourceRequirements { Requests = requests, Limits = limits };
    }

    private IEnumerable<VolumeMount> CreateMounts()
    {
        yield return new VolumeMount { Name = "scratch", MountPath = "/tmp" };
        yield return new VolumeMount { Name = "cache", MountPath = CachePath };
        if (_options.Files.Count > 0)
            yield return new VolumeMount { Name = "files", MountPath = FilesPath, ReadOnly = true };
    }

    private IEnumerable<Volume> CreateVolumes()
    {
        yield return new Volume { Name = "scratch", EmptyDir = new EmptyDirVolumeSource(_options.ScratchSize) };
        yield return new Volume { Name = "cache", PersistentVolumeClaim = new PersistentVolumeClaimVolumeSource(CacheName) };
        if (_options.Files.Count > 0)
            yield return new Volume { Name = "files", ConfigMap = new ConfigMapVolumeSource(FilesName) };
    }

    private Service CreateService() => new()
    {
        Metadata = Meta(_options.Name),
        Spec = new ServiceSpec
        {
            Selector = PodSelector,
            Ports = [new ServicePort { Name = "http", Port = _options.Port, TargetPort = "http" }],
        },
    };

    private HorizontalPodAutoscaler CreateAutoscaler() => new()
    {
        Metadata = Meta(_options.Name),
        Spec = new HorizontalPodAutoscalerSpec
        {
            ScaleTargetRef = new CrossVersionObjectReference("apps/v1", "Deployment", _options.Name),
            MinReplicas = FewestReplicas,
            MaxReplicas = _options.MaxReplicas,
            Metrics = [new MetricSpec("Resource", new ResourceMetricSource("cpu", new MetricTarget("Utilization", _options.TargetCpuUtilization)))],
        },
    };

    /// <summary>In: pods of the same namespace, on the Service's port. Out: DNS, and the networks named.</summary>
    private NetworkPolicy CreateNetworkPolicy()
    {
        var dns = new NetworkPolicyEgressRule
        {
            To =
            [
                new NetworkPolicyPeer
                {
                    NamespaceSelector = new LabelSelector
                    {
                        MatchLabels = new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = "kube-system" },
                    },
                },
            ],
            Ports = [new NetworkPolicyPort("UDP", 53), new NetworkPolicyPort("TCP", 53)],
        };
        var networks = _options.EgressCidrs.Select(c => new NetworkPolicyPeer { IpBlock = new IpBlock(c) }).ToArray();

        return new NetworkPolicy
        {
            Metadata = Meta(_options.Name),
            Spec = new NetworkPolicySpec
            {
                PodSelector = new LabelSelector { MatchLabels = PodSelector },
                PolicyTypes = ["Ingress", "Egress"],
                Ingress = _options.Kind == NkeWorkloadKind.Deployment
                    ? [new NetworkPolicyIngressRule([new NetworkPolicyPeer { PodSelector = new LabelSelector() }], [new NetworkPolicyPort("TCP", _options.Port)])]
                    : null,
                Egress = networks.Length > 0 ? [dns, new NetworkPolicyEgressRule { To = networks }] : [dns],
            },
        };
    }
}
