using CudaWasm.Compiler.Semantics.Builtins;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// What is said about an error, the notes that explain it, and what is not said since it follows from another.
internal sealed partial class Binder
{
    /// <summary>Of a pile of instantiations the ones at both ends are told, this many each.</summary>
    private const int InstantiationNotes = 4;

    /// <summary>Overloads of a built-in function that a message lists.</summary>
    private const int ListedOverloads = 6;

    private const int MaxSpelling = 40;

    /// <summary>The kernel has no end. Going on would try the same again at every level, which may take twice as long at each.</summary>
    private bool _isGivenUp;

    private static SemanticException Error(string code, SourceSpan span, string message, params IReadOnlyList<Diagnostic> notes) => new(code, span, message, notes);

    private static SemanticException NotSupported(SourceSpan span, string what) => new(DiagnosticCodes.NotSupported, span, what + " is not supported in kernels");

    /// <summary>Ends a statement that cannot be bound because of an error that was reported before.</summary>
    private static SemanticException Consequence(SourceSpan span) => new(DiagnosticCodes.UndeclaredName, span, "this follows from another error") { IsConsequence = true };

    private SemanticException Undeclared(SourceSpan span, string message, string name)
    {
        if (NearestName.Find(name, _scope.VisibleNames()) is not { } near) return Error(DiagnosticCodes.UndeclaredName, span, message);
        return Error(DiagnosticCodes.UndeclaredName, span, $"{message}; did you mean '{near}'?", DeclaredHere(near, _scope.Lookup(near).FirstOrDefault()?.Span));
    }

    /// <summary>A note on where something is declared; none where that is not in a file.</summary>
    private static IReadOnlyList<Diagnostic> DeclaredHere(string name, SourceSpan? span) =>
        span is { Source: not null } place ? [DiagnosticBag.Note(place, $"'{name}' is declared here")] : [];

    /// <summary>The note on the variable that an expression names.</summary>
    private IReadOnlyList<Diagnostic> DeclarationOf(ExpressionSyntax expression) =>
        expression is NameExpression { Name: { IsSimple: true } name } && _scope.Lookup(name.Last.Identifier) is [VariableSymbol variable, ..]
            ? DeclaredHere(variable.Name, variable.Span)
            : [];

    /// <summary>An expression as it is written, where that is short.</summary>
    private static string SpelledAt(SourceSpan span) =>
        span is { Source: not null, Expansion: null, Length: > 0 and <= MaxSpelling } && span.Text is var text && !text.Contains('\n', StringComparison.Ordinal)
            ? $"'{text}'"
            : "this";

    private static SemanticException WrongTemplateArguments(TemplateSymbol template, int given, SourceSpan span)
    {
        var most = template.Parameters.Any(p => p.IsPack) ? int.MaxValue : template.Parameters.Count;
        var least = template.Parameters.Count(p => !p.IsPack && p.DefaultType is null && p.DefaultValue is null);
        var message = given >= least && given <= most
            ? $"the template arguments do not fit '{template.Name}'"
            : $"'{template.Name}' takes {(least == most ? "" : given < least ? "at least " : "at most ")}{Count(given < least ? least : most, "template argument")}, not {given}";
        return Error(DiagnosticCodes.TemplateArguments, span, message, DeclaredHere(template.Name, template.Span));
    }

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private SemanticException NoMatch(FunctionValue function, IReadOnlyList<Symbol> symbols, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        var given = string.Join(", ", arguments.Select(Describe));
        var builtins = symbols.OfType<BuiltinFunction>().SelectMany(b => b.Overloads).Select(o => $"({string.Join(", ", o.Parameters.Select(p => p.Name))})").Distinct().ToList();
        var known = builtins.Count == 0 ? "" : $"; it takes {string.Join(" or ", builtins.Take(ListedOverloads))}{(builtins.Count > ListedOverloads ? $" or {builtins.Count - ListedOverloads} more" : "")}";
        var notes = symbols.Where(s => s.Span.Source is not null).Select(s => DiagnosticBag.Note(s.Span, Misfit(s, function, arguments, span)));
        return Error(DiagnosticCodes.NoMatchingFunction, span, $"no function '{function.Name}' takes ({given}){known}", [.. notes]);
    }

    /// <summary>Why a function does not take the arguments.</summary>
    private string Misfit(Symbol symbol, FunctionValue function, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        switch (symbol)
        {
            case FunctionSymbol { Parameters: not null } f:
                return Misfit(f, arguments);
            case TemplateSymbol { Declaration: FunctionDeclaration declaration } template:
                var most = declaration.Parameters.Any(p => p.IsPack) ? int.MaxValue : declaration.Parameters.Count;
                var least = declaration.Parameters.Count(p => p.DefaultValue is null && !p.IsPack);
                if (arguments.Count < least || arguments.Count > most) return WrongCount($"the template '{symbol.Name}'", least, most, arguments.Count);
                try
                {
                    return DeduceCall(template, function.TemplateArguments, arguments, span) is { } deduced
                        ? Misfit(InstantiateFunction(template, deduced, span), arguments)
                        : $"the template arguments of '{symbol.Name}' cannot be found from these arguments";
                }
                catch (SemanticException e)
                {
                    return $"the template '{symbol.Name}' does not fit: {e.Message}";
                }

            default:
                return $"'{symbol.Name}' does not fit";
        }
    }

    private string Misfit(FunctionSymbol function, IReadOnlyList<Value> arguments)
    {
        var parameters = function.Parameters!;
        var spelled = $"'{function.DisplayName}({string.Join(", ", parameters.Select(p => p.Type.Name))})'";
        var least = parameters.TakeWhile(p => p.Syntax?.DefaultValue is null).Count();
        if (arguments.Count < least || arguments.Count > parameters.Count) return WrongCount(spelled, least, parameters.Count, arguments.Count);
        for (var i = 0; i < arguments.Count; i++)
        {
            if (ConversionCost(arguments[i], parameters[i].Type) == Cost.Impossible) return $"{spelled} does not fit: argument {i + 1} is '{Describe(arguments[i])}', not '{parameters[i].Type.Name}'";
        }

        return $"{spelled} does not fit";
    }

    private static string WrongCount(string function, int least, int most, int given) =>
        $"{function} takes {(least == most ? "" : given < least ? "at least " : "at most ")}{Count(given < least ? least : most, "argument")}, not {given}";

    /// <summary>A name means one thing in a block.</summary>
    private void CheckFirst(VariableDeclaration syntax)
    {
        if ((syntax.Flags & DeclarationFlags.Extern) != 0) return;
        var name = syntax.Name.Last.Identifier;
        if (_scope.Own(name) is [VariableSymbol { Declaration: { } first }, ..] && first != syntax)
        {
            throw Error(DiagnosticCodes.Redeclared, syntax.Name.Span, $"'{name}' is declared twice in this block", DiagnosticBag.Note(first.Name.Span, "the first declaration is here"));
        }
    }

    /// <summary>Enters the names of a declaration that has an error, so that their uses are no further errors.</summary>
    private void DeclareBroken(VariableDeclaration syntax)
    {
        foreach (var name in syntax.Bindings.Count > 0 ? syntax.Bindings : [syntax.Name.Last.Identifier])
        {
            if (_scope.Own(name).Count == 0) _scope.Set(name, new VariableSymbol(name, syntax.Span, VariableKind.Local, syntax, null) { IsBroken = true });
        }
    }

    /// <summary>Reports an error with the calls and instantiations that led to it.</summary>
    private void Report(SemanticException error)
    {
        if (error.IsConsequence) return;
        _isGivenUp |= error.Diagnostic.Code is DiagnosticCodes.TooLargeForTarget or DiagnosticCodes.TemplateTooDeep;
        var instances = new List<Diagnostic>();
        for (var frame = _frame; frame is not null; frame = frame.Parent)
        {
            if (frame.Function?.Template is not null && frame.Call.Source is not null)
            {
                instances.Add(DiagnosticBag.Note(frame.Call, $"in instantiation of '{frame.Function.DisplayName}' requested here"));
            }
        }

        var left = instances.Count - (2 * InstantiationNotes);
        if (left > 1)
        {
            instances.RemoveRange(InstantiationNotes, left);
            instances.Insert(InstantiationNotes, instances[InstantiationNotes] with { Message = $"{left} more instantiations lie between" });
        }

        diagnostics.Add(error.Diagnostic with { Notes = [.. error.Diagnostic.Notes ?? [], .. instances, .. DiagnosticBag.ExpansionNotes(error.Diagnostic.Span)] });
    }
}
