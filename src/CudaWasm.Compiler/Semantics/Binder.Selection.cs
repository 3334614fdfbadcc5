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
    public FunctionSymbol? InstantiateKernel(TemplateSymbol template, HostCall launch, HostArguments known) => AtHostCall(launch, known, template.Scope, () =>
    {
        var values = launch.Arguments.Select(HostValue).ToList();
        var arguments = values.Count == 0
            ? BindTemplateArguments(template, launch.Name.Last.Arguments ?? [], launch.Span)
            : DeduceCall(template, launch.Name.Last.Arguments, values, launch.Span);
        return arguments is null ? null : InstantiateFunction(template, arguments, launch.Span);
    });

    /// <summary>An instance with arguments by name; defaults fill what is left out.</summary>
    public FunctionSymbol InstantiateKernel(TemplateSymbol template, IReadOnlyDictionary<string, TemplateArgument> known)
    {
        var arguments = InScope(template.Scope, () => CompleteArguments(template, template.Parameters, [], new(known), template.Span))
            ?? throw Error(Text.DiagnosticCodes.TemplateArguments, template.Span, "not every parameter has an argument that could be assumed");
        return InstantiateFunction(template, arguments, template.Span);
    }

    /// <summary>What a call says about the template arguments of the host function that it calls; what cannot be read is left out.</summary>
    public Dictionary<string, TemplateArgument> DeduceHostCall(FunctionDeclaration callee, HostCall call, HostArguments known)
    {
        var parameters = callee.TemplateParameters!;
        var template = new TemplateSymbol(callee.Name.Last.Identifier, callee, parameters, model.ScopeOf(callee));
        return AtHostCall(call, known, template.Scope, () =>
        {
            var deduced = Spelled(template, call.Name.Last.Arguments ?? [], call.Span);
            for (var i = 0; i < Math.Min(callee.Parameters.Count, call.Arguments.Count) && !callee.Parameters[i].IsPack; i++)
            {
                Attempt(() => DeduceParameter(template, callee.Parameters[i].Type, HostValue(call.Arguments[i]), parameters, deduced));
            }

            return WithDefaults(template, deduced);
        });
    }

    /// <summary>The arguments that a class template is named with.</summary>
    public Dictionary<string, TemplateArgument> DeduceHostClass(HostClass owner, NamePart named, HostCall call, HostArguments known) => AtHostCall(call, known, model.Global, () =>
    {
        var symbol = _scope.Lookup(owner.Name).Concat(model.Definitions).OfType<TemplateSymbol>().FirstOrDefault(t => t.Name == owner.Name && t.Declaration is ClassDeclaration);
        if (symbol is null) return [];
        var deduced = WithDefaults(symbol, Spelled(symbol, named.Arguments!, call.Span));
        // A member defined outside of the class may name the parameters differently.
        for (var i = 0; i < Math.Min(symbol.Parameters.Count, owner.TemplateParameters!.Count); i++)
        {
            if (symbol.Parameters[i].Name is { } name && owner.TemplateParameters[i].Name is { } own && deduced.TryGetValue(name, out var argument)) deduced[own] = argument;
        }

        return deduced;
    });

    private Dictionary<string, TemplateArgument> Spelled(TemplateSymbol template, IReadOnlyList<TemplateArgumentSyntax> spelled, Text.SourceSpan span)
    {
        var deduced = new Dictionary<string, TemplateArgument>();
        for (var i = 0; i < Math.Min(spelled.Count, template.Parameters.Count) && !template.Parameters[i].IsPack; i++)
        {
            if (template.Parameters[i].Name is not { } name) continue;
            var given = new GivenArgument(spelled[i], null);
            Attempt(() => deduced[name] = ConvertArgument(given, template.Parameters[i], PartialScope(template, deduced), span));
        }

        return deduced;
    }

    private Dictionary<string, TemplateArgument> WithDefaults(TemplateSymbol template, Dictionary<string, TemplateArgument> deduced)
    {
        foreach (var p in template.Parameters)
        {
            if (p.Name is null || deduced.ContainsKey(p.Name)) continue;
            var scope = PartialScope(template, deduced);
            if (p.DefaultType is { } type) Attempt(() => deduced[p.Name] = InScope(scope, () => new TemplateArgument(BindType(type), null, null, null)));
            else if (p.DefaultValue is { } value) Attempt(() => deduced[p.Name] = InScope(scope, () => ValueArgument(value, p)));
        }

        return deduced;
    }

    /// <summary>Host code may name what is not there: then it says nothing.</summary>
    private static void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (SemanticException)
        {
        }
    }

    /// <summary>Runs where a call of host code stands: in its class and function, with the locals before it.</summary>
    private T AtHostCall<T>(HostCall call, HostArguments known, Scope otherwise, Func<T> action)
    {
        var around = call.HostFunction is { } function ? model.ScopeOf(function) : otherwise;
        var owner = HostClassSymbol(call.HostClass, around, known);
        var scope = new Scope(owner?.Scope ?? around) { Prefix = around.Prefix };
        foreach (var (name, argument) in known.ByName) scope.Set(name, Meaning(name, argument));
        return InScope(scope, () =>
        {
            foreach (var v in owner?.Declaration?.Members.OfType<VariableDeclaration>().Where(v => !IsStaticMember(v)) ?? []) DeclareHostVariable(v.Name.Last.Identifier, v.Type, null, scope);
            foreach (var p in call.HostFunction?.Parameters ?? []) DeclareHostVariable(p.Name, p.Type, null, scope);
            foreach (var declaration in call.LocalDeclarations)
            {
                if (declaration is VariableDeclaration v && (IsAuto(v.Type) || (!v.Type.IsConst && (v.Flags & DeclarationFlags.Constexpr) == 0)))
                {
                    DeclareHostVariable(v.Name.Last.Identifier, v.Type, v.Initializers.Count == 1 ? v.Initializers[0] : null, scope);
                }
                else
                {
                    Declarer.Declare(declaration, scope);
                }
            }

            return action();
        });
    }

    private ClassSymbol? HostClassSymbol(HostClass? owner, Scope around, HostArguments known)
    {
        if (owner is null) return null;
        ClassSymbol? symbol = null;
        Attempt(() =>
        {
            foreach (var found in around.Lookup(owner.Name))
            {
                if (found is AliasSymbol { Type: ClassType c }) symbol = c.Symbol;
                if (found is TemplateSymbol { Declaration: ClassDeclaration } template && CompleteArguments(template, template.Parameters, [], new(known.ByName), template.Span) is { } arguments)
                {
                    symbol = InstantiateClass(template, arguments, template.Span);
                }
            }

            if (symbol is not null) RequireComplete(symbol.Type, symbol.Span);
        });
        return symbol;
    }

    /// <summary>A variable of the host program, for its type alone. Types of absent libraries leave it out.</summary>
    private void DeclareHostVariable(string? name, TypeSyntax type, ExpressionSyntax? initializer, Scope scope)
    {
        if (string.IsNullOrEmpty(name)) return;
        Attempt(() =>
        {
            if (IsAuto(type) && initializer is null) return;
            var value = IsAuto(type) ? HostValue(initializer!) : null;
            if (value is ListValue or FunctionValue) return;
            var bound = value is null ? BindType(type).StripReference() : value.Type.Decay();
            scope.Set(name, new VariableSymbol(name, type.Span, VariableKind.Local, null, null) { Type = bound, Place = new MemoryPlace(bound, IrBuilder.Zero(IrType.Pointer)) });
        });
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

    /// <summary>The type that a class stands for as a template argument, with representative arguments if it is a template itself; null where there is none.</summary>
    public TemplateArgument? ClassArgument(Symbol symbol, IReadOnlyDictionary<string, TemplateArgument> known)
    {
        TemplateArgument? found = null;
        Attempt(() =>
        {
            if (symbol is AliasSymbol { Type: ClassType c }) found = new TemplateArgument(c, null, null, null);
            if (symbol is not TemplateSymbol { Declaration: ClassDeclaration } template) return;
            var assumed = new Dictionary<string, TemplateArgument>();
            foreach (var p in Representatives.Open(template.Parameters)) assumed[p.Name!] = known.GetValueOrDefault(p.Name!) ?? Representatives.First(p);
            if (InScope(template.Scope, () => CompleteArguments(template, template.Parameters, [], assumed, template.Span)) is not { } arguments) return;
            found = new TemplateArgument(InstantiateClass(template, arguments, template.Span).Type, null, null, null);
        });
        return found;
    }
}
