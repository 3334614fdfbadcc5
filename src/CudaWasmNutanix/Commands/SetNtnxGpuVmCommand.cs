using System.Management.Automation;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Changes the name, description, CPUs or memory of virtual machines.</summary>
/// <remarks>
/// <para>The number of cores of a socket can change only while a machine is off, and so can memory and sockets where the machine
/// cannot grow while it runs. With -Force a running machine is powered off for that and on again, which the cmdlet says.</para>
/// </remarks>
/// <example>
/// <code>Set-NtnxGpuVm trainer -MemoryBytes 128GB -NumSockets 4</code>
/// <para>Gives a machine more memory and more CPUs.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuVm trainer | Set-NtnxGpuVm -NumCoresPerSocket 8 -Force -PassThru</code>
/// <para>Powers a machine off, changes its cores, powers it on, and writes it as it is then.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "NtnxGpuVm", DefaultParameterSetName = "Name", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(PrismVm))]
public sealed class SetNtnxGpuVmCommand : VmCmdlet
{
    /// <summary>The new name.</summary>
    [Parameter]
    [ValidateLength(1, 80)]
    public string? NewName { get; set; }

    /// <summary>The new description; an empty one takes it away.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? Description { get; set; }

    /// <summary>CPU sockets.</summary>
    [Parameter]
    [ValidateRange(1, 240)]
    public int? NumSockets { get; set; }

    /// <summary>Cores of each socket.</summary>
    [Parameter]
    [ValidateRange(1, 240)]
    public int? NumCoresPerSocket { get; set; }

    /// <summary>Memory, in bytes: 64GB.</summary>
    [Parameter]
    [ValidateRange(1L << 20, long.MaxValue)]
    public long? MemoryBytes { get; set; }

    /// <summary>Powers a running machine off for a change of CPU or memory, and on again.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the machine as it is afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        var change = new VmChange
        {
            Name = NewName,
            Description = MyInvocation.BoundParameters.ContainsKey(nameof(Description)) ? Description : null,
            NumSockets = NumSockets,
            NumCoresPerSocket = NumCoresPerSocket,
            MemoryBytes = MemoryBytes,
        };
        if (change.IsEmpty)
        {
            ThrowTerminatingError(ErrorRecords.From(new ArgumentException("There is nothing to change: give -NewName, -Description, -NumSockets, -NumCoresPerSocket or -MemoryBytes."), null));
        }

        List<PrismVm> machines = FindMachines();
        if (NewName is not null && machines.Count > 1)
        {
            WriteError(ErrorRecords.From(new ArgumentException($"{machines.Count} machines cannot all be called '{NewName}'."), NewName));
            return;
        }

        bool changesHardware = NumSockets is not null || NumCoresPerSocket is not null || MemoryBytes is not null;
        foreach (PrismVm vm in machines)
        {
            bool offline = Force && changesHardware && OfflineChange.IsNeeded(vm);
            if (NumCoresPerSocket is not null && !Force && OfflineChange.IsNeeded(vm))
            {
                WriteError(ErrorRecords.NeedsPowerOff(vm, "cores of a socket"));
            }
            else if (ShouldProcess(Describe(vm), offline ? "Power off, change and power on" : "Change"))
            {
                Change(vm, "Changing", async (client, progress, writer) =>
                {
                    Task UpdateAsync() => client.UpdateVmAsync(vm.ExtId, change, progress, Stop);
                    await (offline ? OfflineChange.RunAsync(client, vm, progress, writer, UpdateAsync, Stop) : UpdateAsync()).ConfigureAwait(false);
                    if (PassThru)
                    {
                        writer.Output(await client.GetVmAsync(vm.ExtId, Stop).ConfigureAwait(false));
                    }
                });
            }
        }
    }
}
