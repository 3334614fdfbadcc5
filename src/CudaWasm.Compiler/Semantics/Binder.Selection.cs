using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;

namespace CudaWasm.Compiler.Semantics;

// Instances of kernel templates, for launches that name their arguments and for those that do not.
internal sealed partial class Binder
{
    private readonly HashSet<FunctionDeclaration> _used = new(ReferenceEqualityComparer.Instance);

    /// <summary>The functions whose bodies went into the kernel.</summary>
    public IReadOnlySet<FunctionDeclaration> UsedFunctions => _used;

    /// <summary>The instance that a launch names, its arguments read where the launch stands.</summary>
    public FunctionSymbol InstantiateKernel(TemplateSymbol template, HostLaunch launch)
    {
        var scope = new Scope(template.Scope) { Prefix = template.Scope.Prefix };
        foreach (var declaration in launch.LocalDeclarations) Declarer.Declare(declaration, scope);
        return InScope(scope, () => InstantiateFunction(template, BindTemplateArguments(template, launch.Kernel.Last.Arguments ?? [], launch.Span), launch.Span));
    }

    /// <summary>A representative instance: float for types, small powers of two for sizes, defaults where there are some.</summary>
    public FunctionSymbol AssumeKernel(TemplateSymbol template)
    {
        var assumed = new Dictionary<string, TemplateArgument>();
        foreach (var p in template.Parameters)
        {
            if (p.Name is null || p.IsPack || p.DefaultType is not null || p.DefaultValue is not null) continue;
            assumed[p.Name] = p.Kind switch
            {
                TemplateParameterKind.Type => new TemplateArgument(ScalarType.Float, null, null, null),
                TemplateParameterKind.Value => new TemplateArgument(null, IrBuilder.Int(16), ScalarType.Int, null),
                _ => throw NotSupported(p.Span, "a template given as an argument"),
            };
        }

        var arguments = InScope(template.Scope, () => CompleteArguments(template, template.Parameters, [], assumed, template.Span))
            ?? throw Error(Text.DiagnosticCodes.TemplateArguments, template.Span, "not every parameter has an argument that could be assumed");
        return InstantiateFunction(template, arguments, template.Span);
    }
}
