using System.Collections;

namespace CudaWasm.Compiler.Text;

/// <summary>Collects diagnostics; stops listening after <see cref="Limit"/> errors, as a flood helps nobody.</summary>
public sealed class DiagnosticBag : IReadOnlyList<Diagnostic>
{
    public const int Limit = 100;

    /// <summary>Notes beyond these say nothing new about a deep pile of macros.</summary>
    private const int MaxExpansionNotes = 8;

    private readonly List<Diagnostic> _items = [];
    private readonly HashSet<(string Code, SourceText? Source, int Start, string Message)> _seen = [];

    public int Count => _items.Count;

    public int ErrorCount { get; private set; }

    public bool HasErrors => ErrorCount > 0;

    public Diagnostic this[int index] => _items[index];

    public void Error(string code, SourceSpan span, string message, params IReadOnlyList<Diagnostic> notes) =>
        Add(new Diagnostic(code, DiagnosticSeverity.Error, span, message, [.. notes, .. ExpansionNotes(span)]));

    public void Warning(string code, SourceSpan span, string message, params IReadOnlyList<Diagnostic> notes) =>
        Add(new Diagnostic(code, DiagnosticSeverity.Warning, span, message, [.. notes, .. ExpansionNotes(span)]));

    public static Diagnostic Note(SourceSpan span, string message) => new("", DiagnosticSeverity.Note, span, message);

    /// <summary>One note for each macro that had a part in the text at a place, innermost first.</summary>
    public static IEnumerable<Diagnostic> ExpansionNotes(SourceSpan span)
    {
        var shown = 0;
        for (var expansion = span.Expansion; expansion is not null && shown < MaxExpansionNotes; expansion = expansion.Parent, shown++)
        {
            yield return Note(expansion.Spelling, $"in expansion of macro '{expansion.MacroName}'");
        }
    }

    /// <summary>Adds a diagnostic once: the same text at the same place is not repeated.</summary>
    public void Add(Diagnostic diagnostic)
    {
        if (ErrorCount >= Limit || !_seen.Add((diagnostic.Code, diagnostic.Span.Source, diagnostic.Span.Start, diagnostic.Message))) return;
        _items.Add(diagnostic);
        if (diagnostic.IsError) ErrorCount++;
    }

    public void AddRange(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics) Add(diagnostic);
    }

    public IEnumerator<Diagnostic> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
