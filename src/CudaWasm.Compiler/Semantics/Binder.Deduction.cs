using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;

namespace CudaWasm.Compiler.Semantics;

// Finds template arguments by comparing a type as written with a type that is known ([temp.deduct]).
internal sealed partial class Binder
{
    /// <summary>Deduces the arguments of a function template from a call; null where it does not fit.</summary>
    private List<TemplateArgument>? DeduceCall(TemplateSymbol template, IReadOnlyList<TemplateArgumentSyntax>? spelled, IReadOnlyList<Value> arguments, Text.SourceSpan span)
    {
        var declaration = (FunctionDeclaration)template.Declaration;
        var given = spelled is null ? [] : ExpandArguments(spelled);
        var deduced = new Dictionary<string, TemplateArgument>();
        for (var i = 0; i < Math.Min(given.Count, template.Parameters.Count) && !template.Parameters[i].IsPack; i++)
        {
            if (template.Parameters[i].Name is { } name) deduced[name] = ConvertArgument(given[i], template.Parameters[i], PartialScope(template, deduced), span);
        }

        // What is spelled is not deduced: arguments convert to it.
        var open = template.Parameters.Where(p => p.IsPack || p.Name is null || !deduced.ContainsKey(p.Name)).ToList();
        var next = 0;
        foreach (var parameter in declaration.Parameters)
        {
            if (parameter.IsPack)
            {
                var pattern = parameter.Type is PackTypeSyntax pack ? pack.Pattern : parameter.Type;
                var elements = new List<TemplateArgument>();
                var name = PackName(pattern, template.Parameters);
                for (; next < arguments.Count; next++)
                {
                    var one = new Dictionary<string, TemplateArgument>();
                    if (name is null || !DeduceParameter(template, pattern, arguments[next], template.Parameters, one) || !one.TryGetValue(name, out var found)) return null;
                    elements.Add(found);
                }

                if (name is not null) deduced[name] = new TemplateArgument(null, null, null, null) { Pack = elements };
                continue;
            }

            if (next >= arguments.Count)
            {
                if (parameter.DefaultValue is null) return null;
                continue;
            }

            if (!DeduceParameter(template, parameter.Type, arguments[next++], open, deduced)) return null;
        }

        return next < arguments.Count ? null : CompleteArguments(template, template.Parameters, given, deduced, span);
    }

    private static Scope PartialScope(TemplateSymbol template, Dictionary<string, TemplateArgument> known)
    {
        var scope = new Scope(template.Scope) { Prefix = template.Scope.Prefix };
        foreach (var (name, argument) in known) scope.Set(name, Meaning(name, argument));
        return scope;
    }

    private static string? PackName(TypeSyntax pattern, IReadOnlyList<TemplateParameterSyntax> parameters) => pattern switch
    {
        NamedTypeSyntax { Name.IsSimple: true } named when parameters.Any(p => p.IsPack && p.Name == named.Name.Last.Identifier) => named.Name.Last.Identifier,
        PointerTypeSyntax p => PackName(p.Element, parameters),
        ReferenceTypeSyntax r => PackName(r.Element, parameters),
        _ => null,
    };

    private bool DeduceParameter(TemplateSymbol template, TypeSyntax parameter, Value argument, IReadOnlyList<TemplateParameterSyntax> parameters, Dictionary<string, TemplateArgument> deduced)
    {
        if (argument is ListValue) return true;
        if (argument is FunctionValue function)
        {
            // A function given for a type parameter is passed as the function itself; see FunctionArgument.
            return parameter is not NamedTypeSyntax { Name.IsSimple: true } || FunctionTypeOf(function) is { } type && Deduce(parameter, type, parameters, deduced, template.Scope, true);
        }

        if (parameter is ReferenceTypeSyntax reference)
        {
            // T&& binds T to T& for an lvalue.
            if (reference.IsRvalue && argument is Place { IsTemporary: false } && reference.Element is NamedTypeSyntax { Name.IsSimple: true } name
                && parameters.Any(p => p.Name == name.Name.Last.Identifier))
            {
                return Set(name.Name.Last.Identifier, new TemplateArgument(argument.Type.ReferenceTo(false), null, null, null), deduced);
            }

            return Deduce(reference.Element, argument.Type, parameters, deduced, template.Scope, true);
        }

        return Deduce(parameter, argument.Type.Decay(), parameters, deduced, template.Scope, true);
    }

    private bool DeduceArguments(
        IReadOnlyList<TemplateArgumentSyntax> patterns, IReadOnlyList<TemplateArgument> arguments, IReadOnlyList<TemplateParameterSyntax> parameters, Dictionary<string, TemplateArgument> deduced)
    {
        // Where one list has a pack and the other names its elements, they are compared one by one.
        if (arguments.Any(a => a.Pack is not null)) arguments = [.. arguments.SelectMany(a => a.Pack ?? [a])];
        for (var i = 0; i < patterns.Count; i++)
        {
            var pattern = patterns[i];
            if (pattern.IsPackExpansion)
            {
                var name = (pattern.Type as NamedTypeSyntax)?.Name.Last.Identifier ?? (pattern.Expression as NameExpression)?.Name.Last.Identifier;
                return name is not null && Set(name, new TemplateArgument(null, null, null, null) { Pack = [.. arguments.Skip(i)] }, deduced);
            }

            if (i >= arguments.Count) return false;
            if (!DeduceArgument(pattern, arguments[i], parameters, deduced)) return false;
        }

        return patterns.Count >= arguments.Count;
    }

    private bool DeduceArgument(TemplateArgumentSyntax pattern, TemplateArgument argument, IReadOnlyList<TemplateParameterSyntax> parameters, Dictionary<string, TemplateArgument> deduced)
    {
        if (argument.Type is { } type) return pattern.Type is not null && Deduce(pattern.Type, type, parameters, deduced, _scope, false);
        var name = (pattern.Expression as NameExpression)?.Name ?? (pattern.Type as NamedTypeSyntax)?.Name;
        if (name is { IsSimple: true } && parameters.Any(p => p.Name == name.Last.Identifier)) return Set(name.Last.Identifier, argument, deduced);
        if (argument.Value is IrConstant constant && pattern.Expression is { } expression)
        {
            return Unevaluated(() => LoadScalar(Bind(expression), expression.Span)).Expression is IrConstant known && known.Bits == constant.Bits;
        }

        return argument.Symbol is not null && name is not null && LookupName(name).Contains(argument.Symbol);
    }

    /// <param name="pattern">The type as written.</param>
    /// <param name="type">The type it must be.</param>
    /// <param name="parameters">What is to be found.</param>
    /// <param name="deduced">What was found.</param>
    /// <param name="scope">Where other names of the pattern are looked up.</param>
    /// <param name="loose">A mismatch outside of the parameters is left to the conversion of the argument.</param>
    private bool Deduce(TypeSyntax pattern, CudaType type, IReadOnlyList<TemplateParameterSyntax> parameters, Dictionary<string, TemplateArgument> deduced, Scope scope, bool loose)
    {
        // const T matches const float, and T* const a const pointer; only the argument of a call may lack what the pattern adds.
        if (!loose && ((pattern.IsConst && !type.IsConst) || (pattern.IsVolatile && !type.IsVolatile))) return false;
        switch (pattern)
        {
            case NamedTypeSyntax { Name.IsSimple: true } named when parameters.Any(p => p.Name == named.Name.Last.Identifier):
                // const T against const float leaves T = float; against float it fits only where the argument converts.
                if (!loose && ((pattern.IsConst && !type.IsConst) || (pattern.IsVolatile && !type.IsVolatile))) return false;
                var rest = type.Qualify(type.IsConst && !pattern.IsConst, type.IsVolatile && !pattern.IsVolatile);
                return Set(named.Name.Last.Identifier, new TemplateArgument(rest, null, null, null), deduced);
            case PointerTypeSyntax p:
                return type is PointerType pointer ? Deduce(p.Element, pointer.Element, parameters, deduced, scope, loose) : !Mentions(pattern, parameters) && loose;
            case ReferenceTypeSyntax r:
                return type is ReferenceType reference ? Deduce(r.Element, reference.Element, parameters, deduced, scope, loose) : loose && Deduce(r.Element, type, parameters, deduced, scope, loose);
            case ArrayTypeSyntax a:
                if (type is not ArrayType array) return loose && type is PointerType element && Deduce(a.Element, element.Element, parameters, deduced, scope, loose);
                if (a.Size is NameExpression { Name.IsSimple: true } size && parameters.Any(x => x.Name == size.Name.Last.Identifier)
                    && !Set(size.Name.Last.Identifier, new TemplateArgument(null, IrBuilder.Integer(IrType.U64, array.Count), ScalarType.ULong, null), deduced))
                {
                    return false;
                }

                return Deduce(a.Element, array.Element, parameters, deduced, scope, loose);
            case NamedTypeSyntax { Name.Last.Arguments: { } arguments } named:
                return DeduceInstance(named, arguments, type, parameters, deduced, scope, loose);
            case FunctionTypeSyntax f when type is FunctionType function && function.Parameters.Count == f.Parameters.Count:
                return Deduce(f.ReturnType, function.ReturnType, parameters, deduced, scope, loose)
                    && f.Parameters.Zip(function.Parameters).All(x => Deduce(x.First.Type, x.Second, parameters, deduced, scope, loose));
            default:
                if (Mentions(pattern, parameters)) return loose;
                return loose || InScope(scope, () => BindType(pattern)) == type;
        }
    }

    private bool DeduceInstance(
        NamedTypeSyntax named, IReadOnlyList<TemplateArgumentSyntax> arguments, CudaType type, IReadOnlyList<TemplateParameterSyntax> parameters,
        Dictionary<string, TemplateArgument> deduced, Scope scope, bool loose)
    {
        if (!Mentions(named, parameters)) return loose || InScope(scope, () => BindType(named)) == type;
        if (InScope(scope, () => LookupName(named.Name)).OfType<TemplateSymbol>().FirstOrDefault() is { Declaration: AliasDeclaration alias } aliased)
        {
            return DeduceAlias(aliased, alias, arguments, type, parameters, deduced, scope, loose);
        }

        if (type.Unqualified is not ClassType { Symbol: var symbol }) return false;
        if (parameters.FirstOrDefault(p => p.Kind == TemplateParameterKind.Template && p.Name == named.Name.Last.Identifier) is { } templateParameter)
        {
            return symbol.Template is not null && Set(templateParameter.Name!, new TemplateArgument(null, null, null, symbol.Template), deduced)
                && InScope(scope, () => DeduceArguments(arguments, symbol.TemplateArguments, parameters, deduced));
        }

        // Inside of a class template its own name means it too.
        var template = InScope(scope, () => LookupName(named.Name)).Select(s => s as TemplateSymbol ?? ((s as AliasSymbol)?.Type as ClassType)?.Symbol.Template).FirstOrDefault(t => t is not null);
        // An instance of a derived class fits by its base.
        for (var at = symbol; at is not null; at = at.Bases.Count > 0 ? at.Bases[0].Class : null)
        {
            if (at.Template != template || template is null) continue;
            // Arguments left to their defaults are looked at when the call's argument is converted.
            var given = loose && !template.Parameters.Any(p => p.IsPack) ? [.. at.TemplateArguments.Take(arguments.Count)] : at.TemplateArguments;
            return InScope(scope, () => DeduceArguments(arguments, given, parameters, deduced));
        }

        return false;
    }

    /// <summary>An alias template is transparent: what its own parameters must be is what its arguments must be.</summary>
    private bool DeduceAlias(
        TemplateSymbol template, AliasDeclaration alias, IReadOnlyList<TemplateArgumentSyntax> arguments, CudaType type, IReadOnlyList<TemplateParameterSyntax> parameters,
        Dictionary<string, TemplateArgument> deduced, Scope scope, bool loose)
    {
        var inner = new Dictionary<string, TemplateArgument>();
        if (!Deduce(alias.Type, type, template.Parameters, inner, template.Scope, loose)) return loose;
        for (var i = 0; i < Math.Min(arguments.Count, template.Parameters.Count); i++)
        {
            if (template.Parameters[i].Name is not { } name || !inner.TryGetValue(name, out var found)) continue;
            var pattern = arguments[i];
            if (!InScope(scope, () => DeduceArgument(pattern, found, parameters, deduced)) && !loose) return false;
        }

        return true;
    }

    private static bool Set(string name, TemplateArgument argument, Dictionary<string, TemplateArgument> deduced)
    {
        if (deduced.TryGetValue(name, out var known)) return known.Key == argument.Key || (known.Value is not null && argument.Value is IrConstant a && known.Value is IrConstant b && a.Bits == b.Bits);
        deduced[name] = argument;
        return true;
    }

    private static bool Mentions(TypeSyntax type, IReadOnlyList<TemplateParameterSyntax> parameters)
    {
        bool Named(NameSyntax name) => name.Parts.Any(part => parameters.Any(p => p.Name == part.Identifier)
            || part.Arguments?.Any(a => (a.Type is not null && Mentions(a.Type, parameters)) || (a.Expression is NameExpression e && Named(e.Name))) == true);
        return type switch
        {
            NamedTypeSyntax n => Named(n.Name),
            PointerTypeSyntax p => Mentions(p.Element, parameters),
            ReferenceTypeSyntax r => Mentions(r.Element, parameters),
            ArrayTypeSyntax a => Mentions(a.Element, parameters) || (a.Size is NameExpression e && Named(e.Name)),
            PackTypeSyntax p => Mentions(p.Pattern, parameters),
            DecltypeSyntax => true,
            FunctionTypeSyntax f => Mentions(f.ReturnType, parameters) || f.Parameters.Any(x => Mentions(x.Type, parameters)),
            _ => false,
        };
    }
}
