namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>What runs the pods.</summary>
public enum NkeWorkloadKind
{
    /// <summary>Pods that serve until they are told to stop.</summary>
    Deployment,

    /// <summary>Pods that serve, each with a name and a cache volume of its own, so that they need not share a node.</summary>
    StatefulSet,

    /// <summary>Pods that run to their end.</summary>
    Job,

    /// <summary>A Job at every time of a schedule.</summary>
    CronJob,
}

/// <summary>What the autoscaler looks at.</summary>
public enum NkeScaleMetric
{
    /// <summary>CPU use against the request, which every cluster with a metrics server knows.</summary>
    Cpu,

    /// <summary>
    /// GPU use, as the vendor's exporter measures it and an adapter of the custom metrics API (Prometheus Adapter) serves it for pods.
    /// </summary>
    Gpu,
}

/// <summary>What <see cref="NkeManifest"/> is asked for: a GPU workload on Nutanix Kubernetes Engine (or any other Kubernetes).</summary>
public sealed record NkeManifestOptions
{
    /// <summary>Name of the workload and prefix of the names of its objects; an RFC 1123 label beginning with a letter.</summary>
    public required string Name { get; init; }

    /// <summary>Where the objects live. Its Namespace document is written too, save for <c>default</c>, which every cluster has.</summary>
    public string Namespace { get; init; } = "cuda-wasm";

    /// <summary>Container image; it must run as a user that is not root.</summary>
    public required string Image { get; init; }

    public NkeWorkloadKind Kind { get; init; } = NkeWorkloadKind.Deployment;

    /// <summary>When a CronJob runs: five cron fields or a word such as <c>@daily</c>; CronJobs only.</summary>
    public string? Schedule { get; init; }

    /// <summary>Time zone of the schedule by its IANA name, for example <c>Europe/Zurich</c>; null for the cluster's.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Shares of a Job's work, each done by one pod; null for as many as <see cref="Replicas"/>.</summary>
    public int? Completions { get; init; }

    /// <summary>
    /// Name of a launch file among <see cref="Files"/>: every pod runs it with <c>cuda-wasm run</c>. With several completions each
    /// runs its share of the grid's blocks and writes the outputs into a folder of its own on the cache volume. Jobs only.
    /// </summary>
    public string? LaunchFile { get; init; }

    /// <summary>Seconds after which a Job is ended; null for no limit.</summary>
    public long? ActiveDeadlineSeconds { get; init; }

    /// <summary>Seconds a Job is kept after its end; null to keep it.</summary>
    public int? TtlSecondsAfterFinished { get; init; }

    /// <summary>Whose GPUs the pods get; Unknown takes the vendor from <see cref="GpuResource"/>.</summary>
    public GpuVendor GpuVendor { get; init; } = GpuVendor.Nvidia;

    /// <summary>GPUs (or slices) a pod; 0 for a pod that runs on the CPU.</summary>
    public int GpuCount { get; init; } = 1;

    /// <summary>
    /// Extended resource asked for instead of the vendor's whole device: <c>nvidia.com/mig-1g.5gb</c>, <c>gpu.intel.com/xe</c>,
    /// <c>amd.com/cpx_nps4</c>. It must belong to <see cref="GpuVendor"/>.
    /// </summary>
    public string? GpuResource { get; init; }

    /// <summary>
    /// Pods that share one NVIDIA GPU by turns, as the device plugin of the nodes wanted is configured
    /// (<c>sharing.timeSlicing.resources[].replicas</c>); null for GPUs of one's own.
    /// </summary>
    public int? TimeSliceReplicas { get; init; }

    /// <summary>Product as the vendor's labeller writes it on the node: <c>NVIDIA-A100-SXM4-80GB</c>, <c>Max_1550</c>; null for any.</summary>
    public string? GpuProduct { get; init; }

    /// <summary>
    /// True: only nodes that Node Feature Discovery or the vendor's labeller marked. False: such nodes preferred, for clusters that
    /// run a bare device plugin (the resource request alone then decides).
    /// </summary>
    public bool RequireNodeLabels { get; init; } = true;

    /// <summary>Pods of a Deployment, or parallel pods of a Job.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Fewest pods the autoscaler keeps; null for <see cref="Replicas"/>.</summary>
    public int? MinReplicas { get; init; }

    /// <summary>Most pods the autoscaler starts; equal to the fewest for a fixed number without autoscaler.</summary>
    public int MaxReplicas { get; init; } = 8;

    /// <summary>CPU use, in percent of the request, that the autoscaler holds.</summary>
    public int TargetCpuUtilization { get; init; } = 70;

    public NkeScaleMetric ScaleMetric { get; init; } = NkeScaleMetric.Cpu;

    /// <summary>GPU use in percent that the autoscaler holds where it looks at that.</summary>
    public int TargetGpuUtilization { get; init; } = 80;

    public string CpuRequest { get; init; } = "1";

    public string CpuLimit { get; init; } = "4";

    public string MemoryRequest { get; init; } = "4Gi";

    public string MemoryLimit { get; init; } = "16Gi";

    /// <summary>Size of the volume for compiled kernels, mounted at <see cref="NkeManifest.CachePath"/>.</summary>
    public string CacheSize { get; init; } = "10Gi";

    public string StorageClass { get; init; } = "nutanix-volume";

    /// <summary>
    /// <c>ReadWriteOnce</c> (Nutanix Volumes): one node holds the volume, so all pods are placed on that node.
    /// <c>ReadWriteMany</c> (Nutanix Files): pods are spread over the nodes.
    /// </summary>
    public string CacheAccessMode { get; init; } = NkeManifest.ReadWriteOnce;

    /// <summary>Size of the scratch space at <c>/tmp</c>, on the node's disk.</summary>
    public string ScratchSize { get; init; } = "1Gi";

    /// <summary>Port the container listens on and the Service answers on; Deployments only.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Command in place of the image's entry point; empty keeps it.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Arguments; empty keeps the image's.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Text files, name to content, mounted read-only at <see cref="NkeManifest.FilesPath"/>: kernels, launch files.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Files that are not text, mounted with <see cref="Files"/>: inputs of launch files. Together with them up to 1 MiB.</summary>
    public IReadOnlyDictionary<string, byte[]> BinaryFiles { get; init; } = new Dictionary<string, byte[]>();

    /// <summary>
    /// Secret whose key <c>keys</c> holds the API keys of the worker, one <c>tenant:key</c> a line; null where whoever the NetworkPolicy
    /// lets through may call.
    /// </summary>
    public string? ApiKeySecret { get; init; }

    /// <summary>
    /// Asks the worker's <c>/healthz</c> and <c>/readyz</c>. False for images of other programs: then an open port will do.
    /// </summary>
    public bool HttpProbes { get; init; } = true;

    /// <summary>Writes a ServiceMonitor for the Prometheus Operator, and lets it through the NetworkPolicy.</summary>
    public bool ServiceMonitor { get; init; }

    /// <summary>Namespace that Prometheus runs in.</summary>
    public string MonitoringNamespace { get; init; } = "monitoring";

    /// <summary>Seconds a pod may take to end its launches once it is told to stop.</summary>
    public int TerminationGraceSeconds { get; init; } = 60;

    /// <summary>Labels for every object and pod.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Annotations for every object and pod.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Secrets for the image's registry.</summary>
    public IReadOnlyList<string> ImagePullSecrets { get; init; } = [];

    /// <summary>RuntimeClass, for clusters where the vendor's container runtime is not the default: <c>nvidia</c>.</summary>
    public string? RuntimeClass { get; init; }

    /// <summary>User and group the container runs as; not 0.</summary>
    public long RunAsUser { get; init; } = 10001;

    /// <summary>Further groups of the process, such as the node's <c>render</c> group, which AMD and Intel device files belong to.</summary>
    public IReadOnlyList<long> SupplementalGroups { get; init; } = [];

    /// <summary>Networks the pods may call beside the cluster's DNS.</summary>
    public IReadOnlyList<string> EgressCidrs { get; init; } = [];

    /// <summary>
    /// What suits a small site with one node: one pod, small requests, a small cache on the node's own disk (the
    /// <c>local-path</c> class that small distributions bring along).
    /// </summary>
    public static NkeManifestOptions ForEdge(string name, string image) => new()
    {
        Name = name,
        Image = image,
        MaxReplicas = 1,
        CpuRequest = "250m",
        CpuLimit = "2",
        MemoryRequest = "512Mi",
        MemoryLimit = "4Gi",
        CacheSize = "1Gi",
        StorageClass = "local-path",
        ScratchSize = "256Mi",
    };
}
