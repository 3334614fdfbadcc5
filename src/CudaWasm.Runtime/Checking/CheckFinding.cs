using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime;

/// <summary>Something that a checked launch found, at the first time it happened.</summary>
public sealed record CheckFinding
{
    public required CheckFindingKind Kind { get; init; }

    /// <summary>As spelled for the launch.</summary>
    public required string Kernel { get; init; }

    /// <summary>What happened, with its place; a note has the other thread's place.</summary>
    public required Diagnostic Diagnostic { get; init; }

    /// <summary>
    /// Errors are wrong on every device, warnings depend on the device or on the order of threads, notes are harmless and good to know.
    /// </summary>
    public DiagnosticSeverity Severity => Diagnostic.Severity;

    public string Message => Diagnostic.Message;

    public required Dim3 BlockIdx { get; init; }

    public required Dim3 ThreadIdx { get; init; }

    /// <summary>The block of the other thread; null where there is no other thread.</summary>
    public Dim3? OtherBlockIdx { get; init; }

    public Dim3? OtherThreadIdx { get; init; }

    /// <summary>Where the other thread is, or was; without source where that is not known.</summary>
    public SourceSpan OtherSpan { get; init; }

    /// <summary>The parameter or variable that is accessed; null where there is no access, or its object is not known.</summary>
    public string? Buffer { get; init; }

    /// <summary>Bytes from the start of the buffer.</summary>
    public long? Offset { get; init; }

    /// <summary>Elements from the start of the buffer, counted in the type of the access.</summary>
    public long? Index { get; init; }

    /// <summary>How often it happened, in any thread.</summary>
    public long Count { get; init; } = 1;
}
