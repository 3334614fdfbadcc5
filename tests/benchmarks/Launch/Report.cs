using System.Globalization;
using System.Text;

namespace CudaWasm.Benchmarks.Launch;

/// <summary>The figures as a table, and the place for it in a page.</summary>
internal static class Report
{
    private const string Start = "<!-- launches: written by tests/benchmarks/Launch -->";
    private const string End = "<!-- end of launches -->";

    public static string Table(IReadOnlyList<Measurement> measurements)
    {
        var text = new StringBuilder("| for each launch, or block | median, µs | best, µs | garbage, bytes |\n| --- | ---: | ---: | ---: |\n");
        foreach (var m in measurements) text.Append(CultureInfo.InvariantCulture, $"| {m.Name} | {m.MedianMicroseconds:0.00} | {m.BestMicroseconds:0.00} | {m.Bytes:0} |\n");
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
