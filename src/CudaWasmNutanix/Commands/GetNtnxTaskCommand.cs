using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Lists tasks of a Prism Central, newest first, or follows one to its end.</summary>
/// <remarks>
/// <para>Every change in Prism is a task. A task that another cmdlet left running, for example after Ctrl+C, is found and
/// followed here.</para>
/// </remarks>
/// <example>
/// <code>Get-NtnxTask -Status RUNNING</code>
/// <para>Lists the tasks that run now.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuVm trainer | Get-NtnxTask -Newest 3</code>
/// <para>Lists the last three tasks that worked on a machine.</para>
/// </example>
/// <example>
/// <code>Get-NtnxTask -Id 'ZXJnb24=:5a1c0a4e-8f0c-4f8e-9a54-0d2d7a3a1b11' -Wait</code>
/// <para>Shows the progress of a task until it ends; a task that fails gives an error that says why.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "NtnxTask", DefaultParameterSetName = "List")]
[OutputType(typeof(PrismTask))]
public sealed class GetNtnxTaskCommand : PrismCmdlet
{
    /// <summary>The task ids, with their prefix (ZXJnb24=:...).</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Id", ValueFromPipelineByPropertyName = true)]
    [Alias("ExtId", "TaskExtId")]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    /// <summary>Waits until the task ends, with its progress on the screen.</summary>
    [Parameter(ParameterSetName = "Id")]
    public SwitchParameter Wait { get; set; }

    /// <summary>Machines, as Get-NtnxGpuVm returned them: the tasks that worked on them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Vm", ValueFromPipeline = true)]
    [ValidateNotNull]
    public PrismVm[]? Vm { get; set; }

    /// <summary>Only tasks in this state.</summary>
    [Parameter(ParameterSetName = "List")]
    [Parameter(ParameterSetName = "Vm")]
    [ArgumentCompleter(typeof(TaskStatusCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Status { get; set; }

    /// <summary>Only tasks that were created at this time or later.</summary>
    [Parameter(ParameterSetName = "List")]
    [Parameter(ParameterSetName = "Vm")]
    public DateTime? Since { get; set; }

    /// <summary>At most this many.</summary>
    [Parameter(ParameterSetName = "List")]
    [Parameter(ParameterSetName = "Vm")]
    [ValidateRange(1, int.MaxValue)]
    public int Newest { get; set; } = 50;

    protected override void ProcessRecord()
    {
        var client = Client;
        switch (ParameterSetName)
        {
            case "Id":
                Run(async writer =>
                {
                    foreach (string id in Id!)
                    {
                        await TryAsync(writer, id, async () => writer.Output(await ReadAsync(writer, id).ConfigureAwait(false))).ConfigureAwait(false);
                    }
                });
                break;
            case "Vm":
                Run(async writer =>
                {
                    foreach (PrismVm vm in Vm!)
                    {
                        await TryAsync(writer, vm, () => WriteAllAsync(writer, vm.ExtId)).ConfigureAwait(false);
                    }
                });
                break;
            default:
                Run(writer => TryAsync(writer, client.Name, () => WriteAllAsync(writer, entityId: null)));
                break;
        }

        async Task<PrismTask> ReadAsync(PipelineWriter writer, string id)
        {
            if (!Wait)
            {
                return await client.GetTaskAsync(id, Stop).ConfigureAwait(false);
            }

            var progress = new TaskProgress(writer, $"Waiting for task {id}");
            try
            {
                return await client.WaitTaskAsync(id, progress, Stop).ConfigureAwait(false);
            }
            finally
            {
                progress.Complete();
            }
        }

        async Task WriteAllAsync(PipelineWriter writer, string? entityId)
        {
            var query = new TaskQuery
            {
                Status = Status?.ToUpperInvariant(),
                EntityId = entityId,
                CreatedSince = Since is DateTime since ? new DateTimeOffset(since) : null,
                First = Newest,
            };
            await foreach (PrismTask task in client.GetTasksAsync(query, Stop).ConfigureAwait(false))
            {
                writer.Output(task);
            }
        }
    }
}
