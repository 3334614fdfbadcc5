using System.Collections;
using System.Management.Automation;
using CudaWasmNutanix.Pipeline;
using GpuPlatform;
using GpuPlatform.Manifests.Kubernetes;

namespace CudaWasmNutanix.Commands;

/// <summary>Writes the Kubernetes objects of a GPU workload for Nutanix Kubernetes Engine, or any other Kubernetes.</summary>
/// <remarks>
/// <para>Without -Path and -Directory the objects are written as one YAML text, as kubectl takes it from a pipe. With them they
/// are files; a file is whole or as it was before.</para>
/// <para>The pods are placed by their GPU vendor's resource, labels and taints, and meet the Restricted Pod Security Standard.
/// All that is wrong with what was asked for is told at once.</para>
/// </remarks>
/// <example>
/// <code>New-CudaWasmNkeManifest -Name infer -Image registry.local/cuda-wasm:1.0 -GpuVendor Amd -GpuCount 2 | kubectl apply -f -</code>
/// <para>Runs a service on nodes with AMD GPUs, two for each pod.</para>
/// </example>
/// <example>
/// <code>New-CudaWasmNkeManifest -Name train -Image registry.local/train:2.3 -Kind Job -Replicas 4 -GpuResource nvidia.com/mig-1g.5gb -Directory ./train</code>
/// <para>Writes a job of four parallel pods, each with a slice of an A100, as numbered files into a folder.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "CudaWasmNkeManifest", DefaultParameterSetName = "Text", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(string), ParameterSetName = ["Text"])]
[OutputType(typeof(FileInfo), ParameterSetName = ["File", "Directory"])]
public sealed class NewCudaWasmNkeManifestCommand : AsyncCmdlet
{
    private static readonly NkeManifestOptions Defaults = new() { Name = "", Image = "" };

    /// <summary>Name of the workload, and the prefix of its objects' names: lower-case letters, digits and hyphens.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public string Name { get; set; } = "";

    /// <summary>The container image. It must run as a user that is not root.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    public string Image { get; set; } = "";

    /// <summary>One file for all objects.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "File")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>A folder for one numbered file an object, so that kubectl apply -f FOLDER makes them in order.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Directory")]
    [ValidateNotNullOrEmpty]
    public string? Directory { get; set; }

    /// <summary>Where the objects live. The namespace is written too, save for default, which every cluster has.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string Namespace { get; set; } = Defaults.Namespace;

    /// <summary>Deployment for pods that serve, Job for pods that run to their end.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public NkeWorkloadKind Kind { get; set; } = Defaults.Kind;

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

    protected override void ProcessRecord()
    {
        try
        {
            NkeManifest manifest = NkeManifest.Create(ToOptions());
            if (Path is not null)
            {
                string file = ResolvePath(Path);
                if (ShouldProcess(file, $"Write {manifest.Objects.Count} objects"))
                {
                    WriteObject(new FileInfo(manifest.WriteToFile(file)));
                }
            }
            else if (Directory is not null)
            {
                string folder = ResolvePath(Directory);
                if (ShouldProcess(folder, $"Write {manifest.Objects.Count} files"))
                {
                    WriteObject(manifest.WriteToFolder(folder).Select(file => new FileInfo(file)), enumerateCollection: true);
                }
            }
            else
            {
                WriteObject(manifest.ToYaml());
            }
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or UnauthorizedAccessException)
        {
            WriteError(ErrorRecords.From(exception, Name));
        }
    }

    private NkeManifestOptions ToOptions() => new()
    {
        Name = Name,
        Image = Image,
        Namespace = Namespace,
        Kind = Kind,
        GpuVendor = GpuResource is not null && !MyInvocation.BoundParameters.ContainsKey(nameof(GpuVendor)) ? GpuVendor.Unknown : GpuVendor,
        GpuCount = GpuCount,
        GpuResource = GpuResource,
        GpuProduct = GpuProduct,
        RequireNodeLabels = !AllowUnlabelledNodes,
        Replicas = Replicas,
        // A fixed number was asked for where only -Replicas was given and it exceeds the autoscaler's usual bound.
        MaxReplicas = MyInvocation.BoundParameters.ContainsKey(nameof(MaxReplicas)) ? MaxReplicas : Math.Max(MaxReplicas, Replicas),
        CpuRequest = CpuRequest,
        CpuLimit = CpuLimit,
        MemoryRequest = MemoryRequest,
        MemoryLimit = MemoryLimit,
        CacheSize = CacheSize,
        CacheAccessMode = CacheAccessMode,
        StorageClass = StorageClass,
        Port = Port,
        Command = Command,
        Arguments = ArgumentList,
        Environment = ToStrings(Environment),
        Files = FilePath.Select(ResolvePath).ToDictionary(file => System.IO.Path.GetFileName(file), File.ReadAllText, StringComparer.Ordinal),
        Labels = ToStrings(Label),
        Annotations = ToStrings(Annotation),
        ImagePullSecrets = ImagePullSecret,
        RuntimeClass = RuntimeClass,
        RunAsUser = RunAsUser,
        SupplementalGroups = SupplementalGroup,
        EgressCidrs = EgressCidr,
    };

    private static Dictionary<string, string> ToStrings(IDictionary? table) =>
        (table ?? new Hashtable()).Cast<DictionaryEntry>()
            .ToDictionary(e => LanguagePrimitives.ConvertTo<string>(e.Key), e => LanguagePrimitives.ConvertTo<string>(e.Value), StringComparer.Ordinal);
}
