using System.Diagnostics;

namespace CudaWasm.Benchmarks.Launch;

/// <summary>One way to launch.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Count">Launches, or blocks, that a run makes.</param>
/// <param name="Run">Makes them.</param>
internal sealed record Case(string Name, long Count, Action Run);

/// <summary>Time and garbage of a case, for each launch or block.</summary>
internal sealed record Measurement(string Name, double MedianMicroseconds, double BestMicroseconds, double Bytes)
{
    /// <summary>Measures all cases in turn, round after round, so that whatever else the machine does concerns all alike.</summary>
    public static IReadOnlyList<Measurement> Of(IReadOnlyList<Case> cases, int rounds)
    {
        var times = cases.Select(_ => new List<double>()).ToList();
        var bytes = new double[cases.Count];
        for (var round = -3; round < rounds; round++)
        {
            for (var i = 0; i < cases.Count; i++)
            {
                var allocated = GC.GetTotalAllocatedBytes(true);
                var start = Stopwatch.GetTimestamp();
                cases[i].Run();
                var elapsed = Stopwatch.GetElapsedTime(start);
                allocated = GC.GetTotalAllocatedBytes(true) - allocated;
                // The rounds before the first wait for the JIT's second tier.
                if (round < 0) continue;
                times[i].Add(elapsed.TotalMicroseconds / cases[i].Count);
                bytes[i] = round == 0 ? allocated : Math.Min(bytes[i], allocated);
            }
        }

        return [.. cases.Select((c, i) => new Measurement(c.Name, times[i].Order().ElementAt(rounds / 2), times[i].Min(), bytes[i] / c.Count))];
    }
}
