using System.Collections.Concurrent;
using System.Diagnostics;
using CudaWasm.Runtime;

namespace CudaWasm.Host.Worker;

/// <summary>Launches in the order they came, one at a time, on one device and one thread. There is an end to the queue.</summary>
internal sealed class LaunchQueue : IDisposable
{
    private readonly BlockingCollection<Item> _items;
    private readonly WorkerMetrics _metrics;
    private readonly int _maxPrintedChars;
    private readonly Thread _thread;
    private volatile bool _isRunning;

    public LaunchQueue(string name, Device device, int capacity, int maxPrintedChars, WorkerMetrics metrics)
    {
        Device = device;
        _items = new BlockingCollection<Item>(capacity);
        _metrics = metrics;
        _maxPrintedChars = maxPrintedChars;
        _thread = new Thread(Work) { IsBackground = true, Name = $"cuda-wasm {name}" };
        _thread.Start();
    }

    public Device Device { get; }

    public int Length => _items.Count;

    /// <summary>Launches on the device: none or one.</summary>
    public int Running => _isRunning ? 1 : 0;

    public bool IsFull => _items.Count >= _items.BoundedCapacity;

    /// <summary>Waits for the launch's turn and runs it.</summary>
    /// <param name="launch">What to run. It may be disposed once the task has ended.</param>
    /// <param name="timeout">Time of the launch, without the waiting.</param>
    /// <param name="started">Called when its turn comes.</param>
    /// <param name="cancellationToken">Takes it out of the queue, or stops it.</param>
    /// <exception cref="WorkerProblem">The queue is full.</exception>
    public Task<LaunchOutcome> RunAsync(WorkerLaunch launch, TimeSpan timeout, Action? started, CancellationToken cancellationToken)
    {
        var item = new Item(launch, timeout, started, cancellationToken);
        if (!_items.TryAdd(item))
        {
            item.GiveUp();
            throw WorkerProblem.Full(FormattableString.Invariant($"{_items.BoundedCapacity} launches wait for the device already."));
        }

        return item.Task;
    }

    /// <summary>Takes no more launches and ends when those there are have run.</summary>
    public void Dispose()
    {
        _items.CompleteAdding();
        _thread.Join();
        _items.Dispose();
        Device.Dispose();
    }

    private void Work()
    {
        foreach (var item in _items.GetConsumingEnumerable())
        {
            _isRunning = true;
            item.Run(_metrics, _maxPrintedChars);
            _isRunning = false;
        }
    }

    private sealed class Item
    {
        private readonly WorkerLaunch _launch;
        private readonly TimeSpan _timeout;
        private readonly Action? _started;
        private readonly CancellationToken _cancellationToken;
        private readonly long _since = Stopwatch.GetTimestamp();
        private readonly TaskCompletionSource<LaunchOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenRegistration _leaving;
        private int _isTaken;

        public Item(WorkerLaunch launch, TimeSpan timeout, Action? started, CancellationToken cancellationToken)
        {
            (_launch, _timeout, _started, _cancellationToken) = (launch, timeout, started, cancellationToken);
            // Whoever waits no more leaves at once; the empty place in the queue is passed over.
            _leaving = cancellationToken.Register(GiveUp);
        }

        public Task<LaunchOutcome> Task => _done.Task;

        public void GiveUp()
        {
            if (Interlocked.Exchange(ref _isTaken, 1) == 0)
                _done.TrySetCanceled(_cancellationToken);
        }

        public void Run(WorkerMetrics metrics, int maxPrintedChars)
        {
            if (Interlocked.Exchange(ref _isTaken, 1) != 0)
                return;

            _leaving.Unregister();
            var wait = Stopwatch.GetElapsedTime(_since);
            var start = Stopwatch.GetTimestamp();
            var printed = new BoundedText(maxPrintedChars);
            var result = "failed";
            try
            {
                _started?.Invoke();
                var statistics = _launch.Run(new LaunchOptions { Output = printed, Timeout = _timeout }, _cancellationToken);
                result = "succeeded";
                metrics.Launched(_launch.Tenant.Name, result, wait, Stopwatch.GetElapsedTime(start));
                _done.SetResult(new LaunchOutcome(statistics, wait, printed.ToString(), printed.IsCut));
                return;
            }
            catch (OperationCanceledException)
            {
                result = "cancelled";
                _done.SetCanceled(_cancellationToken);
            }
            catch (Exception e)
            {
                result = e is KernelTimeoutException ? "timeout" : result;
                _done.SetException(e);
            }

            metrics.Launched(_launch.Tenant.Name, result, wait, Stopwatch.GetElapsedTime(start));
        }
    }
}
