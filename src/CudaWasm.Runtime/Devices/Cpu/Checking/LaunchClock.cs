namespace CudaWasm.Runtime.Cpu;

/// <summary>
/// The time of a checked launch. Blocks run one after the other, so one counter that every synchronization advances says of each access
/// which block made it, and before which barriers. Blocks of a grid that synchronizes run in turns from grid barrier to grid barrier.
/// </summary>
internal sealed class LaunchClock
{
    private readonly List<(uint Start, long Block)> _turns = [];
    private int _gridBarriers;

    /// <summary>Accesses have the time of the last synchronization before them; 0 is never.</summary>
    public uint Now { get; private set; }

    /// <summary>What is older was ordered by a grid barrier.</summary>
    public uint GridBarrier { get; private set; }

    /// <summary>The new time.</summary>
    public uint Tick()
    {
        if (Now == uint.MaxValue) throw new InvalidOperationException("The launch synchronizes too often to be checked. Check a smaller one.");
        return ++Now;
    }

    /// <summary>A block begins, or goes on after a grid barrier; its start.</summary>
    public uint BeginTurn(long block)
    {
        _turns.Add((Tick(), block));
        return Now;
    }

    /// <summary>A block goes on after that many grid barriers.</summary>
    public void PassGridBarrier(int count)
    {
        if (count <= _gridBarriers) return;
        _gridBarriers = count;
        GridBarrier = Tick();
    }

    public long BlockAt(uint time) => _turns[TurnAt(time)].Block;

    public uint StartOfTurn(uint time) => _turns[TurnAt(time)].Start;

    /// <summary>The time when the turn ended in which an access was made.</summary>
    public uint EndOfTurn(uint time)
    {
        var next = TurnAt(time) + 1;
        return next < _turns.Count ? _turns[next].Start : uint.MaxValue;
    }

    private int TurnAt(uint time)
    {
        var (low, high) = (0, _turns.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_turns[middle].Start <= time) low = middle;
            else high = middle - 1;
        }

        return low;
    }
}
