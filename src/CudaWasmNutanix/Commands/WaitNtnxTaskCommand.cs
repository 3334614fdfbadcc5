using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Waits for tasks of a Prism Central, also for those that a process left behind which was ended.</summary>
/// <remarks>
/// <para>A task that fails or is cancelled gives an error that says why; one that neither ends nor moves for -TimeoutSeconds gives
/// an error that names it, and goes on at the server.</para>
/// <para>New-NtnxGpuVm notes each creation in the state folder before its request leaves. -Resume takes up what is noted there
/// for this server: it finds the task (or the machine) of each, waits, powers on if that was asked for, and writes the machine. A
/// creation that never reached the server is told; it may then be asked for again without making a second machine.</para>
/// </remarks>
/// <example>
/// <code>Get-NtnxTask -Status RUNNING | Wait-NtnxTask</code>
/// <para>Waits for all tasks that run now.</para>
/// </example>
/// <example>
/// <code>Connect-NtnxPrismCentral prism.example.com; Wait-NtnxTask -Resume</code>
/// <para>Goes on, in a new session, with the machines that were being made when the last one ended.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Wait, "NtnxTask", DefaultParameterSetName = "Id")]
[OutputType(typeof(PrismTask), ParameterSetName = ["Id"])]
[OutputType(typeof(PrismVm), ParameterSetName = ["Resume"])]
public sealed class WaitNtnxTaskCommand : PrismCmdlet
{
    /// <summary>The task ids, with their prefix (ZXJnb24=:...).</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Id", ValueFromPipelineByPropertyName = true)]
    [Alias("TaskExtId", "ExtId")]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Takes up the creations that are noted in the state folder for this server.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Resume")]
    public SwitchParameter Resume { get; set; }

    /// <summary>With -Resume: only creations of machines of these names; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = "Resume")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PendingCreationCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>The longest the cmdlet waits for one task, in seconds. The task itself goes on.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int TimeoutSeconds { get; set; } = int.MaxValue;

    protected override void ProcessRecord()
    {
        var client = Client;
        if (Resume)
        {
            var names = new NameFilter(Name);
            PendingCreation[] pending = [.. client.GetPendingCreations().Where(p => names.IsMatch(p.Name))];
            if (pending.Length == 0)
            {
                WriteVerbose($"No creation is noted for {client.Name} in {StateFolder.Path}.");
            }

            foreach (PendingCreation one in pending)
            {
                Wait(one, one.TaskExtId ?? one.Name, $"Resuming the creation of {one.Name}", async (progress, ct) => await client.ResumeCreationAsync(one, progress, ct).ConfigureAwait(false));
            }

            return;
        }

        foreach (string id in Id)
        {
            Wait(id, id, $"Waiting for task {id}", async (progress, ct) => await client.WaitTaskAsync(id, progress, ct).ConfigureAwait(false));
        }
    }

    private void Wait(object target, string what, string activity, Func<TaskProgress, CancellationToken, Task<object>> work) => Run(writer => TryAsync(writer, target, async () =>
    {
        var progress = new TaskProgress(writer, activity);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        if (TimeoutSeconds < int.MaxValue / 1000)
        {
            limit.CancelAfter(TimeSpan.FromSeconds(TimeoutSeconds));
        }

        try
        {
            writer.Output(await work(progress, limit.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException e) when (!Stop.IsCancellationRequested)
        {
            throw new TimeoutException($"{what} did not end within {TimeoutSeconds} s. It goes on at the server: Wait-NtnxTask waits for it again, Stop-NtnxTask cancels it.", e);
        }
        finally
        {
            progress.Complete();
        }
    }));
}
