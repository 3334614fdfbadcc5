using System.Text;

namespace CudaWasm.Compiler.Text;

public enum DiagnosticSeverity
{
    Note,
    Warning,
    Error,
}

/// <summary>Something to tell about a piece of source.</summary>
/// <param name="Code">Stable: <c>CW0012</c>. See <see cref="DiagnosticCodes"/>.</param>
/// <param name="Severity">Errors keep the kernel from being compiled.</param>
/// <param name="Span">The place.</param>
/// <param name="Message">What is wrong, and the next step where there is one.</param>
/// <param name="Notes">Further places that explain this one.</param>
public sealed record Diagnostic(string Code, DiagnosticSeverity Severity, SourceSpan Span, string Message, IReadOnlyList<Diagnostic>? Notes = null)
{
    /// <summary>Characters of a source line that are drawn.</summary>
    private const int MaxLine = 160;

    public bool IsError => Severity == DiagnosticSeverity.Error;

    /// <summary>One line: <c>file(line,col): error CW0012: text</c>.</summary>
    public override string ToString()
    {
        var place = Span.Source is null ? "cuda-wasm" : Span.ToString();
        var severity = Severity.ToString().ToLowerInvariant();
        return Severity == DiagnosticSeverity.Note ? $"{place}: note: {Message}" : $"{place}: {severity} {Code}: {Message}";
    }

    /// <summary>The line of <see cref="ToString"/>, the source line with a caret under the place, and the notes.</summary>
    public string Render()
    {
        var text = new StringBuilder();
        Render(text);
        return text.ToString();
    }

    /// <summary>Draws a line with a mark from <paramref name="start"/> on; of a line that is too long, what stands around the mark.</summary>
    private void RenderPlace(StringBuilder text, ReadOnlySpan<char> content, int start)
    {
        var width = Math.Clamp(Span.Length, 1, Math.Max(1, content.Length - start));
        var (before, after) = ("", "");
        if (content.Length > MaxLine)
        {
            var first = Math.Clamp(start - (MaxLine / 3), 0, content.Length - MaxLine);
            (before, after) = (first > 0 ? "..." : "", first + MaxLine < content.Length ? "..." : "");
            content = content.Slice(first, MaxLine);
            start -= first;
            width = Math.Clamp(width, 1, Math.Max(1, content.Length - start));
        }

        text.Append("  ").Append(before).Append(content).Append(after).Append('\n').Append("  ").Append(' ', before.Length);
        foreach (var c in content[..Math.Min(start, content.Length)]) text.Append(c == '\t' ? '\t' : ' ');
        text.Append('^').Append('~', width - 1).Append('\n');
    }

    private void Render(StringBuilder text)
    {
        text.Append(ToString()).Append('\n');
        if (Span.Source is { } source)
        {
            var (line, column) = source.GetPosition(Span.Start);
            if (source.GetLine(line) is { IsEmpty: false } content) RenderPlace(text, content, column - 1);
        }

        foreach (var note in Notes ?? []) note.Render(text);
    }
}
