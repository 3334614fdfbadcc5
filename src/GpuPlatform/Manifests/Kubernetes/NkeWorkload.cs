namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>Makes the objects of a workload from options that were checked.</summary>
internal sealed class NkeWorkload(NkeManifestOptions options)
{
    public const string Headless = "None";

    private const string NameLabel = "app.kubernetes.io/name";
    private const string ManagedByLabel = "app.kubernetes.io/managed-by";

    /// <summary>Three runs that never came to an end are enough to know that the fourth will not.</summary>
    private const int BackoffLimit = 3;

    public static readonly HashSet<string> OwnLabels = [NameLabel, ManagedByLabel];

    private readonly NkeManifestOptions _options = options;
    private readonly GpuPlacement? _gpu = GpuPlacement.Of(options);

    public string FilesName => $"{_options.Name}-files";

    public string CacheName => $"{_options.Name}-cache";

    public Dictionary<string, string> PodSelector => new() { [NameLabel] = _options.Name };

    /// <summary>Pods of such kinds listen on a port until they are told to stop.</summary>
    public bool IsService => _options.Kind is NkeWorkloadKind.Deployment or NkeWorkloadKind.StatefulSet;

    public bool HasFiles => _options.Files.Count + _options.BinaryFiles.Count > 0;

    /// <summary>Pods that a Job needs in all.</summary>
    public int Completions => _options.Completions ?? _options.Replicas;

    public bool IsAutoscaled => IsService && _options.MaxReplicas > FewestReplicas;

    public int FewestReplicas => _options.MinReplicas ?? _options.Replicas;

    private string PodsName => $"{_options.Name}-pods";

    private LabelSelector Selector => new() { MatchLabels = PodSelector };

    public IEnumerable<KubernetesObject> CreateObjects()
    {
        if (_options.Namespace != "default")
            yield return CreateNamespace();

        yield return new ServiceAccount { Metadata = Meta(_options.Name) };
        yield return new ConfigMap { Metadata = Meta(_options.Name), Data = CreateEnvironment() };
        if (HasFiles)
        {
            yield return new ConfigMap
            {
                Metadata = Meta(FilesName),
                Data = _options.Files,
                BinaryData = _options.BinaryFiles.ToDictionary(f => f.Key, f => Convert.ToBase64String(f.Value)),
            };
        }

        if (_options.Kind != NkeWorkloadKind.StatefulSet)
            yield return new PersistentVolumeClaim { Metadata = Meta(CacheName), Spec = CreateCacheClaim() };

        yield return CreateWorkload();
        if (IsService)
        {
            foreach (var item in CreateServiceObjects())
                yield return item;
        }

        yield return NkeNetworkPolicy.Create(_options, Meta(_options.Name), Selector, IsService);
    }

    public Dictionary<string, string> AllLabels() =>
        new(_options.Labels) { [NameLabel] = _options.Name, [ManagedByLabel] = "cuda-wasm" };

    private IEnumerable<KubernetesObject> CreateServiceObjects()
    {
        if (_options.Kind == NkeWorkloadKind.StatefulSet)
            yield return CreateService(PodsName, Headless);

        yield return CreateService(_options.Name, clusterIP: null);
        if (IsAutoscaled)
            yield return CreateAutoscaler();

        yield return new PodDisruptionBudget
        {
            Metadata = Meta(_options.Name),
            Spec = new PodDisruptionBudgetSpec { MaxUnavailable = 1, Selector = Selector },
        };
        if (_options.ServiceMonitor)
        {
            yield return new ServiceMonitor
            {
                Metadata = Meta(_options.Name),
                Spec = new ServiceMonitorSpec { Selector = Selector, Endpoints = [new ServiceMonitorEndpoint("http", "/metrics", "30s")] },
            };
        }
    }

    private ObjectMeta Meta(string name) => new()
    {
        Name = name,
        Namespace = _options.Namespace,
        Labels = AllLabels(),
        Annotations = _options.Annotations,
    };

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
    /// is the NVIDIA driver's own kernel cache; CUDA_WASM_ALLOW_ANONYMOUS leaves it to the NetworkPolicy who may call the worker.
    /// </summary>
    private Dictionary<string, string> CreateEnvironment()
    {
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = "/tmp",
            ["TMPDIR"] = "/tmp",
            ["XDG_CACHE_HOME"] = NkeManifest.CachePath,
            ["CUDA_WASM_CACHE"] = $"{NkeManifest.CachePath}/compiled",
        };
        if (_gpu is { Scheduling.Vendor: GpuVendor.Nvidia })
            environment["CUDA_CACHE_PATH"] = $"{NkeManifest.CachePath}/nvidia";
        if (IsService)
        {
            environment["CUDA_WASM_URLS"] = FormattableString.Invariant($"http://*:{_options.Port}");
            // Endpoints and load balancers take a moment to hear that a pod is to end.
            environment["CUDA_WASM_DRAIN_DELAY"] = "5";
            environment["CUDA_WASM_KERNEL_STORE"] = $"{NkeManifest.CachePath}/kernels";
            if (_options.ApiKeySecret is null)
                environment["CUDA_WASM_ALLOW_ANONYMOUS"] = "true";
            else
                environment["CUDA_WASM_API_KEY_FILE"] = $"{NkeManifest.KeysPath}/keys";
        }

        foreach (var (name, value) in _options.Environment)
            environment[name] = value;

        return environment;
    }

    private PersistentVolumeClaimSpec CreateCacheClaim() => new()
    {
        AccessModes = [_options.CacheAccessMode],
        StorageClassName = _options.StorageClass,
        Resources = new ResourceRequirements { Requests = new Dictionary<string, string> { ["storage"] = _options.CacheSize } },
    };

    private KubernetesObject CreateWorkload() => _options.Kind switch
    {
        NkeWorkloadKind.StatefulSet => CreateStatefulSet(),
        NkeWorkloadKind.Job => new Job { Metadata = Meta(_options.Name), Spec = CreateJob() },
        NkeWorkloadKind.CronJob => new CronJob
        {
            Metadata = Meta(_options.Name),
            Spec = new CronJobSpec
            {
                Schedule = _options.Schedule!,
                TimeZone = _options.TimeZone,
                JobTemplate = new JobTemplateSpec(new ObjectMeta { Labels = AllLabels() }, CreateJob()),
            },
        },
        _ => CreateDeployment(),
    };

    private Deployment CreateDeployment() => new()
    {
        Metadata = Meta(_options.Name),
        Spec = new DeploymentSpec
        {
            Replicas = IsAutoscaled ? null : FewestReplicas,
            Selector = Selector,
            // A surge pod would wait for a GPU that only the pod it replaces can free.
            Strategy = new DeploymentStrategy { RollingUpdate = new RollingUpdateDeployment(MaxSurge: 0, MaxUnavailable: 1) },
            Template = CreatePod(),
        },
    };

    private StatefulSet CreateStatefulSet() => new()
    {
        Metadata = Meta(_options.Name),
        Spec = new StatefulSetSpec
        {
            Replicas = IsAutoscaled ? null : FewestReplicas,
            Selector = Selector,
            ServiceName = PodsName,
            // No pod needs another one.
            PodManagementPolicy = "Parallel",
            Template = CreatePod(),
            VolumeClaimTemplates = [new PersistentVolumeClaimTemplate(new ObjectMeta { Name = NkePod.CacheVolume, Labels = AllLabels() }, CreateCacheClaim())],
            // The cache can be made again; a pod that comes back after scaling finds its own.
            PersistentVolumeClaimRetentionPolicy = new PersistentVolumeClaimRetentionPolicy(WhenDeleted: "Delete", WhenScaled: "Retain"),
        },
    };

    private JobSpec CreateJob() => new()
    {
        Completions = Completions,
        Parallelism = Math.Min(_options.Replicas, Completions),
        // Indexed pods know which share of the work is theirs (JOB_COMPLETION_INDEX).
        CompletionMode = Completions > 1 ? "Indexed" : null,
        BackoffLimit = BackoffLimit,
        ActiveDeadlineSeconds = _options.ActiveDeadlineSeconds,
        TtlSecondsAfterFinished = _options.TtlSecondsAfterFinished,
        Template = CreatePod(),
    };

    private PodTemplateSpec CreatePod() => new()
    {
        Metadata = new ObjectMeta { Labels = AllLabels(), Annotations = _options.Annotations },
        Spec = new NkePod(_options, this, _gpu).Create(),
    };

    private Service CreateService(string name, string? clusterIP) => new()
    {
        Metadata = Meta(name),
        Spec = new ServiceSpec
        {
            ClusterIP = clusterIP,
            Selector = PodSelector,
            Ports = [new ServicePort { Name = "http", Port = _options.Port, TargetPort = "http" }],
        },
    };

    private HorizontalPodAutoscaler CreateAutoscaler() => new()
    {
        Metadata = Meta(_options.Name),
        Spec = new HorizontalPodAutoscalerSpec
        {
            ScaleTargetRef = new CrossVersionObjectReference("apps/v1", _options.Kind.ToString(), _options.Name),
            MinReplicas = FewestReplicas,
            MaxReplicas = _options.MaxReplicas,
            Metrics = [CreateMetric()],
        },
    };

    private MetricSpec CreateMetric()
    {
        if (_options.ScaleMetric == NkeScaleMetric.Cpu)
        {
            var use = new MetricTarget { Type = "Utilization", AverageUtilization = _options.TargetCpuUtilization };
            return new MetricSpec { Type = "Resource", Resource = new ResourceMetricSource("cpu", use) };
        }

        var value = new MetricTarget { Type = "AverageValue", AverageValue = FormattableString.Invariant($"{_options.TargetGpuUtilization}") };
        return new MetricSpec { Type = "Pods", Pods = new PodsMetricSource(new MetricIdentifier(_gpu!.Scheduling.UtilizationMetric), value) };
    }
}
