using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

/// <summary>An error that ends the statement it stands in; the binder reports it there and goes on with the next one.</summary>
internal sealed class SemanticException(string code, SourceSpan span, string message, params IReadOnlyList<Diagnostic> notes) : Exception(message)
{
    /// <summary>Follows from an error that is told already, and is not told itself.</summary>
    public bool IsConsequence { get; init; }

    public Diagnostic Diagnostic { get; } = new(code, DiagnosticSeverity.Error, span, message, notes);
}
