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
/// </summary>
internal sealed class CpuWorkers(int count) : IDisposable
{
    /// <summary>Room for the recursion of kernels: many times what a GPU gives a thread, and small enough that a fault at its end is found fast.</summary>
    private const int StackBytes = 4 * 1024 * 1024;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _finished = new(0);
    private readonly List<Worker> _workers = [];
    private CpuWorkerMemory? _memory;
    private bool _isDisposed;

    public int Count => count;

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
        while (_workers.Count < others) _workers.Add(new Worker(_workers.Count, _finished));
        for (var i = 0; i < others; i++) _workers[i].Offer(job);
        var awaited = others;
        if (callerWorks)
        {
            job.Work(_memory ??= new CpuWorkerMemory());
            for (var i = 0; i < others; i++)
            {
                if (_workers[i].TryWithdraw()) awaited--;
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
        foreach (var worker in _workers) worker.Stop();
        _workers.Clear();
        _turn.Release();
    }

    private sealed class Worker
    {
        private readonly SemaphoreSlim _signal = new(0);
        private readonly SemaphoreSlim _finished;
        private readonly Thread _thread;
        private ICpuJob? _offer;
        private int _isSignaled;
        private volatile bool _isStopping;

        public Worker(int number, SemaphoreSlim finished)
        {
            _finished = finished;
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
