using System.Diagnostics;
using CudaWasm.Benchmarks.Cases;
using CudaWasm.Benchmarks.Runners;

namespace CudaWasm.Benchmarks;

/// <summary>What one contender made of a case.</summary>
/// <param name="Milliseconds">Of each run, in order; empty where it failed.</param>
/// <param name="Remark">Why it failed, how its results differ, or what else a reader should know; null for nothing.</param>
/// <param name="Agrees">Its results are those of the first contender.</param>
internal sealed record ContenderResult(IReadOnlyList<double> Milliseconds, string? Remark, bool Agrees)
{
    /// <summary>Of the runs; null where there are none.</summary>
    public double? Median { get; } = Milliseconds.Count == 0 ? null : MedianOf([.. Milliseconds.Order()]);

    private static double MedianOf(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}

/// <summary>One row of the table.</summary>
/// <param name="Name">The case.</param>
/// <param name="Size">What it works on.</param>
/// <param name="Results">By the contender's name.</param>
internal sealed record CaseResult(string Name, string Size, IReadOnlyDictionary<string, ContenderResult> Results);

/// <param name="MinRounds">Every contender runs at least that often.</param>
/// <param name="MaxRounds">And at most that often.</param>
/// <param name="Time">No further round begins after that.</param>
internal sealed record MeasurementOptions(int MinRounds, int MaxRounds, TimeSpan Time);

/// <summary>
/// Runs all contenders of a case in turn, round after round, so that what disturbs the machine for a while disturbs all of them. Each round begins
/// with the next of them: what one leaves in caches, or takes of the machine's time, is not always the same one's loss. The first round is not
/// timed; its results are compared.
/// </summary>
internal sealed class CaseMeasurement(CaseDefinition definition, BenchmarkCase work, MeasurementOptions options)
{
    /// <summary>OpenMP's threads still spin for a few milliseconds after their work, on cores that the next contender needs.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    private readonly Dictionary<Contender, PreparedCase> _prepared = [];
    private readonly Dictionary<Contender, List<double>> _times = [];
    private readonly Dictionary<Contender, (string? Remark, bool Agrees)> _verdicts = [];
    private Dictionary<HostBuffer, byte[]>? _reference;

    public CaseResult Run(IReadOnlyList<Contender> contenders)
    {
        try
        {
            foreach (var contender in contenders) Prepare(contender);
            var watch = Stopwatch.StartNew();
            for (var round = 0; round < options.MaxRounds && (round < options.MinRounds || watch.Elapsed < options.Time); round++)
            {
                foreach (var (contender, prepared) in InTurn(round))
                {
                    if (round < (contender.MaxRuns ?? int.MaxValue)) _times[contender].Add(Time(prepared));
                }
            }

            return new CaseResult(definition.Name, work.Size, contenders.ToDictionary(
                c => c.Name, c => new ContenderResult(_times.GetValueOrDefault(c) ?? [], _verdicts[c].Remark, _verdicts[c].Agrees)));
        }
        finally
        {
            foreach (var prepared in _prepared.Values) prepared.Dispose();
        }
    }

    private IEnumerable<KeyValuePair<Contender, PreparedCase>> InTurn(int round)
    {
        // Nobody may have the case.
        var first = round % Math.Max(1, _prepared.Count);
        return _prepared.Skip(first).Concat(_prepared.Take(first));
    }

    private void Prepare(Contender contender)
    {
        if (!contender.Has(definition))
        {
            _verdicts[contender] = (null, true);
            return;
        }

        try
        {
            var prepared = contender.Prepare(definition, work);
            prepared.Run();
            Thread.Sleep(Pause);
            _verdicts[contender] = Compare(prepared) is { } difference ? (difference, false) : (prepared.Remark, true);
            _prepared.Add(contender, prepared);
            _times.Add(contender, []);
        }
        catch (Exception e) when (e is BenchmarkException or Runtime.CudaWasmException)
        {
            _verdicts[contender] = (e.Message, false);
        }
    }

    private double Time(PreparedCase prepared)
    {
        foreach (var buffer in work.Restored) prepared.Write(buffer);
        var start = Stopwatch.GetTimestamp();
        prepared.Run();
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Thread.Sleep(Pause);
        return elapsed;
    }

    /// <summary>Compares with the first contender that ran; null where all is well.</summary>
    private string? Compare(PreparedCase prepared)
    {
        var results = new Dictionary<HostBuffer, byte[]>();
        foreach (var output in work.Outputs)
        {
            results.Add(output.Buffer, new byte[output.Buffer.ByteLength]);
            prepared.Read(output.Buffer, results[output.Buffer]);
        }

        if (_reference is null)
        {
            _reference = results;
            return null;
        }

        return work.Outputs.Select(output => Agreement.Difference(output, results[output.Buffer], _reference[output.Buffer])).FirstOrDefault(d => d is not null);
    }
}
