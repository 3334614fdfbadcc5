using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Detaches GPUs from virtual machines.</summary>
/// <remarks>
/// <para>Prism detaches GPUs only from a machine that is off. A running one is refused, unless -Force is given: then it is
/// powered off, changed and powered on again, and the cmdlet says so.</para>
/// </remarks>
/// <example>
/// <code>Remove-NtnxVmGpu trainer -Gpu A100 -Count 1</code>
/// <para>Detaches one of the A100 of a machine that is off.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuVm desk-* | Remove-NtnxVmGpu -All -Force</code>
/// <para>Detaches all GPUs of some machines, powering them off and on for it.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "NtnxVmGpu", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PrismVm))]
public sealed class RemoveNtnxVmGpuCommand : VmCmdlet
{
    /// <summary>Names, models or extIds of the GPUs of the machine; wildcards are allowed.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuProfileCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Gpu { get; set; }

    /// <summary>At most this many; all that match where not given.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int Count { get; set; } = int.MaxValue;

    /// <summary>All GPUs of the machine.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>Powers a running machine off for the change, and on again.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the machine as it is afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void BeginProcessing()
    {
        if (All == Gpu is not null)
        {
            ThrowTerminatingError(ErrorRecords.From(new ArgumentException("Say which GPUs are meant: -Gpu names them, -All means all of them."), null));
        }
    }

    protected override void ProcessRecord()
    {
        foreach (PrismVm vm in FindMachines())
        {
            var filter = new NameFilter(Gpu);
            VmGpu[] gpus = [.. vm.Gpus.Where(g => filter.IsMatchAny(g.Name, g.ExtId, g.Model)).Take(Count)];
            if (gpus.Length == 0)
            {
                WriteError(ErrorRecords.NotFound("VmGpuNotFound", $"GPU of '{vm.Name}'", string.Join(", ", Gpu ?? ["*"]), $"(Get-NtnxGpuVm -Id {vm.ExtId}).Gpus"));
            }
            else if (OfflineChange.IsNeeded(vm) && !Force)
            {
                WriteError(ErrorRecords.NeedsPowerOff(vm, "GPUs"));
            }
            else if (ShouldProcess(Describe(vm), $"{(OfflineChange.IsNeeded(vm) ? "Power off, detach" : "Detach")} {string.Join(", ", gpus.Select(g => g.Name))}{(OfflineChange.IsNeeded(vm) ? " and power on" : "")}"))
            {
                Change(vm, "Detaching GPUs from", async (client, progress, writer) =>
                {
                    await OfflineChange.RunAsync(client, vm, progress, writer, () => client.RemoveGpusAsync(vm.ExtId, gpus, progress, Stop), Stop).ConfigureAwait(false);
                    if (PassThru)
                    {
                        writer.Output(await client.GetVmAsync(vm.ExtId, Stop).ConfigureAwait(false));
                    }
                });
            }
        }
    }
}
