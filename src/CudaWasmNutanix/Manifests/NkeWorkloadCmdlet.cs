using System.Collections;
using System.Management.Automation;
using CudaWasmNutanix.Configuration;
using CudaWasmNutanix.Pipeline;
using GpuPlatform;
using GpuPlatform.Manifests.Helm;
using GpuPlatform.Manifests.Kubernetes;

namespace CudaWasmNutanix.Manifests;

/// <summary>A cmdlet that is told of a GPU workload, and writes what runs it on Kubernetes.</summary>
public abstract class NkeWorkloadCmdlet : AsyncCmdlet
{
    private protected static readonly NkeManifestOptions Defaults = new() { Name = "", Image = "" };

    /// <summary>Name of the workload, and the prefix of its objects' names: lower-case letters, digits and hyphens.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public string Name { get; set; } = "";

    /// <summary>The container image. It must run as a user that is not root.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    public string Image { get; set; } = "";

    /// <summary>
    /// Where the objects live. A manifest has the namespace too, save for default, which every cluster has; a chart's objects live in
    /// the release's namespace where this is not given.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string Namespace { get; set; } = Defaults.Namespace;

    /// <summary>
    /// What suits the site: Standard, or Edge for one node: one pod, small requests, a small cache on the node's own disk. Parameters
    /// that are given go before it.
    /// </summary>
    [Parameter]
    [ValidateSet("Standard", "Edge")]
    public string Profile { get; set; } = "Standard";

    /// <summary>When a CronJob runs: five cron fields such as '0 3 * * *', or @daily.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Schedule { get; set; }

    /// <summary>Time zone of the schedule, for example Europe/Zurich.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TimeZone { get; set; }

    /// <summary>Shares of a Job's work; -Replicas of them run at a time. Each pod knows its own from JOB_COMPLETION_INDEX.</summary>
    [Parameter]
    public int? Completions { get; set; }

    /// <summary>
    /// A launch file that the pods of a Job run. It goes into the manifest with its source and inputs, which must lie in its folder
    /// and have 1 MiB together. With several -Completions each pod runs its share of the grid's blocks.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LaunchFile { get; set; }

    /// <summary>Seconds after which a Job is ended.</summary>
    [Parameter]
    public long? ActiveDeadlineSeconds { get; set; }

    /// <summary>Seconds a Job is kept after its end; without it, it is kept.</summary>
    [Parameter]
    public int? TtlSecondsAfterFinished { get; set; }

    /// <summary>Whose GPUs the pods get.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public GpuVendor GpuVendor { get; set; } = Defaults.GpuVendor;

    /// <summary>GPUs for each pod; 0 for a pod that runs on the CPU.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public int GpuCount { get; set; } = Defaults.GpuCount;

    /// <summary>
    /// Extended resource to ask for instead of the vendor's whole device, for example nvidia.com/mig-1g.5gb. The vendor follows
    /// from it unless -GpuVendor is given.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? GpuResource { get; set; }

    /// <summary>MIG profile of an NVIDIA GPU, for example 1g.10gb: short for -GpuResource nvidia.com/mig-1g.10gb.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? MigProfile { get; set; }

    /// <summary>Pods that share one NVIDIA GPU by turns: nodes whose device plugin is set to this number are asked for.</summary>
    [Parameter]
    public int? TimeSliceReplicas { get; set; }

    /// <summary>Product as the vendor's labeller writes it on the node, for example NVIDIA-A100-SXM4-80GB.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? GpuProduct { get; set; }

    /// <summary>Only prefers nodes with the vendor's labels, for clusters that run a bare device plugin.</summary>
    [Parameter]
    public SwitchParameter AllowUnlabelledNodes { get; set; }

    /// <summary>Pods of a Deployment, or parallel pods of a Job.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public int Replicas { get; set; } = Defaults.Replicas;

    /// <summary>Most pods the autoscaler starts; equal to -Replicas for a fixed number.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public int MaxReplicas { get; set; } = Defaults.MaxReplicas;

    /// <summary>What the autoscaler looks at: Cpu, or Gpu as the vendor's Prometheus exporter measures it.</summary>
    [Parameter]
    public NkeScaleMetric ScaleMetric { get; set; } = Defaults.ScaleMetric;

    /// <summary>Use in percent that the autoscaler holds: 70 for the CPU, 80 for GPUs where not given.</summary>
    [Parameter]
    public int? TargetUtilization { get; set; }

    /// <summary>Processors a pod is promised, as Kubernetes writes quantities.</summary>
    [Parameter]
    public string CpuRequest { get; set; } = Defaults.CpuRequest;

    /// <summary>Processors a pod may use at most.</summary>
    [Parameter]
    public string CpuLimit { get; set; } = Defaults.CpuLimit;

    /// <summary>Memory a pod is promised, for example 4Gi.</summary>
    [Parameter]
    public string MemoryRequest { get; set; } = Defaults.MemoryRequest;

    /// <summary>Memory a pod may use at most.</summary>
    [Parameter]
    public string MemoryLimit { get; set; } = Defaults.MemoryLimit;

    /// <summary>Size of the volume for compiled kernels.</summary>
    [Parameter]
    public string CacheSize { get; set; } = Defaults.CacheSize;

    /// <summary>ReadWriteOnce (Nutanix Volumes, all pods on one node) or ReadWriteMany (Nutanix Files, pods spread).</summary>
    [Parameter]
    [ValidateSet("ReadWriteOnce", "ReadWriteMany")]
    public string CacheAccessMode { get; set; } = Defaults.CacheAccessMode;

    /// <summary>Storage class of that volume.</summary>
    [Parameter]
    public string StorageClass { get; set; } = Defaults.StorageClass;

    /// <summary>Port the container listens on and the Service answers on; for Deployments.</summary>
    [Parameter]
    public int Port { get; set; } = Defaults.Port;

    /// <summary>Command in place of the image's entry point.</summary>
    [Parameter]
    public string[] Command { get; set; } = [];

    /// <summary>Arguments in place of the image's.</summary>
    [Parameter]
    public string[] ArgumentList { get; set; } = [];

    /// <summary>Environment variables, for example @{ LOG_LEVEL = 'info' }.</summary>
    [Parameter]
    public IDictionary? Environment { get; set; }

    /// <summary>Text files to mount read-only at /etc/cuda-wasm: kernels, launch files.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] FilePath { get; set; } = [];

    /// <summary>
    /// Secret whose key named keys holds the worker's API keys, one tenant:key a line. Without it, pods of the same namespace may
    /// call the worker without one.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ApiKeySecret { get; set; }

    /// <summary>Asks for an open port only, for images whose program has no /healthz and /readyz.</summary>
    [Parameter]
    public SwitchParameter TcpProbe { get; set; }

    /// <summary>Writes a ServiceMonitor, for clusters with the Prometheus Operator.</summary>
    [Parameter]
    public SwitchParameter ServiceMonitor { get; set; }

    /// <summary>Namespace that Prometheus runs in.</summary>
    [Parameter]
    public string MonitoringNamespace { get; set; } = Defaults.MonitoringNamespace;

    /// <summary>Labels for every object and pod, for example @{ team = 'vision' }.</summary>
    [Parameter]
    public IDictionary? Label { get; set; }

    /// <summary>Annotations for every object and pod.</summary>
    [Parameter]
    public IDictionary? Annotation { get; set; }

    /// <summary>Names of secrets for the image's registry.</summary>
    [Parameter]
    public string[] ImagePullSecret { get; set; } = [];

    /// <summary>RuntimeClass, where the vendor's container runtime is not the cluster's default, for example nvidia.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RuntimeClass { get; set; }

    /// <summary>User and group id the container runs as; not 0.</summary>
    [Parameter]
    public long RunAsUser { get; set; } = Defaults.RunAsUser;

    /// <summary>Further group ids of the process, such as the node's render group.</summary>
    [Parameter]
    public long[] SupplementalGroup { get; set; } = [];

    /// <summary>Networks the pods may call beside the cluster's DNS, for example 10.0.0.0/8.</summary>
    [Parameter]
    public string[] EgressCidr { get; set; } = [];

    /// <summary>What the parameters ask for; faults of single values are found where the objects are made.</summary>
    /// <exception cref="ArgumentException">Two parameters contradict each other.</exception>
    private protected NkeManifestOptions ToOptions(NkeWorkloadKind kind)
    {
        NkeManifestOptions preset = Profile == "Edge" ? NkeManifestOptions.ForEdge(Name, Image) : new NkeManifestOptions { Name = Name, Image = Image };
        LaunchFileBundle? launch = LaunchFile is null ? null : LaunchFileBundle.Read(ResolvePath(LaunchFile));
        string? resource = GpuResource ?? (MigProfile is null ? null : $"nvidia.com/mig-{MigProfile}");
        if (GpuResource is not null && MigProfile is not null)
        {
            throw new ArgumentException("-GpuResource and -MigProfile name two resources; give one of them.");
        }

        int replicas = Given(nameof(Replicas), Replicas, preset.Replicas);
        ModuleSettings settings = ModuleSettings.Load(null, SessionState.Path.CurrentFileSystemLocation.ProviderPath);
        return preset with
        {
            Namespace = Given(nameof(Namespace), Namespace, settings.Text("nke", "namespace") ?? Namespace),
            Kind = kind,
            Schedule = Schedule,
            TimeZone = TimeZone,
            Completions = Completions,
            LaunchFile = launch?.Name,
            ActiveDeadlineSeconds = ActiveDeadlineSeconds,
            TtlSecondsAfterFinished = TtlSecondsAfterFinished,
            GpuVendor = resource is not null && !IsGiven(nameof(GpuVendor)) ? GpuVendor.Unknown : GpuVendor,
            GpuCount = GpuCount,
            GpuResource = resource,
            TimeSliceReplicas = TimeSliceReplicas,
            GpuProduct = GpuProduct,
            RequireNodeLabels = !AllowUnlabelledNodes,
            Replicas = replicas,
            // A fixed number was asked for where only -Replicas was given and it exceeds the autoscaler's usual bound.
            MaxReplicas = IsGiven(nameof(MaxReplicas)) ? MaxReplicas : Math.Max(preset.MaxReplicas, replicas),
            ScaleMetric = ScaleMetric,
            TargetCpuUtilization = ScaleMetric == NkeScaleMetric.Cpu ? TargetUtilization ?? preset.TargetCpuUtilization : preset.TargetCpuUtilization,
            TargetGpuUtilization = ScaleMetric == NkeScaleMetric.Gpu ? TargetUtilization ?? preset.TargetGpuUtilization : preset.TargetGpuUtilization,
            CpuRequest = Given(nameof(CpuRequest), CpuRequest, preset.CpuRequest),
            CpuLimit = Given(nameof(CpuLimit), CpuLimit, preset.CpuLimit),
            MemoryRequest = Given(nameof(MemoryRequest), MemoryRequest, preset.MemoryRequest),
            MemoryLimit = Given(nameof(MemoryLimit), MemoryLimit, preset.MemoryLimit),
            CacheSize = Given(nameof(CacheSize), CacheSize, preset.CacheSize),
            CacheAccessMode = CacheAccessMode,
            StorageClass = Given(nameof(StorageClass), StorageClass, settings.Text("nke", "storage_class") ?? preset.StorageClass),
            Port = Port,
            Command = Command,
            Arguments = ArgumentList,
            Environment = ToStrings(Environment),
            Files = Merge(FilePath.Select(ResolvePath).Select(file => (System.IO.Path.GetFileName(file), File.ReadAllText(file))), launch?.Texts),
            BinaryFiles = launch?.Inputs ?? new Dictionary<string, byte[]>(),
            ApiKeySecret = ApiKeySecret,
            HttpProbes = !TcpProbe,
            ServiceMonitor = ServiceMonitor,
            MonitoringNamespace = MonitoringNamespace,
            Labels = ToStrings(Label),
            Annotations = ToStrings(Annotation),
            ImagePullSecrets = ImagePullSecret,
            RuntimeClass = RuntimeClass,
            RunAsUser = RunAsUser,
            SupplementalGroups = SupplementalGroup,
            EgressCidrs = EgressCidr,
        };
    }

    private protected HelmChart ToChart(NkeWorkloadKind kind, string version) => HelmChart.Create(ToOptions(kind), version, pinNamespace: IsGiven(nameof(Namespace)));

    private protected bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private T Given<T>(string parameter, T value, T preset) => IsGiven(parameter) ? value : preset;

    private static Dictionary<string, string> Merge(IEnumerable<(string Name, string Text)> files, IReadOnlyDictionary<string, string>? more)
    {
        Dictionary<string, string> all = more is null ? new(StringComparer.Ordinal) : new(more, StringComparer.Ordinal);
        foreach ((string name, string text) in files)
        {
            all[name] = text;
        }

        return all;
    }

    private static Dictionary<string, string> ToStrings(IDictionary? table) =>
        (table ?? new Hashtable()).Cast<DictionaryEntry>()
            .ToDictionary(e => LanguagePrimitives.ConvertTo<string>(e.Key), e => LanguagePrimitives.ConvertTo<string>(e.Value), StringComparer.Ordinal);
}
