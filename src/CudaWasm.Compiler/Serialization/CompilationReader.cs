using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Serialization;

/// <summary>Reads what <see cref="CompilationWriter"/> writes.</summary>
internal sealed class CompilationReader(CompilationInput input)
{
    /// <summary>Notes have no notes of their own, as a rule.</summary>
    private const int MaxNotes = 16;

    public CudaCompilation Read()
    {
        var kernels = input.ReadMany(Kernel);
        var diagnostics = input.ReadMany(() => Diagnostic(0));
        return input.IsAtEnd ? new CudaCompilation(kernels, diagnostics) : throw CompilationInput.Wrong("it goes on behind its end");
    }

    private CompiledKernel Kernel()
    {
        var name = input.ReadString();
        var span = input.ReadSpan();
        var staticShared = input.ReadLong();
        var isAssumed = input.ReadBool();
        var parameters = input.ReadMany(Parameter);
        var arguments = input.ReadMany(() => new KernelTemplateArgument(input.ReadString(), input.ReadString(), input.ReadString()));
        var launches = input.ReadMany(() => new KernelLaunch(input.ReadSpan(), input.ReadMany(input.ReadString)));
        var diagnostics = input.ReadMany(() => Diagnostic(0));
        IrModule? module = null;
        KernelSymbol[] symbols = [];
        if (input.ReadBool())
        {
            var reader = new IrReader(input);
            module = reader.Read();
            symbols = input.ReadMany(() =>
            {
                var (symbol, type, isTexture) = (input.ReadString(), input.ReadString(), input.ReadBool());
                return new KernelSymbol(symbol, type, reader.Variable()) { IsTexture = isTexture };
            });
        }

        var kernel = new CompiledKernel
        {
            Name = name,
            Span = span,
            StaticSharedBytes = staticShared,
            IsAssumed = isAssumed,
            Parameters = parameters,
            TemplateArguments = arguments,
            Launches = launches,
            Diagnostics = diagnostics,
            Module = module,
            Symbols = symbols,
        };
        return module is not null && KernelVerifier.Verify(kernel) is { } error ? throw CompilationInput.Wrong(error) : kernel;
    }

    private KernelParameter Parameter() => new(
        input.ReadString(), input.ReadString(), input.ReadEnum<KernelParameterKind>(), input.ReadEnum<IrType>(), input.ReadInt(), input.ReadInt(), input.ReadLong(), input.ReadBool());

    private Diagnostic Diagnostic(int depth)
    {
        if (depth > MaxNotes) throw CompilationInput.Wrong("notes of notes");
        var (code, severity, span, message) = (input.ReadString(), input.ReadEnum<DiagnosticSeverity>(), input.ReadSpan(), input.ReadString());
        return new Diagnostic(code, severity, span, message, input.ReadMany(() => Diagnostic(depth + 1)));
    }
}
