using System.Management.Automation;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Removes virtual machines that have GPUs.</summary>
/// <remarks>
/// <para>The machine and its disks are deleted; this cannot be undone, so the cmdlet asks first (-Confirm:$false does not).</para>
/// <para>A name that several machines have removes none of them, unless it is written with a wildcard: give the ExtId of the
/// one that is meant. A machine that runs is only removed with -Force, which powers it off first.</para>
/// </remarks>
/// <example>
/// <code>Remove-NtnxGpuVm trainer-1 -Force</code>
/// <para>Powers a machine off and removes it, after a question.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuVm test-* | Where-Object PowerState -eq OFF | Remove-NtnxGpuVm -Confirm:$false</code>
/// <para>Removes the test machines that are off, without a question.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "NtnxGpuVm", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveNtnxGpuVmCommand : VmCmdlet
{
    /// <summary>Powers off machines that run before they are removed.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        foreach (PrismVm vm in FindMachines())
        {
            if (vm.IsPoweredOn && !Force)
            {
                WriteError(ErrorRecords.PoweredOn(vm));
            }
            else if (ShouldProcess(Describe(vm), Force && vm.IsPoweredOn ? "Power off and remove" : "Remove"))
            {
                Change(vm, "Removing", (client, progress, _) => client.RemoveVmAsync(vm.ExtId, Force, progress, Stop));
            }
        }
    }
}
