using System.Diagnostics;

namespace CudaWasm.Runtime.Cpu;

/// <summary>Stops runs of a launch that take too long. One timer serves all runs, which come one after the other.</summary>
internal sealed class LaunchTimer : IDisposable
{
    private readonly TimeSpan _timeout;
    private readonly Action _stop;
    private readonly Timer _timer;
    private readonly Lock _lock = new();
    private long _started;
    private bool _isRunning;
    private bool _isOver;

    public LaunchTimer(TimeSpan timeout, Action stop)
    {
        (_timeout, _stop) = (timeout, stop);
        _timer = new Timer(static timer => ((LaunchTimer)timer!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether the last run was stopped.</summary>
    public bool IsOver
    {
        get
        {
            lock (_lock) return _isOver;
        }
    }

    public void Start()
    {
        lock (_lock)
        {
            (_started, _isRunning, _isOver) = (Stopwatch.GetTimestamp(), true, false);
            _timer.Change(_timeout, Timeout.InfiniteTimeSpan);
        }
    }

    public void Stop()
    {
        lock (_lock)
        {
            _isRunning = false;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        lock (_lock)
        {
            if (!_isRunning) return;
            // A tick that was under way when its run ended comes too early for the next one.
            var left = _timeout - Stopwatch.GetElapsedTime(_started);
            if (left > TimeSpan.Zero)
            {
                _timer.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                return;
            }

            _isOver = true;
            _stop();
        }
    }
}
