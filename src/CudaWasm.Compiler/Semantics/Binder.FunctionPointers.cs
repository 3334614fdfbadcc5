using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

// Pointers to functions that are kept in variables. A pointer is the number of its function, and a call through it is a switch over the
// functions that may be meant: those whose address this kernel takes, and those that initialise a device variable of the file.
internal sealed partial class Binder
{
    /// <summary>Numbers of template instances begin here; others are numbered by their place in the file, so that all kernels agree.</summary>
    private const int FirstInstance = 1 << 20;

    /// <summary>The function's number as a pointer.</summary>
    private ScalarValue PointerTo(FunctionValue function, PointerType? type, SourceSpan span)
    {
        var wanted = type?.Element as FunctionType;
        FunctionSymbol? found = null;
        foreach (var symbol in function.Candidates)
        {
            var candidate = symbol as FunctionSymbol ?? (symbol is TemplateSymbol template && function.TemplateArguments is { } arguments
                ? InstantiateFunction(template, BindTemplateArguments(template, arguments, span), span) : null);
            if (candidate is null || (wanted is not null && !Fits(candidate, wanted))) continue;
            found = candidate;
            break;
        }

        if (found is null) throw Error(DiagnosticCodes.TypeMismatch, span, $"no function '{function.Name}' is {(type is null ? "known here" : $"of type '{type.Name}'")}");
        if (found.Owner is not null && !found.IsStatic) throw NotSupported(span, "a pointer to a member function");
        choices.AddressTaken(found);
        EnsureSignature(found);
        var own = new FunctionType(found.ReturnType ?? ScalarType.Void, [.. found.Parameters!.Select(p => p.Type)]);
        return new ScalarValue(type ?? own.Pointer, IrBuilder.Convert(IrType.Pointer, IrBuilder.Integer(IrType.U64, NumberOf(found))));
    }

    private int NumberOf(FunctionSymbol function) =>
        function.Template is null && model.NumberOf(function.Declaration) is { } number ? number : FirstInstance + choices.TakenFunctions.ToList().IndexOf(function);

    private bool Fits(FunctionSymbol function, FunctionType type)
    {
        EnsureSignature(function);
        return function.ReturnType is { } result && SameBelow(new FunctionType(result, [.. function.Parameters!.Select(p => p.Type)]), type);
    }

    private Value CallThrough(ScalarValue pointer, FunctionType type, IReadOnlyList<Value> arguments, SourceSpan span)
    {
        if (arguments.Count != type.Parameters.Count)
        {
            throw Error(DiagnosticCodes.NoMatchingFunction, span, $"the function that is called through the pointer takes {type.Parameters.Count} arguments, not {arguments.Count}");
        }

        if (type.ReturnType is ReferenceType) throw NotSupported(span, "a call through a pointer to a function that returns a reference");
        var number = Materialize(IrBuilder.Convert(IrType.U64, pointer.Expression));
        var passed = arguments.Select((a, i) => type.Parameters[i] is ReferenceType reference
            ? BindReference(a, reference, span)
            : Temporary(Convert(a, type.Parameters[i], span), type.Parameters[i].Unqualified, span)).ToList();
        var result = type.ReturnType.IsVoid() ? null : NewPlace("called", type.ReturnType.Unqualified, null, span);
        var done = new IrLabel("called");
        var sections = new List<IrSwitchSection>();
        foreach (var function in choices.TakenFunctions.Concat(model.FunctionsInTables()).Distinct().Where(f => Fits(f, type)))
        {
            var body = InBlock(() =>
            {
                var value = Call(function, null, passed, span);
                if (result is not null) Store(result, Convert(value, type.ReturnType, span), span);
                Append(new IrLeave(done, span));
            });
            sections.Add(new IrSwitchSection([NumberOf(function)], false, body));
        }

        if (sections.Count == 0) throw Error(DiagnosticCodes.NoMatchingFunction, span, $"no device function of type '{type.Name}' has its address taken in this file");
        sections.Add(new IrSwitchSection([], true, InBlock(() => Append(new IrTrap(DiagnosticCodes.Trap, $"a call through a pointer that is no device function of type '{type.Name}'", span)))));
        var region = new IrBlock();
        region.Statements.Add(new IrSwitch(number, sections, span));
        Append(new IrLabeled(done, region, span));
        return result is null ? VoidValue.Instance : Load(result, span);
    }
}
