namespace CudaWasm.Runtime.Cpu;

/// <summary>Threads that run blocks, one per core, kept between launches. They start with the first launch.</summary>
internal sealed class CpuWorkers(int count) : IDisposable
{
    /// <summary>Room for the recursion of kernels: many times what a GPU gives a thread, and small enough that a fault at its end is found fast.</summary>
    private const int StackBytes = 4 * 1024 * 1024;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly List<Worker> _workers = [];
    private CpuWorkerMemory? _memory;

    public int Count => count;

    /// <summary>Runs a job on that many workers and calls <paramref name="wait"/> while they run. One caller at a time.</summary>
    public void Run(int workers, Action<CpuWorkerMemory> job, Action<WaitHandle> wait, CancellationToken cancellationToken)
    {
        _turn.Wait(cancellationToken);
        try
        {
            while (_workers.Count < workers) _workers.Add(new Worker(_workers.Count));
            using var done = new CountdownEvent(workers);
            for (var i = 0; i < workers; i++) _workers[i].Start(job, done);
            wait(done.WaitHandle);
            done.Wait(CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Runs a job on the caller's thread, in its turn.</summary>
    public void RunHere(Action<CpuWorkerMemory> job, CancellationToken cancellationToken)
    {
        _turn.Wait(cancellationToken);
        try
        {
            job(_memory ??= new CpuWorkerMemory());
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _turn.Wait();
        _memory?.Dispose();
        _memory = null;
        foreach (var worker in _workers) worker.Stop();
        _workers.Clear();
        _turn.Release();
    }

    private sealed class Worker
    {
        private readonly SemaphoreSlim _signal = new(0);
        private readonly Thread _thread;
        private Action<CpuWorkerMemory>? _job;
        private CountdownEvent? _done;

        public Worker(int number)
        {
            _thread = new Thread(Loop, StackBytes) { IsBackground = true, Name = $"cuda-wasm cpu {number}" };
            _thread.Start();
        }

        public void Start(Action<CpuWorkerMemory> job, CountdownEvent done)
        {
            (_job, _done) = (job, done);
            _signal.Release();
        }

        public void Stop()
        {
            _job = null;
            _signal.Release();
            _thread.Join();
        }

        private void Loop()
        {
            using var memory = new CpuWorkerMemory();
            while (true)
            {
                _signal.Wait();
                if (_job is not { } job) break;
                try
                {
                    job(memory);
                }
                finally
                {
                    _done!.Signal();
                }
            }

            _signal.Dispose();
        }
    }
}
