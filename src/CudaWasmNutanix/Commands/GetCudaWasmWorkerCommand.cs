using System.Management.Automation;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Platforms;
using GpuPlatform.Workers;

namespace CudaWasmNutanix.Commands;

/// <summary>Lists the workers that New-CudaWasmWorker made.</summary>
/// <remarks>
/// <para>On Nutanix these are the machines whose description says that they are workers, whoever made them; each is asked whether it
/// is ready. On Kubernetes they are the Deployments and StatefulSets with the label cuda-wasm/worker.</para>
/// </remarks>
/// <example>
/// <code>Get-CudaWasmWorker | Publish-CudaWasmKernel ./saxpy.cu -ApiKey $key</code>
/// <para>Publishes a kernel on every worker of the Prism Central that is connected.</para>
/// </example>
/// <example>
/// <code>Get-CudaWasmWorker infer-* -Context lab</code>
/// <para>Lists workers of a Kubernetes cluster by name.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "CudaWasmWorker", DefaultParameterSetName = "Nutanix")]
[OutputType(typeof(GpuWorker))]
public sealed class GetCudaWasmWorkerCommand : PlatformCmdlet
{
    /// <summary>Names; wildcards are allowed.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(Completion.WorkerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    protected override void ProcessRecord()
    {
        var names = new NameFilter(Name);
        Run(null, async (writer, platform) =>
        {
            await foreach (GpuWorker worker in platform.GetWorkersAsync(Stop).ConfigureAwait(false))
            {
                if (names.IsMatch(worker.Name))
                {
                    writer.Output(worker);
                }
            }

            ReportMissing(writer, names, "WorkerNotFound", "worker", "Get-CudaWasmWorker");
        });
    }
}
