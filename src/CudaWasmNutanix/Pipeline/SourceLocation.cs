using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using CudaWasm.Compiler.Text;

namespace CudaWasmNutanix.Pipeline;

/// <summary>
/// The place of a diagnostic as an error record's target. PowerShell's concise error view draws the source line of a target
/// that is a dictionary with <c>File</c>, <c>Line</c> and <c>LineText</c>, and marks <c>StartColumn</c> to <c>EndColumn</c>.
/// </summary>
internal static class SourceLocation
{
    /// <summary>The place, or null where the diagnostic has none.</summary>
    public static IDictionary? Of(Diagnostic diagnostic)
    {
        if (diagnostic.Span.Source is not { } source)
        {
            return null;
        }

        (int line, int column) = source.GetPosition(diagnostic.Span.Start);
        string text = source.GetLine(line).ToString();
        // The view trims the line, and counts columns from one in what is left.
        int indent = text.Length - text.TrimStart().Length;
        string shown = text.Trim();
        int start = Math.Clamp(column - indent, 1, Math.Max(1, shown.Length));
        return new OrderedDictionary
        {
            ["File"] = source.Path,
            ["Line"] = line,
            ["Column"] = column,
            ["LineText"] = shown,
            ["StartColumn"] = start,
            ["EndColumn"] = Math.Clamp(start + Math.Max(1, diagnostic.Span.Length), start + 1, Math.Max(start + 1, shown.Length + 1)),
            ["PositionMessage"] = PositionMessage(source.Path, line, column, text, diagnostic.Span.Length),
            ["Code"] = diagnostic.Code,
        };
    }

    /// <summary>The place as PowerShell tells those of its own scripts.</summary>
    private static string PositionMessage(string path, int line, int column, string text, int length)
    {
        int marked = Math.Clamp(length, 1, Math.Max(1, text.Length - column + 1));
        string blanks = string.Concat(text.Take(column - 1).Select(c => c == '\t' ? '\t' : ' '));
        return string.Create(CultureInfo.InvariantCulture, $"At {path}:{line} char:{column}\n+ {text}\n+ {blanks}{new string('~', marked)}");
    }
}
