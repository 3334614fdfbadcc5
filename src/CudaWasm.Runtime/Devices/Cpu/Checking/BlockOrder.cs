namespace CudaWasm.Runtime.Cpu;

/// <summary>Which earlier accesses happened before what a thread of the running block does now, as far as barriers tell.</summary>
internal sealed class BlockOrder(LaunchClock clock, int threads)
{
    private const int WarpSize = 32;

    private readonly uint[] _warpBarriers = new uint[(threads + WarpSize - 1) / WarpSize];

    /// <summary>For each thread and each lane of its warp: what that lane did before this time has happened before. Made when it is needed.</summary>
    private uint[]? _lanes;

    /// <summary>When the block began, or went on after a grid barrier.</summary>
    public uint Start { get; private set; }

    /// <summary>When the block's threads last met.</summary>
    public uint LastBarrier { get; private set; }

    public void Begin(uint start)
    {
        (Start, LastBarrier) = (start, start);
        Array.Clear(_warpBarriers);
        if (_lanes is not null) Array.Clear(_lanes);
    }

    public void Barrier() => LastBarrier = clock.Tick();

    /// <summary>Lanes of a warp meet.</summary>
    /// <param name="first">The warp's first thread.</param>
    /// <param name="group">Bits of the lanes.</param>
    /// <param name="warp">Bits of the lanes that the warp has.</param>
    /// <param name="now">When.</param>
    public void Meet(int first, uint group, uint warp, uint now)
    {
        if (group == warp)
        {
            _warpBarriers[first / WarpSize] = now;
            return;
        }

        _lanes ??= new uint[threads * WarpSize];
        for (var lane = 0; lane < WarpSize; lane++)
        {
            uint known = 0;
            if ((group >> lane & 1) != 0) known = now;
            else ForEach(group, member => known = Math.Max(known, _lanes[((first + member) * WarpSize) + lane]));
            ForEach(group, member => _lanes[((first + member) * WarpSize) + lane] = known);
        }
    }

    /// <summary>The access was made by the running block since it began.</summary>
    public bool IsOwn(in ShadowAccess access) => access.Time >= Start;

    /// <summary>The access happened before what any thread of the block does now.</summary>
    public bool IsBeforeAll(in ShadowAccess access) => access.Time < LastBarrier && (access.Time >= Start || access.Time < clock.GridBarrier);

    /// <summary>The access happened before, or is the thread's own.</summary>
    public bool IsBefore(in ShadowAccess access, int thread)
    {
        if (access.Time < LastBarrier) return access.Time >= Start || access.Time < clock.GridBarrier;
        var other = access.Thread;
        if (other == thread) return true;
        var warp = thread / WarpSize;
        if (other / WarpSize != warp) return false;
        return access.Time < _warpBarriers[warp] || (_lanes is not null && access.Time < _lanes[(thread * WarpSize) + (other % WarpSize)]);
    }

    private static void ForEach(uint group, Action<int> action)
    {
        for (var rest = group; rest != 0; rest &= rest - 1) action(System.Numerics.BitOperations.TrailingZeroCount(rest));
    }
}
