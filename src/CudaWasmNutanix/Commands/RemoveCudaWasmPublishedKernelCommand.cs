using System.Management.Automation;
using CudaWasmNutanix.Workers;

namespace CudaWasmNutanix.Commands;

/// <summary>Removes kernels that you published on a worker.</summary>
/// <remarks>
/// <para>Launches that run go on to their end. A name that is not published is an error.</para>
/// </remarks>
/// <example>
/// <code>Remove-CudaWasmPublishedKernel saxpy -Endpoint http://localhost:8080</code>
/// <para>Removes one.</para>
/// </example>
/// <example>
/// <code>Get-CudaWasmPublishedKernel old-* -Endpoint http://localhost:8080 | Remove-CudaWasmPublishedKernel -WhatIf</code>
/// <para>Shows which would be removed.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CudaWasmPublishedKernel", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
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
