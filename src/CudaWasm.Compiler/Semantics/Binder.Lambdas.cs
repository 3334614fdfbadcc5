using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

/// <summary>What a lambda is made of: its syntax, the scope that sees the captures, and the object around it.</summary>
internal sealed record LambdaClosure(LambdaExpression Syntax, Scope Scope, Value? Self);

// Lambdas never exist at run time: a call is the body, inlined where the captured places are known.
internal sealed partial class Binder
{
    private AggregateValue BindLambda(LambdaExpression syntax)
    {
        var captures = new Scope(_scope) { Prefix = _scope.Prefix };
        if (syntax.CapturesAllByValue)
        {
            foreach (var name in SyntaxNames.Of(syntax))
            {
                if (_scope.Lookup(name) is [VariableSymbol { Kind: not VariableKind.Global, Place: { } place } v] && syntax.Captures.All(c => c.Name != name)) captures.Set(name, Copied(v, place, syntax.Span));
            }
        }

        foreach (var capture in syntax.Captures)
        {
            if (capture.Name is not { } name) continue;
            if (capture.Initializer is { } initializer)
            {
                var value = Bind(initializer);
                var kept = capture.IsReference && value is Place ? value : Temporary(Load(value, syntax.Span), value.Type.Decay(), syntax.Span);
                captures.Set(name, new VariableSymbol(name, syntax.Span, VariableKind.Local, null, null) { Place = kept, Type = kept.Type });
            }
            else if (!capture.IsReference && _scope.Lookup(name) is [VariableSymbol { Kind: not VariableKind.Global, Place: { } place } v])
            {
                captures.Set(name, Copied(v, place, syntax.Span));
            }
        }

        var symbol = new ClassSymbol("lambda", null, captures) { IsComplete = true, Size = 1, Captures = new LambdaClosure(syntax, captures, _frame?.Self) };
        return new AggregateValue(symbol.Type, []);
    }

    /// <summary>A variable as it is now. What never changes needs no copy, nor does an array, which is seen by reference.</summary>
    private VariableSymbol Copied(VariableSymbol variable, Value place, SourceSpan span)
    {
        if (place is not (SlotPlace or MemoryPlace) || place.Type is ArrayType) return variable;
        var copy = NewPlace(variable.Name, place.Type.Unqualified, null, span);
        Store(copy, Load(place, span), span);
        return new VariableSymbol(variable.Name, variable.Span, VariableKind.Local, variable.Declaration, null) { Place = copy, Type = variable.Type };
    }

    private Value CallLambda(ClassSymbol symbol, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        var closure = symbol.Captures!;
        var syntax = closure.Syntax.Function;
        var function = new FunctionSymbol("operator()", syntax, closure.Scope);
        InScope(closure.Scope, () =>
        {
            var parameters = new List<ParameterSymbol>();
            for (var i = 0; i < syntax.Parameters.Count; i++)
            {
                var p = syntax.Parameters[i];
                if (p.IsPack) throw NotSupported(p.Span, "a parameter pack of a lambda");
                if (i >= arguments.Count && p.DefaultValue is null) throw Error(DiagnosticCodes.NoMatchingFunction, span, $"this lambda takes {syntax.Parameters.Count} arguments");
                parameters.Add(new ParameterSymbol(p.Name, IsAuto(p.Type) && i < arguments.Count ? AutoParameter(p.Type, arguments[i]) : ParameterType(p.Type), p));
            }

            if (arguments.Count > parameters.Count) throw Error(DiagnosticCodes.NoMatchingFunction, span, $"this lambda takes {parameters.Count} arguments");
            function.Parameters = parameters;
            function.ReturnType = IsAuto(syntax.ReturnType) ? null : BindType(syntax.ReturnType);
            return true;
        });
        return Deeper(span, () => Inline(function, closure.Self, WithDefaults(function, arguments), span));
    }

    private static CudaType AutoParameter(TypeSyntax syntax, Value argument) => syntax switch
    {
        ReferenceTypeSyntax r when r.Element.IsConst => argument.Type.Const.ReferenceTo(false),
        ReferenceTypeSyntax r => argument.Type.ReferenceTo(r.IsRvalue && argument is not Place),
        _ => argument.Type.Decay(),
    };
}
