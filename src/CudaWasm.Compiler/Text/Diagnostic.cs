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

    private void Render(StringBuilder text)
    {
        text.Append(ToString()).Append('\n');
        if (Span.Source is { } source)
        {
            var (line, column) = source.GetPosition(Span.Start);
            var content = source.GetLine(line);
            var width = Math.Clamp(Span.Length, 1, Math.Max(1, content.Length - column + 1));
            text.Append("  ").Append(content).Append('\n').Append("  ");
            foreach (var c in content[..Math.Min(column - 1, content.Length)]) text.Append(c == '\t' ? '\t' : ' ');
            text.Append('^').Append('~', width - 1).Append('\n');
        }

        foreach (var note in Notes ?? []) note.Render(text);
    }
}
