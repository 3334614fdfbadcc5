using System.Collections.Concurrent;
using System.Management.Automation;

namespace CudaWasmNutanix.Pipeline;

/// <summary>
/// What asynchronous work may say to its cmdlet, from any thread. Everything is queued; the pipeline thread, which alone
/// may write, drains the queue.
/// </summary>
public sealed class PipelineWriter : IDisposable
{
    private static readonly AsyncLocal<PipelineWriter?> Ambient = new();

    /// <summary>Work that is ahead of the pipeline waits: a list of an estate is not kept in memory.</summary>
    private const int Capacity = 512;

    private readonly BlockingCollection<object> _queue = new(Capacity);
    private readonly CancellationTokenSource _abandoned = new();

    /// <summary>The writer of the work that the calling code is part of; null outside of any.</summary>
    /// <remarks>Lets a session that outlives its cmdlets log to whichever of them is asking.</remarks>
    public static PipelineWriter? Current => Ambient.Value;

    public void Output(object value) => Add(new OutputItem(value));

    public void Error(ErrorRecord error) => Add(error);

    public void Warning(string text) => Add(new WarningItem(text));

    public void Verbose(string text) => Add(new VerboseItem(text));

    /// <summary>A line for the screen, as Write-Host gives it.</summary>
    public void Information(string text) => Add(new InformationItem(text));

    public void Progress(ProgressRecord progress) => Add(progress);

    /// <summary>Runs <paramref name="work"/> on the thread pool with this writer as its own, and closes the queue after it.</summary>
    internal Task Start(Func<PipelineWriter, Task> work) => Task.Run(async () =>
    {
        Ambient.Value = this;
        try
        {
            await work(this).ConfigureAwait(false);
        }
        finally
        {
            _queue.CompleteAdding();
        }
    });

    /// <summary>Waits for the next thing said; false when the work has ended and nothing is left.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    internal bool TryTake(out object? item, CancellationToken cancellationToken) =>
        _queue.TryTake(out item, Timeout.Infinite, cancellationToken);

    /// <summary>Nobody reads any more: whatever is still said is dropped, and work that waits to say it goes on.</summary>
    internal void Abandon() => _abandoned.Cancel();

    public void Dispose()
    {
        _queue.Dispose();
        _abandoned.Dispose();
    }

    private void Add(object item)
    {
        try
        {
            _queue.Add(item, _abandoned.Token);
        }
        catch (Exception e) when (e is InvalidOperationException or OperationCanceledException)
        {
            // Work that outlives its cmdlet (a request given up on Ctrl+C) has nobody left to talk to.
        }
    }

    internal sealed record OutputItem(object Value);

    internal sealed record WarningItem(string Text);

    internal sealed record VerboseItem(string Text);

    internal sealed record InformationItem(string Text);
}
