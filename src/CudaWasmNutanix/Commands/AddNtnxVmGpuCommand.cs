using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using GpuPlatform;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Attaches GPUs to virtual machines.</summary>
/// <remarks>
/// <para>Prism attaches GPUs only to a machine that is off. A running one is refused, unless -Force is given: then it is
/// powered off, changed and powered on again, and the cmdlet says so.</para>
/// </remarks>
/// <example>
/// <code>Add-NtnxVmGpu trainer -Gpu A100 -Count 2</code>
/// <para>Attaches two A100 to a machine that is off.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuVm desk-* | Add-NtnxVmGpu -Gpu 'NVIDIA A40-8Q' -Force -PassThru</code>
/// <para>Gives machines a vGPU each, powering them off and on for it.</para>
/// </example>
[Cmdlet(VerbsCommon.Add, "NtnxVmGpu", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(PrismVm))]
public sealed class AddNtnxVmGpuCommand : VmCmdlet
{
    /// <summary>Name of the GPU profile (Get-NtnxGpuProfile) or a model such as A100.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("Profile", "GpuModel")]
    [ArgumentCompleter(typeof(GpuProfileCompleter))]
    [ValidateNotNullOrEmpty]
    public string Gpu { get; set; } = "";

    /// <summary>How many.</summary>
    [Parameter]
    [ValidateRange(1, 16)]
    public int Count { get; set; } = 1;

    /// <summary>Whole device or vGPU, where the name leaves it open; Unknown for any.</summary>
    [Parameter]
    public GpuMode GpuMode { get; set; }

    /// <summary>Powers a running machine off for the change, and on again.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the machine as it is afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool AnyMachine => true;

    protected override void ProcessRecord()
    {
        VmGpuRequest[] gpus = [.. Enumerable.Range(0, Count).Select(_ => new VmGpuRequest { Name = Gpu, Mode = GpuMode })];
        foreach (PrismVm vm in FindMachines())
        {
            if (OfflineChange.IsNeeded(vm) && !Force)
            {
                WriteError(ErrorRecords.NeedsPowerOff(vm, "GPUs"));
            }
            else if (ShouldProcess(Describe(vm), $"{(OfflineChange.IsNeeded(vm) ? "Power off, attach" : "Attach")} {Count} × {Gpu}{(OfflineChange.IsNeeded(vm) ? " and power on" : "")}"))
            {
                Change(vm, "Attaching GPUs to", async (client, progress, writer) =>
                {
                    await OfflineChange.RunAsync(client, vm, progress, writer, () => client.AddGpusAsync(vm.ExtId, gpus, progress, Stop), Stop).ConfigureAwait(false);
                    if (PassThru)
                    {
                        writer.Output(await client.GetVmAsync(vm.ExtId, Stop).ConfigureAwait(false));
                    }
                });
            }
        }
    }
}
