using CudaWasm.Compiler.Text;

namespace CudaWasm.Host.Commands;

/// <summary>A diagnostic in JSON. Line and column are one-based; 0 and no file where there is no place.</summary>
internal sealed record DiagnosticReport(string Code, string Severity, string File, int Line, int Column, string Message)
{
    public static DiagnosticReport Of(Diagnostic d) =>
        new(d.Code, d.Severity.ToString().ToLowerInvariant(), d.Span.Path, d.Span.Line, d.Span.Column, d.Message);
}
