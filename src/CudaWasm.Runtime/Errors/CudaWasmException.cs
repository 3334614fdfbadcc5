using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime;

/// <summary>An error of the kernel engine that a user can act on.</summary>
public class CudaWasmException : Exception
{
    public CudaWasmException(string code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    /// <summary>A stable code: see <see cref="DiagnosticCodes"/>.</summary>
    public string Code { get; }

    /// <summary>The error as the compiler reports its own: with a place where there is one.</summary>
    public virtual IReadOnlyList<Diagnostic> Diagnostics => [new Diagnostic(Code, DiagnosticSeverity.Error, SourceSpan.None, Message)];
}

/// <summary>A source that does not compile, or a kernel that the device cannot run.</summary>
public sealed class KernelCompileException(string message, IReadOnlyList<Diagnostic> diagnostics)
    : CudaWasmException(diagnostics.FirstOrDefault(d => d.IsError)?.Code ?? DiagnosticCodes.Internal, message)
{
    public override IReadOnlyList<Diagnostic> Diagnostics { get; } = diagnostics;
}

/// <summary>Arguments, sizes or a launch configuration that do not fit the kernel.</summary>
public class KernelArgumentException(string code, string message) : CudaWasmException(code, message);

/// <summary>A kernel did something it must not: an access out of bounds, a division by zero, a barrier in divergent code...</summary>
public sealed class KernelFaultException : CudaWasmException
{
    internal KernelFaultException(Diagnostic diagnostic, string kernel, Dim3 thread, Dim3 block)
        : base(diagnostic.Code, $"Kernel {kernel}: {diagnostic.Message}")
    {
        Diagnostic = diagnostic;
        Kernel = kernel;
        ThreadIdx = thread;
        BlockIdx = block;
    }

    /// <summary>What happened, with the place in the source.</summary>
    public Diagnostic Diagnostic { get; }

    public override IReadOnlyList<Diagnostic> Diagnostics => [Diagnostic];

    public string Kernel { get; }

    public Dim3 ThreadIdx { get; }

    public Dim3 BlockIdx { get; }

    /// <summary>The parameter or variable of a wrong access, where it is known.</summary>
    public string? BufferName { get; init; }

    /// <summary>The element of a wrong access, counted in elements of the accessed type; null for other faults.</summary>
    public long? Index { get; init; }
}

/// <summary>A launch that ran longer than it was allowed to.</summary>
public sealed class KernelTimeoutException(string kernel, TimeSpan timeout)
    : CudaWasmException(DiagnosticCodes.TimedOut, string.Create(null, $"Kernel {kernel} was stopped, as it ran for longer than {timeout.TotalSeconds:0.###} s. Give it more time, or look for a loop without end."))
{
    public TimeSpan Timeout { get; } = timeout;
}

/// <summary>A launch file, or a file it names, that is wrong.</summary>
/// <param name="file">The file that is wrong.</param>
/// <param name="jsonPath">Where in the launch file: <c>$.arguments[2].count</c>; null where the whole file is meant.</param>
/// <param name="message">What is wrong there.</param>
/// <param name="inner">The cause.</param>
public sealed class LaunchFileException(string file, string? jsonPath, string message, Exception? inner = null)
    : KernelArgumentException(DiagnosticCodes.BadArgument, jsonPath is null ? $"{file}: {message}" : $"{file}: {jsonPath}: {message}")
{
    public string File { get; } = file;

    public string? JsonPath { get; } = jsonPath;

    public Exception? Cause { get; } = inner;
}
