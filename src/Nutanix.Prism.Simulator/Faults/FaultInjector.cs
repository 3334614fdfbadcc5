using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Tasks;

namespace Nutanix.Prism.Simulator.Faults;

/// <summary>Decides which request or task meets which fault: first the script in its order, then chance.</summary>
internal sealed class FaultInjector
{
    private readonly List<Waiting> _script = [];
    private readonly double _rate;
    private readonly int _seed;
    private long _requests;

    public FaultInjector(SimulatorOptions options)
    {
        (_rate, _seed) = (options.FaultRate, options.Seed);
        Chaos = new Chaos(options.Seed, options.ChaosRate);
        foreach (var fault in options.Faults) Add(fault);
    }

    public Chaos Chaos { get; }

    /// <summary>Number of scripted faults that still wait.</summary>
    public int WaitingCount => _script.Count;

    public void Add(SimulatorFault fault)
    {
        if (fault.Times < 1 || fault.Skip < 0) throw new ArgumentException("A fault needs Times of 1 or more and Skip of 0 or more.", nameof(fault));
        if (fault is { Kind: SimulatorFaultKind.Redirect, Location: null or "" }) throw new ArgumentException("A redirect needs a Location.", nameof(fault));
        _script.Add(new Waiting(fault));
    }

    public void Clear() => _script.Clear();

    /// <summary>The fault of a request, or null.</summary>
    public SimulatorFault? ForRequest(SimulatorRequest request)
    {
        var ordinal = _requests++;
        return Take(f => !IsOfTask(f) && Fits(f, request)) ?? Chaos.ForRequest(request, ordinal) ?? ByChance(request, ordinal);
    }

    /// <summary>What becomes of a task: as scripted, else by chance.</summary>
    public (TaskFate Fate, TaskFailure? Failure) ForTask(string operation)
    {
        var fault = Take(f => IsOfTask(f) && (f.Operation is null || f.Operation == operation));
        return fault?.Kind switch
        {
            SimulatorFaultKind.TaskFails => (TaskFate.Fails, new TaskFailure(fault.Message ?? $"{operation} failed.", fault.Code, fault.Group, fault.LegacyOnly)),
            SimulatorFaultKind.TaskCancelled => (TaskFate.Cancelled, null),
            SimulatorFaultKind.TaskHangs => (TaskFate.Hangs, null),
            _ => Chaos.NextTask() switch
            {
                TaskFate.Fails => (TaskFate.Fails, new TaskFailure($"{operation} failed by chance.", Group: "INTERNAL_ERROR", LegacyOnly: _requests % 2 == 0)),
                var fate => (fate, null),
            },
        };
    }

    private static bool IsOfTask(SimulatorFault fault) =>
        fault.Kind is SimulatorFaultKind.TaskFails or SimulatorFaultKind.TaskCancelled or SimulatorFaultKind.TaskHangs;

    private SimulatorFault? Take(Func<SimulatorFault, bool> fits)
    {
        foreach (var waiting in _script)
        {
            if (!fits(waiting.Fault)) continue;
            if (waiting.Skipped < waiting.Fault.Skip)
            {
                waiting.Skipped++;
                continue;
            }

            if (++waiting.Used >= waiting.Fault.Times) _script.Remove(waiting);
            return waiting.Fault;
        }

        return null;
    }

    private static bool Fits(SimulatorFault fault, SimulatorRequest request)
    {
        if (fault.Method is not null && !string.Equals(fault.Method, request.Method, StringComparison.OrdinalIgnoreCase)) return false;
        if (fault.PathContains is not null && !request.Path.Contains(fault.PathContains, StringComparison.OrdinalIgnoreCase)) return false;
        if (fault.PathEndsWith is not null && !request.Path.EndsWith(fault.PathEndsWith, StringComparison.OrdinalIgnoreCase)) return false;
        return fault.Kind switch
        {
            SimulatorFaultKind.StaleETag => request.Header("If-Match") is not null || (request.Method == "PUT" && request.Path.StartsWith("/api/nutanix/v3/", StringComparison.Ordinal)),
            SimulatorFaultKind.OverlapPages => request.Method == "GET",
            _ => true,
        };
    }

    private SimulatorFault? ByChance(SimulatorRequest request, long ordinal)
    {
        if (_rate <= 0 || SeededRandom.Unit(_seed, ordinal, 91) >= _rate) return null;
        var isSafelyRepeated = request.Method is not "GET" && request.Header("NTNX-Request-Id") is not null;
        return SeededRandom.Below(isSafelyRepeated ? 6 : 5, _seed, ordinal, 92) switch
        {
            0 => SimulatorFault.Status(429),
            1 => SimulatorFault.Status(503),
            2 => SimulatorFault.Status(504),
            3 => SimulatorFault.Html(502),
            4 => SimulatorFault.Drop(),
            _ => SimulatorFault.LostReply(),
        };
    }

    private sealed class Waiting(SimulatorFault fault)
    {
        public SimulatorFault Fault { get; } = fault;

        public int Skipped { get; set; }

        public int Used { get; set; }
    }
}
