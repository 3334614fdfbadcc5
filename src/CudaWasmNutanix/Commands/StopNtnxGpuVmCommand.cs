using System.Management.Automation;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Shuts virtual machines with GPUs down.</summary>
/// <remarks>
/// <para>The guest is asked over ACPI to shut down; one that does not listen stays on. -Guest asks through Nutanix Guest Tools
/// instead, -Force pulls the plug. The GPUs are free for others once the machine is off.</para>
/// </remarks>
/// <example>
/// <code>Stop-NtnxGpuVm trainer-1</code>
/// <para>Asks the guest to shut down.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuVm test-* | Stop-NtnxGpuVm -Force -Confirm:$false</code>
/// <para>Powers all test machines off at once, as a power cut would.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "NtnxGpuVm", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(PrismVm))]
public sealed class StopNtnxGpuVmCommand : VmCmdlet
{
    /// <summary>Powers off without asking the guest; what it has not written is lost.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Asks through Nutanix Guest Tools instead of ACPI.</summary>
    [Parameter]
    public SwitchParameter Guest { get; set; }

    /// <summary>Writes the machine as it is afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void BeginProcessing()
    {
        if (Force && Guest)
        {
            ThrowTerminatingError(Pipeline.ErrorRecords.From(new ArgumentException("-Force does not ask the guest and -Guest does; give one of them."), null));
        }
    }

    protected override void ProcessRecord()
    {
        PowerAction action = Force ? PowerAction.Off : Guest ? PowerAction.GuestShutdown : PowerAction.Shutdown;
        foreach (PrismVm vm in FindMachines())
        {
            if (vm.PowerState == "OFF")
            {
                WriteVerbose($"'{vm.Name}' is off already.");
                if (PassThru)
                {
                    WriteObject(vm);
                }
            }
            else if (ShouldProcess(Describe(vm), Force ? "Power off" : "Shut down"))
            {
                Change(vm, "Stopping", async (client, progress, writer) =>
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
