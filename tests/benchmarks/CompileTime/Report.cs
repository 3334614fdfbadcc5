using System.Globalization;
using System.Text;

namespace CudaWasm.Benchmarks.CompileTime;

/// <summary>The figures as a table, and the place for it in a page.</summary>
internal static class Report
{
    private const string Start = "<!-- compile time: written by tests/benchmarks/CompileTime -->";
    private const string End = "<!-- end of compile time -->";

    /// <summary>One row a case. Ratios are to the first one, of the best times, which other load on the machine disturbs least.</summary>
    public static string Table(params ReadOnlySpan<(string Name, List<TimeSpan> Times)> cases)
    {
        var text = new StringBuilder("| 5 kernels, 372 lines | median, ms | best, ms | times as fast |\n| --- | ---: | ---: | ---: |\n");
        var reference = cases[0].Times.Min();
        foreach (var (name, times) in cases)
        {
            var median = times.Order().ElementAt(times.Count / 2);
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {median.TotalMilliseconds:0.0} | {times.Min().TotalMilliseconds:0.0} | {reference / times.Min():0.0} |\n");
        }

        return text.ToString();
    }

    /// <summary>Replaces the table of a page.</summary>
    public static void Write(string file, string table)
    {
        var text = File.ReadAllText(file);
        var (start, end) = (text.IndexOf(Start, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        if (start < 0 || end < start) throw new InvalidDataException($"{file} has no place for the table: {Start} ... {End}");
        File.WriteAllText(file, $"{text[..(start + Start.Length)]}\n\n{table}\n{text[end..]}");
    }
}
