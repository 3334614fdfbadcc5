using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;

namespace CudaWasmNutanix;

/// <summary>Something that Test-CudaWasmKernel found in a kernel, at the first time it happened.</summary>
public sealed record KernelFinding
{
    public required CheckFindingKind Kind { get; init; }

    /// <summary>Errors are wrong on every device, warnings depend on the device or on the order of threads, notes are harmless.</summary>
    public required DiagnosticSeverity Severity { get; init; }

    /// <summary>The diagnostic's code: CW4020.</summary>
    public required string Code { get; init; }

    public required string Kernel { get; init; }

    public required string File { get; init; }

    /// <summary>One-based.</summary>
    public required int Line { get; init; }

    public required int Column { get; init; }

    public required string Message { get; init; }

    public required Dim3 Block { get; init; }

    public required Dim3 Thread { get; init; }

    /// <summary>The other thread's block; null where there is no other thread.</summary>
    public Dim3? OtherBlock { get; init; }

    public Dim3? OtherThread { get; init; }

    public string? OtherFile { get; init; }

    public int? OtherLine { get; init; }

    public int? OtherColumn { get; init; }

    /// <summary>The parameter or variable that is accessed.</summary>
    public string? Buffer { get; init; }

    /// <summary>Bytes from the start of the buffer.</summary>
    public long? Offset { get; init; }

    /// <summary>Elements from the start of the buffer.</summary>
    public long? Index { get; init; }

    /// <summary>How often it happened, in any thread.</summary>
    public required long Count { get; init; }

    /// <summary>The finding as a compiler would print it: place, message, the source line with a caret, and the other place.</summary>
    public required string Text { get; init; }

    internal static KernelFinding Of(CheckFinding finding)
    {
        (SourceSpan span, SourceSpan other) = (finding.Diagnostic.Span, finding.OtherSpan);
        bool hasOther = other.Source is not null;
        return new KernelFinding
        {
            Kind = finding.Kind,
            Severity = finding.Severity,
            Code = finding.Diagnostic.Code,
            Kernel = finding.Kernel,
            File = span.Path,
            Line = span.Line,
            Column = span.Column,
            Message = finding.Message,
            Block = finding.BlockIdx,
            Thread = finding.ThreadIdx,
            OtherBlock = finding.OtherBlockIdx,
            OtherThread = finding.OtherThreadIdx,
            OtherFile = hasOther ? other.Path : null,
            OtherLine = hasOther ? other.Line : null,
            OtherColumn = hasOther ? other.Column : null,
            Buffer = finding.Buffer,
            Offset = finding.Offset,
            Index = finding.Index,
            Count = finding.Count,
            Text = finding.Diagnostic.Render().TrimEnd(),
        };
    }
}
