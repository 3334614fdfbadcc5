using System.Collections.Concurrent;

namespace Nutanix.Prism.Simulator;

/// <summary>A VM that clients made, from its birth to its end.</summary>
/// <param name="ExtId">Its identifier.</param>
/// <param name="Name">The name it was made with.</param>
/// <param name="MadeAt">When its task made it.</param>
/// <param name="RemovedAt">When it was removed; null while it exists.</param>
public sealed record LedgerVm(string ExtId, string Name, DateTimeOffset MadeAt, DateTimeOffset? RemovedAt);

/// <summary>
/// The simulator's own book of what was done to it: proof for tests that whatever went wrong on the way, no VM was made
/// twice and none got lost.
/// </summary>
public sealed class SimulatorLedger
{
    private readonly ConcurrentDictionary<string, LedgerVm> _vms = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, long> _faults = new(StringComparer.Ordinal);
    private long _requests;
    private long _acceptedCreates;
    private long _inFlight;
    private long _mostInFlight;

    /// <summary>Requests answered, refused ones included.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Create requests that got a task; each makes one VM or fails.</summary>
    public long AcceptedCreates => Interlocked.Read(ref _acceptedCreates);

    /// <summary>The most requests that a host had in its hands at one moment.</summary>
    public long MostInFlight => Interlocked.Read(ref _mostInFlight);

    /// <summary>How often each kind of fault struck.</summary>
    public IReadOnlyDictionary<string, long> Faults => _faults;

    /// <summary>The VMs that clients made, those removed again included; what was there at the start is not.</summary>
    public IReadOnlyCollection<LedgerVm> Vms => [.. _vms.Values];

    /// <summary>Names that clients' VMs bear more than once at this moment.</summary>
    public IReadOnlyCollection<string> DuplicateNames =>
        [.. _vms.Values.Where(v => v.RemovedAt is null).GroupBy(v => v.Name, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key)];

    internal void Entered()
    {
        long now = Interlocked.Increment(ref _inFlight);
        long most;
        while (now > (most = Interlocked.Read(ref _mostInFlight)) && Interlocked.CompareExchange(ref _mostInFlight, now, most) != most)
        {
        }
    }

    internal void Left() => Interlocked.Decrement(ref _inFlight);

    internal void Answered(string? fault)
    {
        Interlocked.Increment(ref _requests);
        if (fault is not null) _faults.AddOrUpdate(fault, 1, static (_, n) => n + 1);
    }

    internal void Struck(string fault) => _faults.AddOrUpdate(fault, 1, static (_, n) => n + 1);

    internal void Accepted() => Interlocked.Increment(ref _acceptedCreates);

    internal void Made(string extId, string name, DateTimeOffset at) => _vms[extId] = new LedgerVm(extId, name, at, null);

    internal void Removed(string extId, string name, DateTimeOffset at)
    {
        if (_vms.TryGetValue(extId, out var vm)) _vms[extId] = vm with { Name = name, RemovedAt = at };
    }
}
