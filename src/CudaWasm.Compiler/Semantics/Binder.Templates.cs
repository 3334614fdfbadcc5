using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// Template arguments and instances. An instance is the template's own syntax bound in a scope where its parameters have meanings.
internal sealed partial class Binder
{
    /// <summary>As deep as clang's templates go.</summary>
    private const int MaxDefinitionDepth = 1024;

    private int _instantiationDepth;
    private int _definitionDepth;

    /// <summary>The arguments as written, converted to the parameters' kinds, with defaults filled in.</summary>
    private List<TemplateArgument> BindTemplateArguments(TemplateSymbol template, IReadOnlyList<TemplateArgumentSyntax> syntax, SourceSpan span)
    {
        var given = ExpandArguments(syntax);
        return CompleteArguments(template, template.Parameters, given, [], span)
            ?? throw WrongTemplateArguments(template, given.Count, span);
    }

    private sealed record GivenArgument(TemplateArgumentSyntax? Syntax, TemplateArgument? Known);

    private List<GivenArgument> ExpandArguments(IReadOnlyList<TemplateArgumentSyntax> syntax)
    {
        var given = new List<GivenArgument>();
        foreach (var argument in syntax)
        {
            if (!argument.IsPackExpansion)
            {
                given.Add(new GivenArgument(argument, null));
                continue;
            }

            ExpandPack((SyntaxNode?)argument.Type ?? argument.Expression!, () =>
                given.Add(new GivenArgument(null, argument.Type is not null ? new TemplateArgument(BindType(argument.Type), null, null, null) : ValueArgument(argument.Expression!, null))));
        }

        return given;
    }

    /// <summary>
    /// Matches arguments with parameters; what is not given comes from <paramref name="deduced"/>, then from defaults. Null where something is missing.
    /// </summary>
    private List<TemplateArgument>? CompleteArguments(
        TemplateSymbol template, IReadOnlyList<TemplateParameterSyntax> parameters, List<GivenArgument> given, Dictionary<string, TemplateArgument> deduced, SourceSpan span)
    {
        var result = new List<TemplateArgument>();
        var scope = new Scope(template.Scope) { Prefix = template.Scope.Prefix };
        var next = 0;
        foreach (var parameter in parameters)
        {
            TemplateArgument? argument = null;
            if (parameter.IsPack)
            {
                var elements = new List<TemplateArgument>();
                for (; next < given.Count; next++) elements.Add(ConvertArgument(given[next], parameter, scope, span));
                if (elements.Count == 0 && parameter.Name is not null && deduced.TryGetValue(parameter.Name, out var found)) argument = found;
                argument ??= new TemplateArgument(null, null, null, null) { Pack = elements };
            }
            else if (next < given.Count)
            {
                argument = ConvertArgument(given[next++], parameter, scope, span);
            }
            else if (parameter.Name is not null && deduced.TryGetValue(parameter.Name, out var found))
            {
                argument = found.Value is not null && parameter.ValueType is not null ? ConvertValue(found, parameter, scope, span) : found;
            }
            else if (parameter.DefaultType is { } defaultType)
            {
                argument = InScope(scope, () => parameter.Kind == TemplateParameterKind.Template ? TemplateNamed(defaultType, parameter) : new TemplateArgument(BindType(defaultType), null, null, null));
            }
            else if (parameter.DefaultValue is { } defaultValue)
            {
                argument = InScope(scope, () => ValueArgument(defaultValue, parameter));
            }

            if (argument is null) return null;
            result.Add(argument);
            BindParameter(scope, parameter, argument);
        }

        return next < given.Count ? null : result;
    }

    private TemplateArgument ConvertArgument(GivenArgument given, TemplateParameterSyntax parameter, Scope scope, SourceSpan span)
    {
        if (given.Known is { } known) return known.Value is not null && parameter.ValueType is not null ? ConvertValue(known, parameter, scope, span) : known;
        var syntax = given.Syntax!;
        switch (parameter.Kind)
        {
            case TemplateParameterKind.Type:
                if (syntax.Type is not null) return new TemplateArgument(BindType(syntax.Type), null, null, null);
                throw Error(DiagnosticCodes.TemplateArguments, syntax.Span, $"template parameter '{parameter.Name}' takes a type");
            case TemplateParameterKind.Template:
                return TemplateNamed((SyntaxNode?)syntax.Type ?? syntax.Expression!, parameter);
            default:
                if (syntax.Expression is null) throw Error(DiagnosticCodes.TemplateArguments, syntax.Span, $"template parameter '{parameter.Name}' takes a value");
                var outer = _scope;
                return InScope(outer, () => ValueArgument(syntax.Expression, parameter, scope));
        }
    }

    private TemplateArgument TemplateNamed(SyntaxNode syntax, TemplateParameterSyntax parameter)
    {
        var name = (syntax as NamedTypeSyntax)?.Name ?? (syntax as NameExpression)?.Name;
        // Inside of a class template its bare name is the template again.
        var found = name is null ? null : LookupName(name).Select(s => s is AliasSymbol { Type: ClassType { Symbol.Template: { } own } } && name.Last.Arguments is null ? own : s).FirstOrDefault(s => s is TemplateSymbol);
        return found is not null ? new TemplateArgument(null, null, null, found)
            : throw Error(DiagnosticCodes.TemplateArguments, syntax.Span, $"template parameter '{parameter.Name}' takes a template");
    }

    private TemplateArgument ValueArgument(ExpressionSyntax expression, TemplateParameterSyntax? parameter, Scope? parameterScope = null)
    {
        var value = Unevaluated(() => Bind(expression));
        if (value is FunctionValue { Candidates: [var single] }) return new TemplateArgument(null, null, null, single);
        var scalar = EvaluatedScalar(expression);
        if (scalar.Expression is not IrConstant) throw Error(DiagnosticCodes.NotConstant, expression.Span, "a template argument must be known when compiling");
        var argument = new TemplateArgument(null, scalar.Expression, scalar.Type, null);
        return parameter is null ? argument : ConvertValue(argument, parameter, parameterScope ?? _scope, expression.Span);
    }

    private TemplateArgument ConvertValue(TemplateArgument argument, TemplateParameterSyntax parameter, Scope scope, SourceSpan span)
    {
        if (parameter.ValueType is null or AutoTypeSyntax || argument.Value is null) return argument;
        var type = InScope(scope, () => BindType(parameter.ValueType)).Unqualified;
        if (!type.IsScalar || type is PointerType) return argument;
        var converted = Unevaluated(() => Convert(new ScalarValue(argument.ValueType!, argument.Value), type, span, isExplicit: true));
        return new TemplateArgument(null, ((ScalarValue)converted).Expression, type, null);
    }

    private static void BindParameter(Scope scope, TemplateParameterSyntax parameter, TemplateArgument argument)
    {
        if (parameter.Name is { } name) scope.Set(name, Meaning(name, argument));
    }

    private static Symbol Meaning(string name, TemplateArgument argument)
    {
        if (argument.Pack is { } pack) return new PackSymbol(name, [.. pack.Select(p => Meaning(name, p))]);
        if (argument.Type is { } type) return AliasSymbol.Of(name, type);
        if (argument.Value is { } value) return new ConstantSymbol(name, SourceSpan.None, argument.ValueType!, value);
        return argument.Symbol!;
    }

    private static string KeyOf(IReadOnlyList<TemplateArgument> arguments) => string.Join(",", arguments.Select(a => a.Key));

    /// <summary>Classes and static members whose definitions need one another: templates can make ever new ones.</summary>
    private T Defining<T>(string name, SourceSpan span, Func<T> action)
    {
        if (_definitionDepth >= MaxDefinitionDepth) throw Error(DiagnosticCodes.TemplateTooDeep, span, $"defining '{Shorten(name)}' goes on without end (over {MaxDefinitionDepth} levels)");
        _definitionDepth++;
        try
        {
            return Deeper(span, action);
        }
        finally
        {
            _definitionDepth--;
        }
    }

    private static string Shorten(string name) => name.Length <= 60 ? name : name[..60] + "...";

    private T Instantiating<T>(SourceSpan span, string name, Func<T> action)
    {
        if (++_instantiationDepth > MaxDepth)
        {
            _instantiationDepth--;
            throw Error(DiagnosticCodes.TemplateTooDeep, span, $"instantiating '{name}' goes on without end (over {MaxDepth} levels)");
        }

        try
        {
            return Deeper(span, action);
        }
        finally
        {
            _instantiationDepth--;
        }
    }

    private ClassSymbol InstantiateClass(TemplateSymbol template, List<TemplateArgument> arguments, SourceSpan span) => Instantiating(span, template.Name, () =>
    {
        var key = KeyOf(arguments);
        if (template.Instances.TryGetValue(key, out var known)) return (ClassSymbol)known;
        var (declaration, parameters, bound) = ChooseSpecialisation(template, arguments, span);
        var outer = new Scope(template.Scope) { Prefix = template.Scope.Prefix };
        for (var i = 0; i < parameters.Count; i++) BindParameter(outer, parameters[i], bound[i]);
        var display = $"{template.Name}<{string.Join(", ", arguments)}>";
        var symbol = new ClassSymbol(display, declaration, outer) { Template = template, TemplateArguments = arguments };
        symbol.Scope = new Scope(outer) { Class = symbol, Prefix = template.Scope.Prefix + display + "::" };
        symbol.Scope.Set(template.Name, AliasSymbol.Of(template.Name, symbol.Type));
        template.Instances[key] = symbol;
        return symbol;
    });

    /// <summary>The specialisation that fits best: a full one, then the partial one with the fewest free parameters, then the primary.</summary>
    private (ClassDeclaration, IReadOnlyList<TemplateParameterSyntax>, IReadOnlyList<TemplateArgument>) ChooseSpecialisation(TemplateSymbol template, List<TemplateArgument> arguments, SourceSpan span)
    {
        (ClassDeclaration, IReadOnlyList<TemplateParameterSyntax>, IReadOnlyList<TemplateArgument>)? best = null;
        var bestScore = int.MaxValue;
        foreach (var special in template.Specialisations.OfType<ClassDeclaration>())
        {
            var parameters = special.TemplateParameters!;
            var patterns = special.Name!.Last.Arguments!;
            var deduced = new Dictionary<string, TemplateArgument>();
            if (!InScope(template.Scope, () => DeduceArguments(patterns, arguments, parameters, deduced))) continue;
            if (CompleteArguments(template, parameters, [], deduced, span) is not { } bound) continue;
            // More structure in the pattern, such as T* against T, is more special.
            var score = (parameters.Count * 100) - patterns.Sum(p => (p.Type is null or NamedTypeSyntax { Name.IsSimple: true } ? 0 : 1) + (p.Type is { IsConst: true } ? 1 : 0) + (p.Type is { IsVolatile: true } ? 1 : 0));
            if (score >= bestScore) continue;
            bestScore = score;
            best = (special, parameters, bound);
        }

        return best ?? ((ClassDeclaration)template.Declaration, template.Parameters, arguments);
    }

    private CudaType InstantiateAlias(TemplateSymbol template, IReadOnlyList<TemplateArgumentSyntax> syntax, SourceSpan span) => Instantiating(span, template.Name, () =>
    {
        var arguments = BindTemplateArguments(template, syntax, span);
        var scope = new Scope(template.Scope) { Prefix = template.Scope.Prefix };
        for (var i = 0; i < arguments.Count; i++) BindParameter(scope, template.Parameters[i], arguments[i]);
        return InScope(scope, () => BindType(((AliasDeclaration)template.Declaration).Type));
    });

    private FunctionSymbol InstantiateFunction(TemplateSymbol template, List<TemplateArgument> arguments, SourceSpan span) => Instantiating(span, template.Name, () =>
    {
        var key = KeyOf(arguments);
        if (template.Instances.TryGetValue(key, out var known)) return (FunctionSymbol)known;
        var declaration = (FunctionDeclaration)template.Declaration;
        var scope = new Scope(template.Scope) { Prefix = template.Scope.Prefix };
        for (var i = 0; i < arguments.Count; i++) BindParameter(scope, template.Parameters[i], arguments[i]);
        // A definition outside of the class may name the parameters differently.
        if (declaration.TemplateParameters is { } own)
        {
            for (var i = 0; i < Math.Min(arguments.Count, own.Count); i++) BindParameter(scope, own[i], arguments[i]);
        }

        var instance = new FunctionSymbol(template.Name, declaration, scope)
        {
            Owner = template.Owner,
            Template = template,
            TemplateArguments = arguments,
            DisplayName = $"{template.Name}<{string.Join(", ", arguments)}>",
        };
        template.Instances[key] = instance;
        EnsureSignature(instance);
        foreach (var special in template.Specialisations.OfType<FunctionDeclaration>())
        {
            var candidate = new FunctionSymbol(template.Name, special, template.Scope) { Owner = template.Owner };
            try
            {
                EnsureSignature(candidate);
            }
            catch (SemanticException)
            {
                continue;
            }

            if (candidate.Parameters!.Count != instance.Parameters!.Count) continue;
            if (!candidate.Parameters.Zip(instance.Parameters).All(p => p.First.Type == p.Second.Type)) continue;
            if (special.Name.Last.Arguments is { } spelled ? !SpelledSame(template, spelled, arguments, special.Span) : candidate.ReturnType != instance.ReturnType) continue;
            instance.Declaration = special;
            instance.Parameters = candidate.Parameters;
            instance.ReturnType = candidate.ReturnType;
            instance.Scope = template.Scope;
        }

        return instance;
    });

    private bool SpelledSame(TemplateSymbol template, IReadOnlyList<TemplateArgumentSyntax> spelled, List<TemplateArgument> arguments, SourceSpan span)
    {
        var known = new Dictionary<string, TemplateArgument>();
        for (var i = 0; i < arguments.Count; i++)
        {
            if (template.Parameters[i].Name is { } name) known[name] = arguments[i];
        }

        return InScope(template.Scope, () => CompleteArguments(template, template.Parameters, ExpandArguments(spelled), known, span)) is { } bound && KeyOf(bound) == KeyOf(arguments);
    }
}
