namespace CudaWasm.Runtime.Cpu;

/// <summary>Work that any number of threads can share.</summary>
internal interface ICpuJob
{
    /// <summary>Takes part until nothing is left to begin. Throws nothing.</summary>
    void Work(CpuWorkerMemory memory);
}

/// <summary>
/// Threads that run blocks, kept between launches. They start with the first launch that needs them. Launches come one after the other,
/// in turns; the thread that launches works, too, and what it is through with before a worker is awake, no worker is waited for.
/// Where there is one of them for every processor, each has its own, and the one whose processor the launching thread is on stays asleep.
/// </summary>
internal sealed class CpuWorkers : IDisposable
{
    /// <summary>Room for the recursion of kernels: many times what a GPU gives a thread, and small enough that a fault at its end is found fast.</summary>
    private const int StackBytes = 4 * 1024 * 1024;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _finished = new(0);
    private readonly Worker?[] _workers;
    private readonly bool _areBound;
    private CpuWorkerMemory? _memory;
    private bool _isDisposed;

    /// <param name="count">Threads that share a launch, the one that launches among them.</param>
    public CpuWorkers(int count)
    {
        _workers = new Worker?[count];
        _areBound = count > 1 && count == Processors.Allowed.Length;
    }

    public int Count => _workers.Length;

    /// <summary>Waits until no other launch runs.</summary>
    /// <exception cref="ObjectDisposedException">The device is closed.</exception>
    public void BeginTurn(CancellationToken cancellationToken)
    {
        _turn.Wait(cancellationToken);
        if (!_isDisposed) return;
        _turn.Release();
        throw new ObjectDisposedException(nameof(CpuDevice), "The device is closed.");
    }

    public void EndTurn() => _turn.Release();

    /// <summary>Does a job, in the caller's turn.</summary>
    /// <param name="job">What to do.</param>
    /// <param name="workers">How many threads at most shall share it.</param>
    /// <param name="callerWorks">The calling thread is one of them; else it waits.</param>
    public void Run(ICpuJob job, int workers, bool callerWorks)
    {
        var others = callerWorks ? workers - 1 : workers;
        var first = _areBound && others > 0 ? NextToCaller() : 0;
        for (var i = 0; i < others; i++) WorkerAt(first + i).Offer(job);
        var awaited = others;
        if (callerWorks)
        {
            job.Work(_memory ??= new CpuWorkerMemory());
            for (var i = 0; i < others; i++)
            {
                if (WorkerAt(first + i).TryWithdraw()) awaited--;
            }
        }

        for (; awaited > 0; awaited--) _finished.Wait(CancellationToken.None);
    }

    public void Dispose()
    {
        _turn.Wait();
        _isDisposed = true;
        _memory?.Dispose();
        _memory = null;
        foreach (var worker in _workers) worker?.Stop();
        Array.Clear(_workers);
        _turn.Release();
    }

    private Worker WorkerAt(int index)
    {
        index %= Count;
        return _workers[index] ??= new Worker(index, _areBound ? Processors.Allowed[index] : null, _finished);
    }

    /// <summary>The worker after that of the processor that the calling thread is on: the last whose turn comes is its own. The first where it is on none of theirs.</summary>
    private static int NextToCaller() => Array.IndexOf(Processors.Allowed, Processors.Current) + 1;

    private sealed class Worker
    {
        private readonly SemaphoreSlim _signal = new(0);
        private readonly SemaphoreSlim _finished;
        private readonly Thread _thread;
        private readonly int? _processor;
        private ICpuJob? _offer;
        private int _isSignaled;
        private volatile bool _isStopping;

        /// <param name="number">For its name.</param>
        /// <param name="processor">To stay on; null for any.</param>
        /// <param name="finished">Released at the end of each job.</param>
        public Worker(int number, int? processor, SemaphoreSlim finished)
        {
            (_processor, _finished) = (processor, finished);
            _thread = new Thread(Loop, StackBytes) { IsBackground = true, Name = $"cuda-wasm cpu {number}" };
            _thread.Start();
        }

        public void Offer(ICpuJob job)
        {
            Volatile.Write(ref _offer, job);
            Signal();
        }

        /// <summary>True where the worker has not begun, and now does not.</summary>
        public bool TryWithdraw() => Interlocked.Exchange(ref _offer, null) is not null;

        public void Stop()
        {
            _isStopping = true;
            Signal();
            _thread.Join();
            // Not by the thread itself: an earlier signal may have woken it while this one is on its way.
            _signal.Dispose();
        }

        /// <summary>Once is enough for a worker that has not woken up since.</summary>
        private void Signal()
        {
            if (Interlocked.Exchange(ref _isSignaled, 1) == 0) _signal.Release();
        }

        private void Loop()
        {
            if (_processor is { } processor) Processors.Bind(processor);
            using var memory = new CpuWorkerMemory();
            while (true)
            {
                _signal.Wait();
                Interlocked.Exchange(ref _isSignaled, 0);
                if (_isStopping) break;
                if (Interlocked.Exchange(ref _offer, null) is not { } job) continue;
                job.Work(memory);
                _finished.Release();
            }
        }
    }
}
