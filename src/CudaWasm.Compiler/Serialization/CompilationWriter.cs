using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Serialization;

/// <summary>Writes a compilation around its modules.</summary>
internal sealed class CompilationWriter(CompilationOutput output)
{
    public void Write(CudaCompilation compilation)
    {
        output.Write(compilation.Kernels, Kernel);
        output.Write(compilation.Diagnostics, Diagnostic);
    }

    private void Kernel(CompiledKernel kernel)
    {
        output.Write(kernel.Name);
        output.Write(kernel.Span);
        output.Write(kernel.StaticSharedBytes);
        output.Write(kernel.IsAssumed);
        output.Write(kernel.Parameters, Parameter);
        output.Write(kernel.TemplateArguments, argument =>
        {
            output.Write(argument.Name);
            output.Write(argument.Kind);
            output.Write(argument.Value);
        });
        output.Write(kernel.Launches, launch =>
        {
            output.Write(launch.Span);
            output.Write(launch.Configuration, output.Write);
        });
        output.Write(kernel.Diagnostics, Diagnostic);
        output.Write(kernel.Module is not null);
        if (kernel.Module is not { } module) return;
        var writer = new IrWriter(output);
        writer.Write(module);
        output.Write(kernel.Symbols, symbol =>
        {
            output.Write(symbol.Name);
            output.Write(symbol.TypeName);
            output.Write(symbol.IsTexture);
            writer.Reference(symbol.Variable);
        });
    }

    private void Parameter(KernelParameter parameter)
    {
        output.Write(parameter.Name);
        output.Write(parameter.TypeName);
        output.Write(parameter.Kind);
        output.Write(parameter.Element);
        output.Write(parameter.Bytes);
        output.Write(parameter.Alignment);
        output.Write(parameter.PointeeBytes);
        output.Write(parameter.IsReadOnly);
    }

    private void Diagnostic(Diagnostic diagnostic)
    {
        output.Write(diagnostic.Code);
        output.Write(diagnostic.Severity);
        output.Write(diagnostic.Span);
        output.Write(diagnostic.Message);
        output.Write(diagnostic.Notes ?? [], Diagnostic);
    }
}
