using System.Management.Automation;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Asks a Prism Central to cancel tasks.</summary>
/// <remarks>
/// <para>Only some tasks can be cancelled (IsCancelable), and only until they have done their work; the server refuses the
/// others. The cmdlet returns when the server has taken the wish; -Wait waits for the end of the task and says how it ended.</para>
/// </remarks>
/// <example>
/// <code>Get-NtnxTask -Status RUNNING | Where-Object IsCancelable | Stop-NtnxTask</code>
/// <para>Cancels all running tasks that can be cancelled.</para>
/// </example>
/// <example>
/// <code>Stop-NtnxTask -Id 'ZXJnb24=:5a1c0a4e-8f0c-4f8e-9a54-0d2d7a3a1b11' -Wait</code>
/// <para>Cancels a task and writes it as it has ended.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "NtnxTask", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(PrismTask))]
public sealed class StopNtnxTaskCommand : PrismCmdlet
{
    /// <summary>The task ids, with their prefix (ZXJnb24=:...).</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("ExtId", "TaskExtId")]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Waits for the task's end and writes it.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    protected override void ProcessRecord()
    {
        var client = Client;
        foreach (string id in Id)
        {
            if (!ShouldProcess(id, "Cancel"))
            {
                continue;
            }

            Run(writer => TryAsync(writer, id, async () =>
            {
                await client.CancelTaskAsync(id, Stop).ConfigureAwait(false);
                if (Wait)
                {
                    writer.Output(await EndAsync(client, writer, id).ConfigureAwait(false));
                }
            }));
        }
    }

    // That it was cancelled, or failed over it, is what was asked for and no error here.
    private async Task<PrismTask> EndAsync(PrismClient client, PipelineWriter writer, string id)
    {
        var progress = new TaskProgress(writer, $"Cancelling task {id}");
        try
        {
            return await client.WaitTaskAsync(id, progress, Stop).ConfigureAwait(false);
        }
        catch (PrismTaskFailedException ended)
        {
            return ended.Task;
        }
        finally
        {
            progress.Complete();
        }
    }
}
