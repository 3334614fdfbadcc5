using System.Collections;
using System.Management.Automation;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Remote;

namespace CudaWasmNutanix.Pipeline;

/// <summary>Error records of the kernel engine: the diagnostic's code is the id, its place the target.</summary>
internal static class KernelErrors
{
    /// <summary>One record for each error that the exception tells of.</summary>
    public static IEnumerable<ErrorRecord> From(CudaWasmException exception, object? target) => exception switch
    {
        KernelCompileException => From(exception.Diagnostics, target),
        RemoteKernelException { Diagnostics.Count: > 0 } => exception.Diagnostics.Where(d => d.IsError).Select(d => new ErrorRecord(
            exception, d.Code, d.Code == DiagnosticCodes.TimedOut ? ErrorCategory.OperationTimeout : ErrorCategory.InvalidOperation, (object?)SourceLocation.Of(d) ?? target)
        {
            ErrorDetails = new ErrorDetails(WithNotes(d)),
        }),
        KernelFaultException fault => [Fault(fault, target)],
        KernelTimeoutException => [new ErrorRecord(exception, exception.Code, ErrorCategory.OperationTimeout, target)],
        KernelArgumentException => [new ErrorRecord(exception, exception.Code, ErrorCategory.InvalidArgument, target)],
        _ => [new ErrorRecord(exception, exception.Code, ErrorCategory.InvalidOperation, target)],
    };

    /// <summary>One record for each error among the diagnostics.</summary>
    public static IEnumerable<ErrorRecord> From(IEnumerable<Diagnostic> diagnostics, object? target) =>
        diagnostics.Where(d => d.IsError).Select(d => Compile(d, target));

    private static ErrorRecord Compile(Diagnostic diagnostic, object? target) => new(
        new KernelCompileException(diagnostic.ToString(), [diagnostic]), diagnostic.Code, ErrorCategory.ParserError, SourceLocation.Of(diagnostic) ?? target)
    {
        ErrorDetails = new ErrorDetails(WithNotes(diagnostic)),
    };

    private static ErrorRecord Fault(KernelFaultException fault, object? target)
    {
        IDictionary? place = SourceLocation.Of(fault.Diagnostic);
        if (place is not null)
        {
            place["Kernel"] = fault.Kernel;
            place["BlockIdx"] = fault.BlockIdx;
            place["ThreadIdx"] = fault.ThreadIdx;
            place["Buffer"] = fault.BufferName;
            place["Index"] = fault.Index;
        }

        return new ErrorRecord(fault, fault.Code, ErrorCategory.InvalidOperation, (object?)place ?? target);
    }

    private static string WithNotes(Diagnostic diagnostic) =>
        string.Join(' ', [$"{diagnostic.Code}: {diagnostic.Message}", .. (diagnostic.Notes ?? []).Select(note => $"({note})")]);
}
