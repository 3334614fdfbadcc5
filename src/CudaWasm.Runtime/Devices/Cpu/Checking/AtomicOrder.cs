namespace CudaWasm.Runtime.Cpu;

/// <summary>What atomics and flags say about the order of two accesses that no barrier orders.</summary>
internal enum AtomicVerdict
{
    /// <summary>Nothing: they race.</summary>
    None,

    /// <summary>An atomic stands between them, but no fence before it.</summary>
    Unfenced,

    /// <summary>They may be in order: it depends on what the threads made of the values.</summary>
    Undecided,

    /// <summary>They are in order.</summary>
    Ordered,
}

/// <summary>
/// The atomics and volatile flags of a launch, as releases (whoever writes one passes on what it did before) and acquisitions (whoever
/// reads one may rely on that). Locks, tickets and "the last block sums up" are made of these. Whether a thread heeds what it read is not
/// looked into, so apart from the plainest case the verdict is that nothing can be said.
/// </summary>
internal sealed class AtomicOrder(LaunchClock clock)
{
    private readonly Dictionary<nint, Location> _locations = [];
    private readonly Dictionary<uint, uint> _lastReleases = [];

    /// <param name="Time">When.</param>
    /// <param name="Thread">Whose; -1 for several threads of one turn.</param>
    /// <param name="Barrier">The last barrier of its block before it.</param>
    /// <param name="Fence">The last fence before it.</param>
    internal readonly record struct Release(uint Time, int Thread, uint Barrier, uint Fence);

    /// <summary>A location in global memory; in time order, with one entry for each turn that has ended.</summary>
    internal sealed class Location
    {
        public List<Release> Releases { get; } = [];

        /// <summary>What threads of one turn released becomes one entry.</summary>
        public void EndTurn(uint start)
        {
            var first = FirstAfter(start);
            if (Releases.Count - first < 2) return;
            var last = Releases[^1];
            Releases.RemoveRange(first, Releases.Count - first);
            Releases.Add(last with { Thread = -1 });
        }

        /// <summary>Index of the first release later than a time.</summary>
        public int FirstAfter(uint time)
        {
            var (low, high) = (0, Releases.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (Releases[middle].Time > time) high = middle;
                else low = middle + 1;
            }

            return low;
        }
    }

    /// <summary>When a fence was last passed, by any thread.</summary>
    public uint LastFence { get; private set; }

    public void Fence() => LastFence = clock.Tick();

    public Location At(nint address)
    {
        if (!_locations.TryGetValue(address, out var location)) _locations.Add(address, location = new Location());
        return location;
    }

    public void EndTurn(uint start, uint lastRelease) => _lastReleases[start] = lastRelease;

    /// <summary>The last release of the turn with that start; 0 for none.</summary>
    public uint LastRelease(uint start) => _lastReleases.GetValueOrDefault(start);
}
