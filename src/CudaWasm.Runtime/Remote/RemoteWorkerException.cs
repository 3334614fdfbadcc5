using System.Net;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Remote;

/// <summary>A worker that cannot be reached, or does not do what it is asked: its problem document.</summary>
public class RemoteWorkerException(string message, HttpStatusCode? status, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Null where there was no answer.</summary>
    public HttpStatusCode? Status { get; } = status;
}

/// <summary>What the engine of a worker says of a kernel, as the local one would.</summary>
public sealed class RemoteKernelException(string code, string message, IReadOnlyList<Diagnostic> diagnostics) : CudaWasmException(code, message)
{
    public override IReadOnlyList<Diagnostic> Diagnostics { get; } = diagnostics;
}
