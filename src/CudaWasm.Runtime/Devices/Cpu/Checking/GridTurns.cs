using CudaWasm.Compiler.Targets.Cil;

namespace CudaWasm.Runtime.Cpu;

/// <summary>Lets the blocks of a grid that synchronizes run one at a time, in order, each up to the next grid barrier.</summary>
internal sealed class GridTurns(int blocks)
{
    private static readonly TimeSpan CancelPoll = TimeSpan.FromMilliseconds(20);

    private readonly object _lock = new();
    private readonly bool[] _hasEnded = new bool[blocks];
    private int _turn;

    /// <exception cref="KernelCancelled">The launch is to stop.</exception>
    public void Wait(long block, Func<bool> isCancelled)
    {
        lock (_lock)
        {
            while (_turn != block)
            {
                if (isCancelled()) throw new KernelCancelled();
                Monitor.Wait(_lock, CancelPoll);
            }
        }
    }

    /// <summary>Whoever comes next may run.</summary>
    public void Pass()
    {
        lock (_lock)
        {
            Next();
        }
    }

    /// <summary>The block has run to its end, or gives up; it may be waiting.</summary>
    public void End(long block)
    {
        lock (_lock)
        {
            _hasEnded[block] = true;
            if (_turn == block) Next();
        }
    }

    private void Next()
    {
        for (var i = 0; i < blocks; i++)
        {
            _turn = (_turn + 1) % blocks;
            if (!_hasEnded[_turn]) break;
        }

        Monitor.PulseAll(_lock);
    }
}
