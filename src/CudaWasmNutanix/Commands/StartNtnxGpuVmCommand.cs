using System.Management.Automation;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Powers virtual machines with GPUs on.</summary>
/// <remarks>
/// <para>AHV looks for a host with all of the machine's GPUs free at this moment, so this is where a lack of GPUs shows. A
/// machine that is on already is left as it is.</para>
/// </remarks>
/// <example>
/// <code>Start-NtnxGpuVm trainer-1</code>
/// <para>Powers a machine on and waits until it runs.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuVm trainer* | Where-Object PowerState -eq OFF | Start-NtnxGpuVm -PassThru</code>
/// <para>Powers on those that are off, and writes them as they are then.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "NtnxGpuVm", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(PrismVm))]
public sealed class StartNtnxGpuVmCommand : VmCmdlet
{
    /// <summary>Writes the machine as it is afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        foreach (PrismVm vm in FindMachines())
        {
            if (vm.IsPoweredOn)
            {
                WriteVerbose($"'{vm.Name}' is on already.");
                if (PassThru)
                {
                    WriteObject(vm);
                }
            }
            else if (ShouldProcess(Describe(vm), "Power on"))
            {
                Change(vm, "Powering on", async (client, progress, writer) =>
                {
                    await client.SetPowerStateAsync(vm.ExtId, PowerAction.On, progress, Stop).ConfigureAwait(false);
                    if (PassThru)
                    {
                        writer.Output(await client.GetVmAsync(vm.ExtId, Stop).ConfigureAwait(false));
                    }
                });
            }
        }
    }
}
