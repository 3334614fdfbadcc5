using System.Management.Automation;
using CudaWasm.Runtime;
using CudaWasmNutanix.Manifests;
using CudaWasmNutanix.Pipeline;
using GpuPlatform.Manifests.Helm;
using GpuPlatform.Manifests.Kubernetes;

namespace CudaWasmNutanix.Commands;

/// <summary>Writes the Kubernetes objects of a GPU workload for Nutanix Kubernetes Engine, or any other Kubernetes.</summary>
/// <remarks>
/// <para>Each object is one YAML document, which kubectl takes from the pipe as it is; its Kind, Name, Namespace and Object
/// properties hold the same for PowerShell. -AsYaml makes one text of them all. -Path and -Directory write files; a file is whole
/// or as it was before.</para>
/// <para>-Kind Helm writes a Helm chart into the folder -Path, as New-CudaWasmHelmChart does: of a CronJob where -Schedule is given, of a
/// Job where -Completions, -LaunchFile, -ActiveDeadlineSeconds or -TtlSecondsAfterFinished is, else of a Deployment.</para>
/// <para>The pods are placed by their GPU vendor's resource, labels and taints, and meet the Restricted Pod Security Standard.
/// All that is wrong with what was asked for is told at once.</para>
/// </remarks>
/// <example>
/// <code>New-CudaWasmNkeManifest -Name infer -Image registry.local/cuda-wasm:1.0 -GpuVendor Amd -GpuCount 2 | kubectl apply -f -</code>
/// <para>Runs a service on nodes with AMD GPUs, two for each pod.</para>
/// </example>
/// <example>
/// <code>New-CudaWasmNkeManifest -Name sweep -Image registry.local/cuda-wasm:1.0 -Kind Job -LaunchFile ./sweep.json -Completions 16 -Replicas 4 -Path ./sweep</code>
/// <para>Splits the grid of a launch file over sixteen pods, four at a time, as a kustomize folder with source and inputs in it.</para>
/// </example>
/// <example>
/// <code>New-CudaWasmNkeManifest -Name train -Image registry.local/train:2.3 -Kind Job -Replicas 4 -GpuResource nvidia.com/mig-1g.5gb -Directory ./train</code>
/// <para>Writes a job of four parallel pods, each with a slice of an A100, as numbered files into a folder.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "CudaWasmNkeManifest", DefaultParameterSetName = "Objects", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(string), ParameterSetName = ["Objects", "Yaml"])]
[OutputType(typeof(FileInfo), ParameterSetName = ["Path", "Directory"])]
public sealed class NewCudaWasmNkeManifestCommand : NkeWorkloadCmdlet
{
    /// <summary>Writes one text with all objects.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Yaml")]
    public SwitchParameter AsYaml { get; set; }

    /// <summary>A file (.yaml or .yml) for all objects, or else a kustomize folder for kubectl apply -k; the chart's folder with -Kind Helm.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>A folder for one numbered file an object, so that kubectl apply -f FOLDER makes them in order.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Directory")]
    [ValidateNotNullOrEmpty]
    public string? Directory { get; set; }

    /// <summary>
    /// Deployment or StatefulSet (a cache volume a pod) for pods that serve, Job for pods that run to their end, CronJob for such
    /// pods at the times of -Schedule. Helm writes a chart into the folder -Path.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public NkeManifestKind Kind { get; set; }

    /// <summary>Writes over a chart that is in the folder already; manifests are written over in any case.</summary>
    [Parameter(ParameterSetName = "Path")]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        try
        {
            if (Kind == NkeManifestKind.Helm)
            {
                WriteChart();
                return;
            }

            NkeManifest manifest = NkeManifest.Create(ToOptions((NkeWorkloadKind)Kind));
            if (Path is not null)
            {
                WriteToPath(manifest, ResolvePath(Path));
            }
            else if (Directory is not null)
            {
                string folder = ResolvePath(Directory);
                if (ShouldProcess(folder, $"Write {manifest.Objects.Count} files"))
                {
                    WriteObject(manifest.WriteToFolder(folder).Select(file => new FileInfo(file)), enumerateCollection: true);
                }
            }
            else if (AsYaml)
            {
                WriteObject(manifest.ToYaml());
            }
            else
            {
                WriteObject(manifest.Objects.Select(ManifestDocument.Of), enumerateCollection: true);
            }
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or UnauthorizedAccessException or CudaWasmException)
        {
            WriteError(ErrorRecords.From(exception, Name));
        }
    }

    private void WriteChart()
    {
        if (Path is null)
        {
            throw new ArgumentException("-Kind Helm writes a chart, which is a folder: give it with -Path.");
        }

        bool isJob = IsGiven(nameof(Completions)) || IsGiven(nameof(LaunchFile)) || IsGiven(nameof(ActiveDeadlineSeconds)) || IsGiven(nameof(TtlSecondsAfterFinished));
        NkeWorkloadKind kind = IsGiven(nameof(Schedule)) ? NkeWorkloadKind.CronJob : isJob ? NkeWorkloadKind.Job : NkeWorkloadKind.Deployment;
        HelmChartFolder.Write(this, ToChart(kind, HelmChart.FirstVersion), ResolvePath(Path), Force);
    }

    private void WriteToPath(NkeManifest manifest, string path)
    {
        bool isFile = System.IO.Path.GetExtension(path) is ".yaml" or ".yml" && !System.IO.Directory.Exists(path);
        if (ShouldProcess(path, isFile ? $"Write {manifest.Objects.Count} objects" : $"Write {manifest.Objects.Count} files and kustomization.yaml"))
        {
            IReadOnlyList<string> files = isFile ? [manifest.WriteToFile(path)] : manifest.WriteToKustomization(path);
            WriteObject(files.Select(file => new FileInfo(file)), enumerateCollection: true);
        }
    }
}
