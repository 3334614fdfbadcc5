using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Semantics.Builtins;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// Calls and overload resolution.
internal sealed partial class Binder
{
    private Value BindCall(CallExpression syntax)
    {
        if (syntax.Callee is NameExpression { Name: { IsSimple: true } simple } && simple.Last.Identifier == "assert" && _scope.Lookup("assert").All(s => s is BuiltinFunction))
        {
            return BindAssert(syntax);
        }

        // Inside of a class its name is also that of its constructors: T(a, b) makes an object.
        if (syntax.Callee is NameExpression { Name: var typeName } && IsType(typeName))
        {
            return BindCast(new CastExpression(syntax.Span, CastKind.Functional, new NamedTypeSyntax(syntax.Callee.Span, typeName), syntax.Arguments));
        }

        var callee = BindCallee(syntax.Callee, syntax.Arguments);
        if (callee is FunctionValue { Name: ['~', ..] }) return VoidValue.Instance;
        var arguments = BindAfterCallee(ref callee, syntax.Arguments);
        switch (callee)
        {
            case FunctionValue function:
                return CallBest(function, arguments, syntax.Span);
            case { Type.Unqualified: ClassType } when callee is not ThisValue:
                return CallOperator("operator()", callee, arguments, syntax.Span)
                    ?? throw Error(DiagnosticCodes.NoMatchingFunction, syntax.Span, $"'{callee.Type.Name}' cannot be called with ({string.Join(", ", arguments.Select(Describe))})");
            case { Type.Unqualified: PointerType { Element: FunctionType type } }:
                return CallThrough(LoadScalar(callee, syntax.Span), type, arguments, syntax.Span);
            case MemoryPlace { Type: FunctionType type } target:
                return CallThrough(new ScalarValue(type.Pointer, target.Address), type, arguments, syntax.Span);
            default:
                throw Error(DiagnosticCodes.BadOperand, syntax.Callee.Span, $"'{callee.Type.Name}' is not a function");
        }
    }

    private bool IsType(NameSyntax name) => LookupName(name) is [AliasSymbol or EnumSymbol or TemplateSymbol { IsFunction: false }, ..] and [var first, ..]
        && TypeOf(first, name.Last, name.Span) is not null;

    /// <summary>An unknown plain name may still be found in the namespaces of the arguments.</summary>
    private Value BindCallee(ExpressionSyntax callee, IReadOnlyList<ExpressionSyntax> arguments)
    {
        if (callee is NameExpression { Name: { IsGlobal: false, Parts.Count: 1 } name } && arguments.Count > 0 && FindMember(name.Last.Identifier) is null && LookupName(name).Count == 0)
        {
            return new FunctionValue([], name.Last.Arguments, null, name.Last.Identifier, callee.Span) { AllowsArgumentLookup = true };
        }

        return Bind(callee);
    }

    private List<Value> BindAfterCallee(ref Value callee, IReadOnlyList<ExpressionSyntax> syntax)
    {
        var block = _block;
        var at = block.Statements.Count;
        var arguments = BindArguments(syntax);
        if (block.Statements.Count > at) callee = SaveAt(callee, block, at);
        return arguments;
    }

    /// <summary>Binds arguments from left to right; one with side effects saves those before it.</summary>
    private List<Value> BindArguments(IReadOnlyList<ExpressionSyntax> syntax)
    {
        var values = new List<Value>(syntax.Count);
        var block = _block;
        foreach (var argument in syntax)
        {
            var at = block.Statements.Count;
            var value = Bind(argument);
            if (value is ThisValue self) value = new ScalarValue(self.Type, AddressOf(self.Object, argument.Span));
            if (block.Statements.Count > at)
            {
                for (var i = values.Count - 1; i >= 0; i--) values[i] = SaveAt(values[i], block, at);
            }

            if (value is PackValue pack) values.AddRange(pack.Elements);
            else values.Add(value);
        }

        return values;
    }

    private VoidValue BindAssert(CallExpression syntax)
    {
        if (syntax.Arguments.Count != 1) throw Error(DiagnosticCodes.NoMatchingFunction, syntax.Span, "assert takes one argument");
        var argument = syntax.Arguments[0];
        var condition = Condition(Bind(argument), argument.Span);
        var text = argument.Span.Source?.Text.Substring(argument.Span.Start, argument.Span.Length) ?? "condition";
        var failed = new IrBlock();
        failed.Statements.Add(new IrTrap(DiagnosticCodes.AssertionFailed, $"assertion '{text}' failed", syntax.Span));
        Append(new IrIf(condition, new IrBlock(), failed, syntax.Span));
        return VoidValue.Instance;
    }

    private sealed class Candidate(Symbol symbol, IReadOnlyList<CudaType> parameters, BuiltinOverload? builtin)
    {
        public Symbol Symbol { get; } = symbol;

        public IReadOnlyList<CudaType> Parameters { get; } = parameters;

        public BuiltinOverload? Builtin { get; } = builtin;

        public int[] Costs { get; set; } = [];

        public bool IsTemplate => Symbol is FunctionSymbol { Template: not null };

        /// <summary>How much of a template's parameter list is spelled out; more is more special.</summary>
        public int Detail => Symbol is FunctionSymbol { Template: { } t } ? ((FunctionDeclaration)t.Declaration).Parameters.Sum(p => Depth(p.Type)) - (t.Parameters.Any(p => p.IsPack) ? 100 : 0) : 0;

        private static int Depth(TypeSyntax type) => type switch
        {
            PointerTypeSyntax p => 1 + Depth(p.Element),
            ReferenceTypeSyntax r => Depth(r.Element),
            NamedTypeSyntax { Name.Last.Arguments: { Count: > 0 } a } => 1 + a.Count,
            BuiltinTypeSyntax => 3,
            _ => type.IsConst ? 1 : 0,
        };
    }

    private Value CallBest(FunctionValue function, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        var candidates = function.Candidates;
        if (function.AllowsArgumentLookup) candidates = [.. candidates, .. ArgumentScopes(arguments).SelectMany(s => s.Local(function.Name)).Except(candidates)];
        if (candidates.Count == 0) throw Undeclared(function.Span, $"use of undeclared identifier '{function.Name}'", function.Name);
        if (candidates.OfType<BuiltinFunction>().FirstOrDefault(b => b.Custom is not null) is { } custom && candidates.All(c => c is BuiltinFunction))
        {
            return custom.Custom!(new BuiltinCall(this, function, arguments, span));
        }

        var best = Choose(function, candidates, arguments, span);
        return Invoke(best, function.Self, arguments, span);
    }

    private Value Invoke(Candidate best, Value? self, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        if (best.Builtin is { } builtin)
        {
            var converted = new List<Value>();
            for (var i = 0; i < arguments.Count; i++) converted.Add(Convert(arguments[i], best.Parameters[i], span));
            return builtin.Emit(new BuiltinCall(this, null, converted, span));
        }

        return Call((FunctionSymbol)best.Symbol, self, arguments, span);
    }

    /// <summary>The namespaces that the classes among the arguments stand in.</summary>
    private static IEnumerable<Scope> ArgumentScopes(IReadOnlyList<Value> arguments)
    {
        foreach (var argument in arguments)
        {
            var type = argument.Type.Decay();
            if (type is PointerType p) type = p.Element.Unqualified;
            if (type is not ClassType c) continue;
            for (var scope = c.Symbol.Scope.Parent; scope is not null; scope = scope.Parent)
            {
                if (scope.Class is null) yield return scope;
            }
        }
    }

    private Candidate Choose(FunctionValue function, IReadOnlyList<Symbol> symbols, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        var viable = new List<Candidate>();
        foreach (var symbol in symbols)
        {
            foreach (var candidate in CandidatesOf(symbol, function, arguments, span))
            {
                if (Costs(candidate, arguments) is not { } costs) continue;
                candidate.Costs = costs;
                viable.Add(candidate);
            }
        }

        if (viable.Count == 0) throw NoMatch(function, symbols, arguments, span);
        Candidate? best = null;
        var isAmbiguous = false;
        foreach (var candidate in viable)
        {
            if (best is null)
            {
                best = candidate;
                continue;
            }

            switch (Compare(candidate, best, function.Self))
            {
                case < 0:
                    best = candidate;
                    isAmbiguous = false;
                    break;
                case 0:
                    isAmbiguous = true;
                    break;
            }
        }

        if (isAmbiguous && viable.Any(v => v != best && Compare(v, best!, function.Self) == 0))
        {
            throw Error(DiagnosticCodes.AmbiguousCall, span, $"the call of '{function.Name}' with ({string.Join(", ", arguments.Select(Describe))}) is ambiguous",
                [.. viable.Where(v => v.Symbol.Span.Source is not null).Select(v => DiagnosticBag.Note(v.Symbol.Span, "this one fits as well"))]);
        }

        return best!;
    }

    private IEnumerable<Candidate> CandidatesOf(Symbol symbol, FunctionValue function, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        switch (symbol)
        {
            case BuiltinFunction builtin:
                foreach (var overload in builtin.Overloads)
                {
                    if (overload.Parameters.Count >= arguments.Count && overload.Required <= arguments.Count) yield return new Candidate(builtin, overload.Parameters, overload);
                }

                break;
            case FunctionSymbol f when function.TemplateArguments is null || f.Template is not null:
                EnsureSignature(f);
                var required = f.Parameters!.TakeWhile(p => p.Syntax?.DefaultValue is null).Count();
                if (arguments.Count >= required && arguments.Count <= f.Parameters!.Count) yield return new Candidate(f, [.. f.Parameters.Select(p => p.Type)], null);
                break;
            case TemplateSymbol { IsFunction: true } template:
                if (InstantiateFor(template, function.TemplateArguments, arguments, span) is { } instance) yield return new Candidate(instance, [.. instance.Parameters!.Select(p => p.Type)], null);
                break;
        }
    }

    /// <summary>The instance that a call asks for; null where the template does not fit, which is no error.</summary>
    private FunctionSymbol? InstantiateFor(TemplateSymbol template, IReadOnlyList<TemplateArgumentSyntax>? spelled, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        try
        {
            return DeduceCall(template, spelled, arguments, span) is { } deduced ? InstantiateFunction(template, deduced, span) : null;
        }
        catch (SemanticException e) when (e.Diagnostic.Code != DiagnosticCodes.TemplateTooDeep)
        {
            return null;
        }
    }

    private int[]? Costs(Candidate candidate, IReadOnlyList<Value> arguments)
    {
        var costs = new int[arguments.Count];
        for (var i = 0; i < costs.Length; i++)
        {
            costs[i] = ConversionCost(arguments[i], candidate.Parameters[i]);
            if (costs[i] == Cost.Impossible) return null;
        }

        return costs;
    }

    /// <summary>Negative where a is better, positive where b is, 0 where neither.</summary>
    private static int Compare(Candidate a, Candidate b, Value? self)
    {
        var (aWins, bWins) = (false, false);
        for (var i = 0; i < a.Costs.Length; i++)
        {
            aWins |= a.Costs[i] < b.Costs[i];
            bWins |= b.Costs[i] < a.Costs[i];
        }

        if (aWins != bWins) return aWins ? -1 : 1;
        // Between built-in overloads, as of pow(float, int), the sum decides and then the wider type.
        if (a.Builtin is not null && b.Builtin is not null)
        {
            var difference = a.Costs.Sum() - b.Costs.Sum();
            return difference != 0 ? difference : b.Builtin.Preference - a.Builtin.Preference;
        }

        if (aWins) return 0;
        if (a.Builtin is null != b.Builtin is null) return a.Builtin is null ? -1 : 1;
        if (a.IsTemplate != b.IsTemplate) return a.IsTemplate ? 1 : -1;
        if (a.Symbol is FunctionSymbol f && b.Symbol is FunctionSymbol g)
        {
            // A declaration and its definition are one function.
            if (f.Parameters!.Count == g.Parameters!.Count && f.Parameters.Zip(g.Parameters).All(p => p.First.Type == p.Second.Type) && f.Template == g.Template)
            {
                var (fc, gc) = ((f.Declaration.Flags & DeclarationFlags.ConstMember) != 0, (g.Declaration.Flags & DeclarationFlags.ConstMember) != 0);
                if (fc != gc) return fc == (self?.Type.IsConst ?? false) ? -1 : 1;
                if (f.Declaration.IsDevice != g.Declaration.IsDevice) return f.Declaration.IsDevice ? -1 : 1;
                return f.Declaration.Body is not null ? -1 : 1;
            }

            if (a.IsTemplate && a.Detail != b.Detail) return b.Detail - a.Detail;
            // f(T, T) is more special than f(T, U).
            if (a.IsTemplate && f.Template!.Parameters.Count != g.Template!.Parameters.Count) return f.Template.Parameters.Count - g.Template.Parameters.Count;
            if (f.Parameters.Count != g.Parameters.Count) return f.Parameters.Count - g.Parameters.Count;
            var (fHasBody, gHasBody) = (f.Declaration.Body is not null, g.Declaration.Body is not null);
            if (a.IsTemplate && fHasBody != gHasBody) return fHasBody ? -1 : 1;
        }

        return 0;
    }

    /// <summary>Calls an overloaded operator, member or free; null where there is none that fits.</summary>
    private Value? CallOperator(string name, Value self, IReadOnlyList<Value> others, SourceSpan span)
    {
        var members = new List<Symbol>();
        if (self.Type.Unqualified is ClassType { Symbol: var symbol } && self is not ThisValue)
        {
            RequireComplete(symbol.Type, span);
            members.AddRange(symbol.Scope.Local(name));
            if (name == "operator()" && symbol.Captures is not null) return CallLambda(symbol, others, span);
        }

        Candidate? best = null;
        var isMember = false;
        if (members.Count > 0 && TryChoose(new FunctionValue(members, null, self, name, span), members, others, span) is { } member)
        {
            (best, isMember) = (member, true);
        }

        if (name is not ("operator()" or "operator[]" or "operator->" or "operator="))
        {
            List<Value> all = [self, .. others];
            var free = _scope.Lookup(name).Concat(ArgumentScopes(all).SelectMany(s => s.Local(name))).Distinct().Where(s => s is not FunctionSymbol { Owner: not null }).ToList();
            if (free.Count > 0 && TryChoose(new FunctionValue(free, null, null, name, span), free, all, span) is { } found && (best is null || found.Costs.Sum() < best.Costs.Sum()))
            {
                (best, isMember) = (found, false);
            }
        }

        if (best is null) return null;
        // The implicit operator= is a plain copy.
        if (name == "operator=" && best.Symbol is FunctionSymbol { Declaration: { Body: null } d } && (d.Flags & DeclarationFlags.Defaulted) != 0) return null;
        return isMember ? Invoke(best, self, others, span) : Invoke(best, null, [self, .. others], span);
    }

    private Candidate? TryChoose(FunctionValue function, IReadOnlyList<Symbol> symbols, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        try
        {
            return Choose(function, symbols, arguments, span);
        }
        catch (SemanticException e) when (e.Diagnostic.Code == DiagnosticCodes.NoMatchingFunction)
        {
            return null;
        }
    }

    /// <summary>A function as a value: known when compiling, so that a call through it is a call of the function.</summary>
    private static FunctionValue FunctionPointer(FunctionValue function) => function;

    private CudaType? FunctionTypeOf(FunctionValue function)
    {
        if (function.Candidates is not [FunctionSymbol single]) return null;
        EnsureSignature(single);
        return new FunctionType(single.ReturnType ?? ScalarType.Void, [.. single.Parameters!.Select(p => p.Type)]).Pointer;
    }
}
