namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>What runs the pods.</summary>
public enum NkeWorkloadKind
{
    /// <summary>Pods that serve until they are told to stop.</summary>
    Deployment,

    /// <summary>Pods that run to their end.</summary>
    Job,
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

    /// <summary>Whose GPUs the pods get; Unknown takes the vendor from <see cref="GpuResource"/>.</summary>
    public GpuVendor GpuVendor { get; init; } = GpuVendor.Nvidia;

    /// <summary>GPUs (or slices) a pod; 0 for a pod that runs on the CPU.</summary>
    public int GpuCount { get; init; } = 1;

    /// <summary>
    /// Extended resource asked for instead of the vendor's whole device: <c>nvidia.com/mig-1g.5gb</c>, <c>gpu.intel.com/xe</c>,
    /// <c>amd.com/cpx_nps4</c>. It must belong to <see cref="GpuVendor"/>.
    /// </summary>
    public string? GpuResource { get; init; }

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
}
