using Nutanix.Prism.Simulator.Estates;

namespace Nutanix.Prism.Simulator.Faults;

/// <summary>How a task ends that chance has chosen.</summary>
internal enum TaskFate
{
    /// <summary>As its work says.</summary>
    Ordinary,

    /// <summary>It fails without having done anything.</summary>
    Fails,

    /// <summary>Somebody else cancels it.</summary>
    Cancelled,

    /// <summary>It stays at one percentage for ever and does nothing.</summary>
    Hangs,

    /// <summary>It does its work and then stays at one percentage for ever.</summary>
    HangsAfterWork,
}

/// <summary>
/// The fault mode: every fault of the catalogue, by chance. The n-th request and the n-th task of a seed always meet the
/// same fate.
/// </summary>
internal sealed class Chaos(int seed, double rate)
{
    // What a task does to a client costs more than what a request does, and is rarer.
    private const double TaskShare = 0.3;

    private long _tasks;
    private long _machines;

    /// <summary>The fault of a request, or null.</summary>
    public SimulatorFault? ForRequest(SimulatorRequest request, long ordinal)
    {
        if (rate <= 0 || SeededRandom.Unit(seed, ordinal, 101) >= rate) return null;
        var isWrite = request.Method is not "GET" && !request.Path.EndsWith("/list", StringComparison.Ordinal);
        return SeededRandom.Below(isWrite ? 13 : 11, seed, ordinal, 102) switch
        {
            0 => SimulatorFault.Status(429),
            1 => SimulatorFault.Status(429, retryAfter: TimeSpan.FromSeconds(1 + SeededRandom.Below(3, seed, ordinal, 103))),
            2 => SimulatorFault.Status(500),
            3 => SimulatorFault.Status(502),
            4 => SimulatorFault.Status(503),
            5 => SimulatorFault.Status(504),
            6 => SimulatorFault.Drop(),
            7 => SimulatorFault.SlowBody(TimeSpan.FromMilliseconds(100 + SeededRandom.Below(400, seed, ordinal, 104))),
            8 => SimulatorFault.CutJson(),
            9 => SimulatorFault.Html(),
            10 => SimulatorFault.Html(502),
            11 => SimulatorFault.LostReply(),
            _ => SimulatorFault.StaleETag(),
        };
    }

    public TaskFate NextTask()
    {
        var ordinal = _tasks++;
        if (rate <= 0 || SeededRandom.Unit(seed, ordinal, 111) >= rate * TaskShare) return TaskFate.Ordinary;
        return SeededRandom.Below(8, seed, ordinal, 112) switch
        {
            0 => TaskFate.Hangs,
            1 => TaskFate.HangsAfterWork,
            2 or 3 => TaskFate.Cancelled,
            _ => TaskFate.Fails,
        };
    }

    /// <summary>True for a task that lists what it touches more than once, and something else besides.</summary>
    public bool NextTaskRepeatsEntities() => rate > 0 && SeededRandom.Unit(seed, _tasks, 113) < rate;

    /// <summary>How long a machine that was just made still answers 404.</summary>
    public TimeSpan NextInvisibility() => rate > 0 && SeededRandom.Unit(seed, _machines++, 114) < rate ? TimeSpan.FromSeconds(1) : TimeSpan.Zero;
}
