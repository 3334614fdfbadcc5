using System.Management.Automation;

namespace CudaWasmNutanix.Pipeline;

/// <summary>
/// A cmdlet whose work is asynchronous and can be stopped. The work runs on the thread pool and talks through a
/// <see cref="PipelineWriter"/>; only the pipeline thread writes.
/// </summary>
public abstract class AsyncCmdlet : PSCmdlet, IDisposable
{
    /// <summary>How long stopped work may take to clean up before the prompt comes back without it.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromMilliseconds(800);

    private readonly CancellationTokenSource _stop = new();

    /// <summary>Cancelled by Ctrl+C, and when a later command of the pipeline wants no more.</summary>
    protected CancellationToken Stop => _stop.Token;

    protected override void StopProcessing() => _stop.Cancel();

    /// <summary>Runs the work to its end, writing meanwhile what it says. Its exceptions are thrown here.</summary>
    protected void Run(Func<PipelineWriter, Task> work)
    {
        // Not disposed: work that is given up may still say something, to nobody.
        var writer = new PipelineWriter();
        Task task = writer.Start(work);
        try
        {
            Drain(writer);
        }
        catch
        {
            // The pipeline wants no more (Select-Object -First, -ErrorAction Stop): let the work clean up first.
            _stop.Cancel();
            SayAfterStop(writer);
            throw;
        }

        if (Stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }

        task.GetAwaiter().GetResult();
    }

    /// <summary>Runs one item of the work; what goes wrong with it becomes error records and the others go on.</summary>
    protected async Task TryAsync(PipelineWriter writer, object? target, Func<Task> item)
    {
        try
        {
            await item().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !Stop.IsCancellationRequested)
        {
            foreach (ErrorRecord error in ErrorRecords.All(exception, target))
            {
                writer.Error(error);
            }
        }
    }

    /// <summary>Sees each record on the pipeline thread just before it is written.</summary>
    protected virtual void OnOutput(object value)
    {
    }

    /// <summary>The path in the file system that a parameter means, relative to the session's location.</summary>
    protected string ResolvePath(string path) => SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
        }
    }

    private void Drain(PipelineWriter writer)
    {
        try
        {
            while (writer.TryTake(out object? item, Stop))
            {
                Write(item!);
            }
        }
        catch (OperationCanceledException) when (Stop.IsCancellationRequested)
        {
            SayAfterStop(writer);
        }
    }

    private void Write(object item)
    {
        switch (item)
        {
            case PipelineWriter.OutputItem output:
                OnOutput(output.Value);
                WriteObject(output.Value);
                break;
            case ErrorRecord error: WriteError(error); break;
            case PipelineWriter.WarningItem warning: WriteWarning(warning.Text); break;
            case PipelineWriter.VerboseItem verbose: WriteVerbose(verbose.Text); break;
            case PipelineWriter.InformationItem information:
                WriteInformation(new HostInformationMessage { Message = information.Text }, ["PSHOST"]);
                break;
            case ProgressRecord progress: WriteProgress(progress); break;
        }
    }

    /// <summary>
    /// A stopping pipeline takes no more records, yet what was left half done must be said: it goes straight to the host.
    /// </summary>
    private void SayAfterStop(PipelineWriter writer)
    {
        using var grace = new CancellationTokenSource(StopGrace);
        try
        {
            while (writer.TryTake(out object? item, grace.Token))
            {
                switch (item)
                {
                    case PipelineWriter.WarningItem warning: Host.UI.WriteWarningLine(warning.Text); break;
                    case ErrorRecord error: Host.UI.WriteErrorLine(error.Exception.Message); break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            Host.UI.WriteWarningLine($"{MyInvocation.MyCommand.Name} was stopped while a request was on its way; its outcome is not known.");
        }
        finally
        {
            writer.Abandon();
        }
    }
}
