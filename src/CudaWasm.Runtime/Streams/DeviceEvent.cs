using System.Diagnostics;

namespace CudaWasm.Runtime;

/// <summary>A point in a stream, as cudaEvent_t: to wait for from other streams or the host, and to measure time between two of them.</summary>
public sealed class DeviceEvent
{
    private readonly object _gate = new();
    private long _recorded;
    private long _completed;
    private long _timestamp;

    /// <summary>Whether the stream has come past the last record of this event, or there was none.</summary>
    public bool IsCompleted
    {
        get
        {
            lock (_gate) return _completed == _recorded;
        }
    }

    /// <summary>Waits until the stream has come past the last record of this event. Faults are told by the stream.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; the stream goes on.</exception>
    public void Synchronize(CancellationToken cancellationToken = default) => WaitFor(LastRecord, cancellationToken);

    /// <summary>The time from one event to this one, as cudaEventElapsedTime.</summary>
    /// <exception cref="InvalidOperationException">One of them was not recorded, or its stream has not come there.</exception>
    public TimeSpan ElapsedSince(DeviceEvent start)
    {
        ArgumentNullException.ThrowIfNull(start);
        return Stopwatch.GetElapsedTime(start.Timestamp(), Timestamp());
    }

    internal long LastRecord
    {
        get
        {
            lock (_gate) return _recorded;
        }
    }

    /// <summary>The number of the record that a stream now has in its queue.</summary>
    internal long Record()
    {
        lock (_gate) return ++_recorded;
    }

    /// <summary>A stream has come to a record.</summary>
    internal void Complete(long record)
    {
        lock (_gate)
        {
            if (record <= _completed) return;
            (_completed, _timestamp) = (record, Stopwatch.GetTimestamp());
            Monitor.PulseAll(_gate);
        }
    }

    internal void WaitFor(long record, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static waited => ((DeviceEvent)waited!).Wake(), this);
        lock (_gate)
        {
            while (_completed < record)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Monitor.Wait(_gate);
            }
        }
    }

    private void Wake()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }

    private long Timestamp()
    {
        lock (_gate)
        {
            if (_recorded == 0) throw new InvalidOperationException("The event was not recorded: call DeviceStream.Record first.");
            return _completed == _recorded ? _timestamp : throw new InvalidOperationException("The stream has not come to the event yet: call Synchronize first.");
        }
    }
}
