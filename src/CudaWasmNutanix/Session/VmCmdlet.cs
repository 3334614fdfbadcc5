using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using Nutanix.Prism;

namespace CudaWasmNutanix.Session;

/// <summary>A cmdlet that changes machines, named by name or extId.</summary>
public abstract class VmCmdlet : PrismCmdlet
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

    /// <summary>True where machines without a GPU are meant too.</summary>
    private protected virtual bool AnyMachine => false;

    /// <summary>
    /// The machines meant. A name that several have means none of them, unless it is written with a wildcard; what is not
    /// there is told. To be called on the pipeline thread.
    /// </summary>
    private protected List<PrismVm> FindMachines()
    {
        PrismClient client = Client;
        List<PrismVm> machines = [];
        Run(async writer =>
        {
            foreach (string id in Id ?? [])
            {
                await TryAsync(writer, id, async () => machines.Add(await client.GetVmAsync(id, Stop).ConfigureAwait(false))).ConfigureAwait(false);
            }

            foreach (string name in Name ?? [])
            {
                await TryAsync(writer, name, () => AddByNameAsync(client, writer, name, machines)).ConfigureAwait(false);
            }
        });
        return machines;
    }

    /// <summary>Runs one write on a machine, with its progress; what was asked for when it was stopped is told.</summary>
    private protected void Change(PrismVm vm, string activity, Func<PrismClient, TaskProgress, PipelineWriter, Task> work)
    {
        PrismClient client = Client;
        Run(writer => TryAsync(writer, vm, async () =>
        {
            var progress = new TaskProgress(writer, $"{activity} {vm.Name}");
            try
            {
                await work(client, progress, writer).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (Stop.IsCancellationRequested)
            {
                writer.Warning($"Stopped while '{vm.Name}' ({vm.ExtId}) was being changed. What was asked of the server goes on: see Get-NtnxTask -Status RUNNING and Get-NtnxGpuVm -Id {vm.ExtId}.");
                throw;
            }
            finally
            {
                progress.Complete();
            }
        }));
    }

    /// <summary>How a machine is named in questions.</summary>
    private protected string Describe(PrismVm vm) => $"{vm.Name} ({vm.ExtId}) on {vm.ClusterName ?? Client.Name}";

    private async Task AddByNameAsync(PrismClient client, PipelineWriter writer, string name, List<PrismVm> machines)
    {
        var finder = new MachineFinder(client, [name], null, gpuOnly: !AnyMachine);
        PrismVm[] matches = await finder.FindAsync(Stop).ToArrayAsync(Stop).ConfigureAwait(false);
        if (!WildcardPattern.ContainsWildcardCharacters(name) && matches.Length > 1)
        {
            writer.Error(ErrorRecords.Ambiguous("machine", name, [.. matches.Select(vm => vm.ExtId)]));
            return;
        }

        ReportMissingVms(writer, finder.Missing);
        machines.AddRange(matches.Where(vm => machines.All(m => m.ExtId != vm.ExtId)));
    }
}
