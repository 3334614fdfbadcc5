namespace CudaWasm.Runtime;

/// <summary>Something in a stream's queue failed. What stood behind it in the queue did not run.</summary>
public sealed class StreamException : CudaWasmException
{
    internal StreamException(string stream, StreamOperation operation, CudaWasmException cause)
        : base(cause.Code, $"Stream {stream}, {Describe(operation)}: {cause.Message}", cause)
    {
        Stream = stream;
        Kernel = operation.Launch?.Kernel.Source.Name;
        Launch = operation.Kind == StreamOperationKind.Launch ? operation.Number : null;
        Cause = cause;
    }

    public string Stream { get; }

    /// <summary>The kernel that failed; null where it was a copy.</summary>
    public string? Kernel { get; }

    /// <summary>Which launch of the stream failed, from 1; null where it was a copy.</summary>
    public long? Launch { get; }

    /// <summary>What happened: for a kernel that did something wrong a <see cref="KernelFaultException"/>.</summary>
    public CudaWasmException Cause { get; }

    public override IReadOnlyList<Compiler.Text.Diagnostic> Diagnostics => Cause.Diagnostics;

    private static string Describe(StreamOperation operation) => operation.Kind switch
    {
        StreamOperationKind.Launch => string.Create(null, $"launch {operation.Number}"),
        StreamOperationKind.Fill => "fill",
        _ => "copy",
    };
}
