using System.Management.Automation;
using CudaWasmNutanix.Completion;
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
public sealed class RemoveNtnxGpuVmCommand : PrismCmdlet
{
    /// <summary>Names of the machines; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name", ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuVmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>The extIds of the machines.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Id", ValueFromPipelineByPropertyName = true)]
    [Alias("ExtId", "VmId")]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <summary>Powers off machines that run before they are removed.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        var client = Client;
        List<PrismVm> machines = [];
        Run(writer => Id is not null ? FindByIdAsync(writer) : FindByNameAsync(writer));

        foreach (PrismVm vm in machines)
        {
            if (vm.IsPoweredOn && !Force)
            {
                WriteError(ErrorRecords.PoweredOn(vm));
            }
            else if (ShouldProcess($"{vm.Name} ({vm.ExtId}) on {vm.ClusterName ?? client.Name}", Force && vm.IsPoweredOn ? "Power off and remove" : "Remove"))
            {
                Run(writer => TryAsync(writer, vm, () => RemoveAsync(writer, vm)));
            }
        }

        async Task FindByIdAsync(PipelineWriter writer)
        {
            foreach (string id in Id)
            {
                await TryAsync(writer, id, async () => machines.Add(await client.GetVmAsync(id, Stop).ConfigureAwait(false))).ConfigureAwait(false);
            }
        }

        Task FindByNameAsync(PipelineWriter writer) => TryAsync(writer, client.Name, async () =>
        {
            List<PrismVm> all = await client.GetVmsAsync(new VmQuery { GpuOnly = true }, Stop).ToListAsync(Stop).ConfigureAwait(false);
            foreach (string name in Name!)
            {
                var filter = new NameFilter([name]);
                PrismVm[] matches = [.. all.Where(vm => filter.IsMatch(vm.Name))];
                if (filter.SingleLiteral is not null && matches.Length > 1)
                {
                    writer.Error(ErrorRecords.Ambiguous("GPU machine", name, [.. matches.Select(vm => vm.ExtId)]));
                    continue;
                }

                ReportMissingVms(writer, filter.Missing);
                machines.AddRange(matches.Except(machines));
            }
        });

        async Task RemoveAsync(PipelineWriter writer, PrismVm vm)
        {
            var progress = new TaskProgress(writer, $"Removing {vm.Name}");
            try
            {
                await client.RemoveVmAsync(vm.ExtId, Force, progress, Stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (Stop.IsCancellationRequested)
            {
                writer.Warning($"Stopped while '{vm.Name}' ({vm.ExtId}) was being removed. What was asked of the server goes on: see Get-NtnxTask -Status RUNNING and Get-NtnxGpuVm -Id {vm.ExtId}.");
                throw;
            }
            finally
            {
                progress.Complete();
            }
        }
    }
}
