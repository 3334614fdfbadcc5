using System.Management.Automation;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Restarts virtual machines with GPUs.</summary>
/// <remarks>
/// <para>The guest is asked over ACPI to restart. -Guest asks through Nutanix Guest Tools, -Force resets the machine, and
/// -PowerCycle turns it off and on again, which gives passthrough GPUs a fresh start.</para>
/// </remarks>
/// <example>
/// <code>Restart-NtnxGpuVm trainer-1</code>
/// <para>Asks the guest to restart.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuVm stuck-* | Restart-NtnxGpuVm -PowerCycle</code>
/// <para>Turns machines off and on again.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Restart, "NtnxGpuVm", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(PrismVm))]
public sealed class RestartNtnxGpuVmCommand : VmCmdlet
{
    /// <summary>Resets without asking the guest; what it has not written is lost.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Asks through Nutanix Guest Tools instead of ACPI.</summary>
    [Parameter]
    public SwitchParameter Guest { get; set; }

    /// <summary>Off and on again.</summary>
    [Parameter]
    public SwitchParameter PowerCycle { get; set; }

    /// <summary>Writes the machine as it is afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void BeginProcessing()
    {
        if ((Force ? 1 : 0) + (Guest ? 1 : 0) + (PowerCycle ? 1 : 0) > 1)
        {
            ThrowTerminatingError(Pipeline.ErrorRecords.From(new ArgumentException("-Force, -Guest and -PowerCycle are three ways to restart; give one of them."), null));
        }
    }

    protected override void ProcessRecord()
    {
        PowerAction action = Force ? PowerAction.Reset : Guest ? PowerAction.GuestReboot : PowerCycle ? PowerAction.PowerCycle : PowerAction.Reboot;
        foreach (PrismVm vm in FindMachines())
        {
            if (ShouldProcess(Describe(vm), Force ? "Reset" : PowerCycle ? "Power cycle" : "Restart"))
            {
                Change(vm, "Restarting", async (client, progress, writer) =>
                {
                    await client.SetPowerStateAsync(vm.ExtId, action, progress, Stop).ConfigureAwait(false);
                    if (PassThru)
                    {
                        writer.Output(await client.GetVmAsync(vm.ExtId, Stop).ConfigureAwait(false));
                    }
                });
            }
        }
    }
}
