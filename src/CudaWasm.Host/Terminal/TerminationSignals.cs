using System.Runtime.InteropServices;

namespace CudaWasm.Host.Terminal;

/// <summary>
/// Ctrl+C and SIGTERM as a cancellation token, listened to before anything is started. The first one asks the command to stop and
/// tidy up; a second one, or a tidying up that takes too long, ends the process.
/// </summary>
internal sealed class TerminationSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Timer _deadline;
    private int _signals;

    public TerminationSignals()
    {
        _deadline = new Timer(_ => Environment.Exit(ExitCode.Failure));
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        ];
    }

    /// <summary>Of the whole process. The demo removes its virtual machine in this time; who needs longer says so before it starts.</summary>
    public static TimeSpan TidyUpTime { get; set; } = TimeSpan.FromSeconds(15);

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        Array.ForEach(_registrations, r => r.Dispose());
        _deadline.Dispose();
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _signals) > 1)
            return;

        context.Cancel = true;
        _deadline.Change(TidyUpTime, Timeout.InfiniteTimeSpan);
        // Not on this thread, which has to be free for a second signal.
        _ = _stop.CancelAsync();
    }
}
