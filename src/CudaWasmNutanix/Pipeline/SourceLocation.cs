using System.Collections;
using System.Collections.Specialized;
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
            ["Code"] = diagnostic.Code,
        };
    }
}
