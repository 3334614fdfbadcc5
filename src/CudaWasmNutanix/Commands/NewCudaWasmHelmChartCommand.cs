using System.Management.Automation;
using CudaWasm.Runtime;
using CudaWasmNutanix.Manifests;
using CudaWasmNutanix.Pipeline;
using GpuPlatform.Manifests;
using GpuPlatform.Manifests.Helm;
using GpuPlatform.Manifests.Kubernetes;

namespace CudaWasmNutanix.Commands;

/// <summary>Writes a Helm chart of a GPU workload for Nutanix Kubernetes Engine, or any other Kubernetes.</summary>
/// <remarks>
/// <para>The chart makes the objects that New-CudaWasmNkeManifest makes of the same parameters, which it keeps in values.yaml: kind,
/// GPU vendor, autoscaler, volume and all else can be switched there or with helm --set, and values.schema.json refuses what a cluster
/// would refuse. The objects are named after the release, and live in its namespace.</para>
/// <para>The namespace itself is not in the release unless namespace.create is true: Helm keeps its records in it, so it must be there
/// before.</para>
/// <para>A file is whole or as it was before. -ValuesOnly writes values for a chart that is there: helm upgrade --values takes them.</para>
/// </remarks>
/// <example>
/// <code>New-CudaWasmHelmChart -Name infer -Image registry.local/cuda-wasm:1.0 -GpuVendor Amd -GpuCount 2 -Path ./infer
/// helm install infer ./infer --namespace cuda-wasm --create-namespace</code>
/// <para>Writes a chart and installs it: a service on nodes with AMD GPUs, two for each pod.</para>
/// </example>
/// <example>
/// <code>New-CudaWasmHelmChart -Name infer -Image registry.local/cuda-wasm:1.1 -Profile Edge -ValuesOnly -Path ./edge.yaml
/// helm upgrade infer ./infer --namespace cuda-wasm --values ./edge.yaml</code>
/// <para>Writes the values of a small site, and upgrades a release with them.</para>
/// </example>
/// <example>
/// <code>New-CudaWasmHelmChart -Name sweep -Image registry.local/cuda-wasm:1.0 -Kind Job -LaunchFile ./sweep.json -Completions 16 -Replicas 4 -Path ./sweep -Force</code>
/// <para>Writes a chart of a Job that splits the grid of a launch file over sixteen pods, over the one that was in the folder.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "CudaWasmHelmChart", DefaultParameterSetName = "Chart", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(FileInfo), ParameterSetName = ["Chart", "Values"])]
[OutputType(typeof(string), ParameterSetName = ["Values"])]
public sealed class NewCudaWasmHelmChartCommand : NkeWorkloadCmdlet
{
    /// <summary>The chart's folder, or with -ValuesOnly a file for the values.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Chart")]
    [Parameter(ParameterSetName = "Values")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Writes only the text of values.yaml, to the pipeline or into the file -Path.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Values")]
    public SwitchParameter ValuesOnly { get; set; }

    /// <summary>Writes over what is in the folder, or over the file, already.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Version of the chart, as semantic versioning has it.</summary>
    [Parameter(ParameterSetName = "Chart")]
    [ValidateNotNullOrEmpty]
    public string ChartVersion { get; set; } = HelmChart.FirstVersion;

    /// <summary>
    /// What the chart runs unless its values are changed: Deployment or StatefulSet (a cache volume a pod) for pods that serve, Job for
    /// pods that run to their end, CronJob for such pods at the times of -Schedule.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public NkeWorkloadKind Kind { get; set; } = Defaults.Kind;

    protected override void ProcessRecord()
    {
        try
        {
            HelmChart chart = ToChart(Kind, ChartVersion);
            if (!ValuesOnly)
            {
                HelmChartFolder.Write(this, chart, ResolvePath(Path!), Force);
            }
            else if (Path is null)
            {
                WriteObject(chart.Values);
            }
            else
            {
                WriteValues(chart, ResolvePath(Path));
            }
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or UnauthorizedAccessException or CudaWasmException)
        {
            WriteError(ErrorRecords.From(exception, Name));
        }
    }

    private void WriteValues(HelmChart chart, string file)
    {
        if (!Force && File.Exists(file))
        {
            throw new IOException($"{file} is there already; give -Force to write over it.");
        }

        if (ShouldProcess(file, "Write the values of a Helm chart"))
        {
            WriteObject(new FileInfo(ManifestFiles.Write(file, chart.Values)));
        }
    }
}
