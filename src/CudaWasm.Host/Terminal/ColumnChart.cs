using System.Globalization;

namespace CudaWasm.Host.Terminal;

/// <summary>A chart of percentages over time in text: a column a sample, newest to the right.</summary>
internal static class ColumnChart
{
    private const string Eighths = " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
    private const string Halves = " .#";

    /// <param name="percentages">0 to 100; null where there was no value.</param>
    /// <param name="columnWidth">Characters a sample.</param>
    /// <param name="height">Lines of the chart's body.</param>
    /// <param name="unicode">Block characters in eighths of a line; else <c>.</c> and <c>#</c>.</param>
    /// <returns>The lines from top to bottom, with the scale at their left.</returns>
    public static IReadOnlyList<string> Draw(IReadOnlyList<double?> percentages, int columnWidth, int height, bool unicode)
    {
        var levels = unicode ? Eighths : Halves;
        var steps = levels.Length - 1;
        var lines = new List<string>();
        for (var row = height - 1; row >= 0; row--)
        {
            var body = string.Concat(percentages.Select(p => Column(p, row)));
            lines.Add($"{Scale(row),5} {(unicode ? '\u2502' : '|')}{body}".TrimEnd());
        }

        return lines;

        string Column(double? percentage, int row)
        {
            var filled = (int)Math.Round(Math.Clamp(percentage ?? 0, 0, 100) / 100 * height * steps);
            // What is there at all shows.
            if (percentage > 0 && row == 0)
                filled = Math.Max(filled, 1);

            var level = Math.Clamp(filled - (row * steps), 0, steps);
            return new string(levels[level], columnWidth - 1) + ' ';
        }

        string Scale(int row) => row == height - 1 ? "100 %" : row == 0 ? "0 %" : row == height / 2 ? "50 %" : "";
    }

    /// <summary>The line under the chart: a second's number below every fifth column.</summary>
    public static string Axis(int count, int columnWidth, bool unicode)
    {
        var marks = Enumerable.Range(0, count)
            .Select(i => (i % 5 == 0 ? i.ToString(CultureInfo.InvariantCulture) + "s" : "").PadRight(columnWidth)[..columnWidth]);
        return $"      {(unicode ? '\u2514' : '+')}{string.Concat(marks)}".TrimEnd();
    }
}
