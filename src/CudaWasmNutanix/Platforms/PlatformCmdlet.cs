using System.Management.Automation;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using GpuPlatform;
using GpuPlatform.Kubernetes;
using GpuPlatform.Workers;
using Nutanix.Prism.Workers;

namespace CudaWasmNutanix.Platforms;

/// <summary>A cmdlet for workers: on machines of the Prism Central that is connected, or, with -Context, on a Kubernetes cluster.</summary>
public abstract class PlatformCmdlet : PrismCmdlet
{
    /// <summary>Context of the kubeconfig whose cluster is meant. kubectl must be on the PATH.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Kubernetes")]
    [ValidateNotNullOrEmpty]
    public string? Context { get; set; }

    /// <summary>The kubeconfig; kubectl's own choice where not given.</summary>
    [Parameter(ParameterSetName = "Kubernetes")]
    [ValidateNotNullOrEmpty]
    public string? Kubeconfig { get; set; }

    private protected bool IsKubernetes => ParameterSetName == "Kubernetes";

    private protected KubernetesPlatform OpenKubernetes() => new(new Kubectl(Context!, Kubeconfig is null ? null : ResolvePath(Kubeconfig)));

    private protected NutanixPlatform OpenNutanix() => new(Client);

    /// <summary>Does something on the platform that is meant; to be called on the pipeline thread.</summary>
    private protected void Run(object? target, Func<PipelineWriter, IPlatformProvider, Task> work)
    {
        if (IsKubernetes)
        {
            KubernetesPlatform cluster = OpenKubernetes();
            Run(writer => TryAsync(writer, target, () => work(writer, cluster)));
            return;
        }

        using NutanixPlatform machines = OpenNutanix();
        Run(writer => TryAsync(writer, target, () => work(writer, machines)));
    }

    protected override void BeginProcessing()
    {
        if (IsKubernetes && Session is not null)
        {
            ThrowTerminatingError(ErrorRecords.From(new ArgumentException("-Session names a Prism Central and -Context a Kubernetes cluster; give one of them."), Context));
        }
    }

    /// <summary>How a worker is named in questions.</summary>
    private protected static string Describe(GpuWorker worker) =>
        worker.Namespace is { } space ? $"worker {worker.Name} in namespace {space} of {worker.Location}" : $"worker {worker.Name} ({worker.Id}) on {worker.Location}";
}
