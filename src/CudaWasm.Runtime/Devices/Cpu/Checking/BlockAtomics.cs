namespace CudaWasm.Runtime.Cpu;

/// <summary>The running block's part in <see cref="AtomicOrder"/>.</summary>
internal sealed class BlockAtomics(AtomicOrder atomics, LaunchClock clock, BlockOrder order, int threads)
{
    private const int WarpSize = 32;

    private readonly Dictionary<AtomicOrder.Location, Acquisition> _acquired = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<nint, AtomicOrder.Location> _shared = [];
    private readonly HashSet<AtomicOrder.Location> _released = new(ReferenceEqualityComparer.Instance);
    private uint _lastRelease;

    /// <summary>When each warp last read a location, and who did so last of all.</summary>
    private sealed class Acquisition(int warps)
    {
        public uint[] Warps { get; } = new uint[warps];

        public uint Time { get; set; }

        public int Thread { get; set; }
    }

    public void Begin()
    {
        _acquired.Clear();
        _shared.Clear();
        _released.Clear();
        _lastRelease = 0;
    }

    public void End()
    {
        foreach (var location in _released) location.EndTurn(order.Start);
        if (_lastRelease != 0) atomics.EndTurn(order.Start, _lastRelease);
    }

    /// <summary>A thread's atomic, or its access to a volatile flag.</summary>
    /// <param name="address">Where.</param>
    /// <param name="isShared">In shared memory.</param>
    /// <param name="writes">Passes on what the thread did before.</param>
    /// <param name="reads">Lets the thread know what others passed on.</param>
    /// <param name="thread">Who.</param>
    public void Touch(nint address, bool isShared, bool writes, bool reads, int thread)
    {
        var location = isShared ? SharedAt(address) : atomics.At(address);
        var now = clock.Tick();
        if (reads)
        {
            if (!_acquired.TryGetValue(location, out var acquisition)) _acquired.Add(location, acquisition = new Acquisition((threads + WarpSize - 1) / WarpSize));
            acquisition.Warps[thread / WarpSize] = now;
            (acquisition.Time, acquisition.Thread) = (now, thread);
        }

        if (!writes) return;
        var release = new AtomicOrder.Release(now, thread, order.LastBarrier, atomics.LastFence);
        var releases = location.Releases;
        if (releases.Count > 0 && releases[^1] is var last && last.Thread == thread && last.Time >= order.LastBarrier) releases[^1] = release;
        else releases.Add(release);
        if (isShared) return;
        _released.Add(location);
        _lastRelease = now;
    }

    /// <summary>What is known about an earlier access and one that a thread makes now.</summary>
    /// <param name="earlier">The earlier one.</param>
    /// <param name="isAtomic">It was an atomic, and so passed itself on.</param>
    /// <param name="thread">Whose access it is now.</param>
    public AtomicVerdict Judge(in ShadowAccess earlier, bool isAtomic, int thread)
    {
        var since = isAtomic ? earlier.Time - 1 : earlier.Time;
        return order.IsOwn(earlier) ? JudgeOwn(earlier, since, thread) : JudgeOther(earlier, since, thread);
    }

    /// <summary>In one block: the other's warp wrote a location after its access which this thread's warp has read since.</summary>
    private AtomicVerdict JudgeOwn(in ShadowAccess earlier, uint since, int thread)
    {
        foreach (var (location, acquisition) in _acquired)
        {
            var read = acquisition.Warps[thread / WarpSize];
            if (read <= since) continue;
            for (var i = location.FirstAfter(since); i < location.Releases.Count && location.Releases[i].Time < read; i++)
            {
                if (location.Releases[i].Thread / WarpSize == earlier.Thread / WarpSize) return AtomicVerdict.Undecided;
            }
        }

        return AtomicVerdict.None;
    }

    private AtomicVerdict JudgeOther(in ShadowAccess earlier, uint since, int thread)
    {
        var end = clock.EndOfTurn(earlier.Time);
        var verdict = AtomicVerdict.None;
        foreach (var (location, acquisition) in _acquired)
        {
            var releases = location.Releases;
            for (var i = location.FirstAfter(since); i < releases.Count && releases[i].Time < Math.Min(end, acquisition.Time); i++)
            {
                var release = releases[i];
                var found = release.Fence <= earlier.Time && release.Time > earlier.Time ? AtomicVerdict.Unfenced
                    : (earlier.Time < release.Barrier || earlier.Thread == release.Thread || release.Time == earlier.Time) && (acquisition.Time < order.LastBarrier || acquisition.Thread == thread)
                        ? AtomicVerdict.Ordered
                        : AtomicVerdict.Undecided;
                if (found > verdict) verdict = found;
            }

            // Or by way of a third block.
            var passed = atomics.LastRelease(clock.StartOfTurn(earlier.Time));
            if (verdict != AtomicVerdict.None || passed <= since) continue;
            var next = location.FirstAfter(passed);
            if (next < releases.Count && releases[next].Time < order.Start) verdict = AtomicVerdict.Undecided;
        }

        return verdict;
    }

    private AtomicOrder.Location SharedAt(nint address)
    {
        if (!_shared.TryGetValue(address, out var location)) _shared.Add(address, location = new AtomicOrder.Location());
        return location;
    }
}
