using System.Management.Automation;
using CudaWasmNutanix.Workers;

namespace CudaWasmNutanix.Commands;

/// <summary>Removes kernels that you published on a worker.</summary>
/// <example>
/// <code>Remove-CudaWasmPublishedKernel saxpy -Endpoint http://localhost:8080</code>
/// <para>Removes one.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CudaWasmPublishedKernel", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
public sealed class RemoveCudaWasmPublishedKernelCommand : WorkerCmdlet
{
    /// <summary>What they were published as.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    protected override void ProcessRecord()
    {
        foreach (string name in Name.Where(name => ShouldProcess($"{name} on {Endpoint}", "Remove the published kernel")))
        {
            Run(name, (_, worker) => worker.RemoveAsync(name, Stop));
        }
    }
}
