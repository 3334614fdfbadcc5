using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Host.Commands;

/// <summary>One kernel of <c>compile --json</c>.</summary>
internal sealed record KernelReport(string Name, string Status, IReadOnlyList<DiagnosticReport> Diagnostics)
{
    public const string Ok = "ok";
    public const string Failed = "failed";

    public static KernelReport Of(CompiledKernel kernel, IReadOnlyList<Diagnostic> diagnostics) =>
        new(kernel.Name, kernel.Succeeded && !diagnostics.Any(d => d.IsError) ? Ok : Failed, [.. diagnostics.Select(DiagnosticReport.Of)]);
}
