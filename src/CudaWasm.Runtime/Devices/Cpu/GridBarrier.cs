using CudaWasm.Compiler.Targets.Cil;

namespace CudaWasm.Runtime.Cpu;

/// <summary>Where the blocks of a cooperative launch wait for each other. Blocks that ended are not waited for.</summary>
internal sealed class GridBarrier(int blocks)
{
    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _open = new(false);
    private int _expected = blocks;
    private int _arrived;
    private long _phase;

    /// <exception cref="KernelCancelled">The launch is being stopped.</exception>
    public void Wait(Func<bool> isCancelled)
    {
        long phase;
        lock (_lock)
        {
            phase = _phase;
            _arrived++;
            OpenIfComplete();
        }

        // Short waits, so that a launch that is stopped is left soon.
        while (Interlocked.Read(ref _phase) == phase)
        {
            if (isCancelled()) throw new KernelCancelled();
            _open.Wait(20);
            if (Interlocked.Read(ref _phase) == phase) Thread.Yield();
        }
    }

    /// <summary>A block that ends takes part no more.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _expected--;
            OpenIfComplete();
        }
    }

    private void OpenIfComplete()
    {
        if (_arrived < _expected || _arrived == 0) return;
        _arrived = 0;
        Interlocked.Increment(ref _phase);
        _open.Set();
        _open.Reset();
    }
}
