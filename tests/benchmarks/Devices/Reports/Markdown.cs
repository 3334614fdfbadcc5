using System.Text;

namespace CudaWasm.Benchmarks.Reports;

/// <summary>Puts the figures into a page between two marks, and leaves the rest of it as it is.</summary>
internal static class Markdown
{
    private const string Begin = "<!-- figures: written by tests/benchmarks/Devices -->";
    private const string End = "<!-- end of figures -->";

    /// <exception cref="Runners.BenchmarkException">The page has no place for the figures.</exception>
    public static void Update(string path, Figures figures, IEnumerable<(string Key, string Value)> machine)
    {
        var page = File.ReadAllText(path).ReplaceLineEndings("\n");
        var begin = page.IndexOf(Begin, StringComparison.Ordinal);
        var end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin) throw new Runners.BenchmarkException($"{path} has no place for the figures: it needs the lines '{Begin}' and '{End}'.");
        File.WriteAllText(path, page[..(begin + Begin.Length)] + "\n\n" + Write(figures, machine) + "\n" + page[end..]);
    }

    public static string Write(Figures figures, IEnumerable<(string Key, string Value)> machine)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in machine) text.Append("* ").Append(key).Append(": ").Append(value).Append('\n');
        text.Append('\n');
        Row(figures.Headings);
        // Names to the left, numbers to the right.
        Row([.. figures.Headings.Select((_, i) => i < 2 ? "---" : "---:")]);
        foreach (var row in figures.Rows()) Row(row);
        if (figures.Remarks.Count > 0) text.Append('\n');
        foreach (var remark in figures.Remarks) text.Append("* ").Append(remark.ReplaceLineEndings(" ")).Append('\n');
        return text.ToString();

        void Row(IReadOnlyList<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }
}
