using System.Globalization;

namespace CudaWasm.Benchmarks.Reports;

/// <summary>The results as cells of a table, and what sums them up.</summary>
internal sealed class Figures
{
    /// <summary>How many times faster the second contender is than the first.</summary>
    /// <param name="Title">For people.</param>
    /// <param name="Slow">Its time is divided...</param>
    /// <param name="Fast">...by this one's.</param>
    private sealed record Ratio(string Title, string Slow, string Fast);

    private static readonly Ratio[] Ratios =
    [
        new("vs PoCL", "PoCL", "checked"),
        new("vs C", "C", "checked"),
        new("vs ISPC", "ISPC", "checked"),
        new("vs ILGPU", "ILGPU", "checked"),
        new("vs scalar", "scalar", "checked"),
        new("vs unchecked", "unchecked", "checked"),
    ];

    private readonly IReadOnlyList<CaseResult> _results;
    private readonly List<string> _contenders;
    private readonly List<Ratio> _ratios;

    public Figures(IReadOnlyList<CaseResult> results)
    {
        _results = results;
        _contenders = [.. results.SelectMany(r => r.Results.Keys).Distinct()];
        _ratios = [.. Ratios.Where(r => _contenders.Contains(r.Slow) && _contenders.Contains(r.Fast))];
    }

    public IReadOnlyList<string> Headings => ["Kernel", "Work", .. _contenders.Select(c => $"{c}, ms"), .. _ratios.Select(r => r.Title)];

    /// <summary>One a case, then the geometric mean and the smallest of each ratio.</summary>
    public IEnumerable<IReadOnlyList<string>> Rows()
    {
        foreach (var result in _results) yield return [result.Name, result.Size, .. _contenders.Select(c => Time(result.Results[c])), .. _ratios.Select(r => Number(Value(result, r)))];
        yield return Summary("geometric mean", values => Math.Exp(values.Average(Math.Log)));
        yield return Summary("smallest", values => values.Min());
    }

    /// <summary>What the numbers do not tell: failures, differences, kernels without vectors.</summary>
    public IReadOnlyList<string> Remarks =>
    [
        .. _results.SelectMany(r => r.Results.Where(x => x.Value.Remark is not null).Select(x => $"{r.Name}, {x.Key}: {x.Value.Remark}")),
    ];

    private IReadOnlyList<string> Summary(string title, Func<List<double>, double> sum)
    {
        return [title, "", .. _contenders.Select(_ => ""), .. _ratios.Select(Sum)];

        string Sum(Ratio ratio)
        {
            var values = _results.Select(r => Value(r, ratio)).OfType<double>().ToList();
            return values.Count == 0 ? "" : Number(sum(values));
        }
    }

    /// <summary>Null where one of the two has no correct result.</summary>
    private static double? Value(CaseResult result, Ratio ratio) =>
        result.Results[ratio.Slow] is { Agrees: true, Median: { } slow } && result.Results[ratio.Fast] is { Agrees: true, Median: { } fast } ? slow / fast : null;

    private static string Time(ContenderResult result) => result switch
    {
        { Agrees: false } => "failed",
        { Median: { } time } => Number(time),
        _ => "",
    };

    /// <summary>Three digits.</summary>
    private static string Number(double? value) => value is not { } number ? ""
        : number.ToString(number >= 99.95 ? "F0" : number >= 9.995 ? "F1" : "F2", CultureInfo.InvariantCulture);
}
