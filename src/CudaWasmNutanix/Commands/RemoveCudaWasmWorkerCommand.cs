using System.Management.Automation;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Platforms;
using GpuPlatform.Workers;

namespace CudaWasmNutanix.Commands;

/// <summary>Removes workers with all that was made for them.</summary>
/// <remarks>
/// <para>On Nutanix the machine is powered off and removed with its disks, but only if its description still says that it is a
/// worker. On Kubernetes the objects with the worker's label are removed; namespaces stay. This cannot be undone, so the cmdlet asks
/// first (-Confirm:$false does not).</para>
/// </remarks>
/// <example>
/// <code>Remove-CudaWasmWorker infer-1</code>
/// <para>Removes a worker of the Prism Central that is connected, after a question.</para>
/// </example>
/// <example>
/// <code>Get-CudaWasmWorker -Context lab | Where-Object State -eq Stopped | Remove-CudaWasmWorker -Context lab -Confirm:$false</code>
/// <para>Removes the workers of a Kubernetes cluster that are scaled to nothing, without a question.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CudaWasmWorker", DefaultParameterSetName = "Nutanix", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveCudaWasmWorkerCommand : PlatformCmdlet
{
    /// <summary>Names of the workers; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(Completion.WorkerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>The worker's Id, where several have the name.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Id { get; set; }

    protected override void ProcessRecord()
    {
        var names = new NameFilter(Name);
        List<GpuWorker> workers = [];
        Run(null, async (writer, platform) =>
        {
            await foreach (GpuWorker worker in platform.GetWorkersAsync(Stop).ConfigureAwait(false))
            {
                if ((Id is null || worker.Id == Id) && names.IsMatch(worker.Name))
                {
                    workers.Add(worker);
                }
            }

            ReportMissing(writer, names, "WorkerNotFound", "worker", "Get-CudaWasmWorker");
        });
        if (names.SingleLiteral is { } name && workers.Count > 1)
        {
            WriteError(ErrorRecords.Ambiguous("worker", name, [.. workers.Select(w => w.Id)]));
            return;
        }

        foreach (GpuWorker worker in workers.Where(w => ShouldProcess(Describe(w), "Remove")))
        {
            Run(worker, async (writer, platform) =>
            {
                var progress = new WorkerProgress(writer, $"Removing {worker.Name}");
                try
                {
                    await platform.RemoveAsync(worker, progress, Stop).ConfigureAwait(false);
                }
                finally
                {
                    progress.Complete();
                }
            });
        }
    }
}
