using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;

namespace CudaWasm.Compiler.Semantics;

// Instances of kernel templates, for launches that name their arguments and for those that do not.
internal sealed partial class Binder
{
    private readonly HashSet<FunctionDeclaration> _used = new(ReferenceEqualityComparer.Instance);

    /// <summary>The functions whose bodies went into the kernel.</summary>
    public IReadOnlySet<FunctionDeclaration> UsedFunctions => _used;

    /// <summary>The instance that a launch names or whose arguments follow from what it passes, read where the launch stands.</summary>
    public FunctionSymbol? InstantiateKernel(TemplateSymbol template, HostLaunch launch)
    {
        var scope = new Scope(template.Scope) { Prefix = template.Scope.Prefix };
        // What only the callers of a host template know is assumed.
        foreach (var p in launch.HostFunction?.TemplateParameters ?? [])
        {
            if (p is { Name: not null, IsPack: false } && p.Kind != TemplateParameterKind.Template) BindParameter(scope, p, Representative(p));
        }

        return InScope(scope, () =>
        {
            foreach (var p in launch.HostFunction?.Parameters ?? []) DeclareHostVariable(p.Name, p.Type, scope);
            foreach (var declaration in launch.LocalDeclarations)
            {
                if (declaration is VariableDeclaration { Type.IsConst: false } v && (v.Flags & DeclarationFlags.Constexpr) == 0) DeclareHostVariable(v.Name.Last.Identifier, v.Type, scope);
                else Declarer.Declare(declaration, scope);
            }

            var values = launch.Arguments.Select(HostValue).ToList();
            var arguments = values.Count == 0
                ? BindTemplateArguments(template, launch.Kernel.Last.Arguments ?? [], launch.Span)
                : DeduceCall(template, launch.Kernel.Last.Arguments, values, launch.Span);
            return arguments is null ? null : InstantiateFunction(template, arguments, launch.Span);
        });
    }

    /// <summary>A variable of the host program, for its type alone. Types of absent libraries leave it out.</summary>
    private void DeclareHostVariable(string? name, TypeSyntax type, Scope scope)
    {
        if (string.IsNullOrEmpty(name) || IsAuto(type)) return;
        try
        {
            var bound = BindType(type).StripReference();
            scope.Set(name, new VariableSymbol(name, type.Span, VariableKind.Local, null, null) { Type = bound, Place = new MemoryPlace(bound, IrBuilder.Zero(IrType.Pointer)) });
        }
        catch (SemanticException)
        {
        }
    }

    /// <summary>An argument of a launch, of which the type counts; one of unknown type fits every parameter.</summary>
    private Value HostValue(ExpressionSyntax syntax)
    {
        try
        {
            return Unevaluated(() => Bind(syntax));
        }
        catch (SemanticException)
        {
            return new ListValue(new InitializerList(syntax.Span, []));
        }
    }

    private static TemplateArgument Representative(TemplateParameterSyntax parameter) => parameter.Kind == TemplateParameterKind.Type
        ? new TemplateArgument(ScalarType.Float, null, null, null)
        : new TemplateArgument(null, IrBuilder.Int(16), ScalarType.Int, null);

    /// <summary>A representative instance: float for types, small powers of two for sizes, defaults where there are some.</summary>
    public FunctionSymbol AssumeKernel(TemplateSymbol template)
    {
        var assumed = new Dictionary<string, TemplateArgument>();
        foreach (var p in template.Parameters)
        {
            if (p.Name is null || p.IsPack || p.DefaultType is not null || p.DefaultValue is not null) continue;
            if (p.Kind == TemplateParameterKind.Template) throw NotSupported(p.Span, "a template given as an argument");
            assumed[p.Name] = Representative(p);
        }

        var arguments = InScope(template.Scope, () => CompleteArguments(template, template.Parameters, [], assumed, template.Span))
            ?? throw Error(Text.DiagnosticCodes.TemplateArguments, template.Span, "not every parameter has an argument that could be assumed");
        return InstantiateFunction(template, arguments, template.Span);
    }
}
