using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics.Builtins;

/// <summary>A function that CUDA offers: typed overloads, or one handler that looks at its arguments itself.</summary>
internal sealed class BuiltinFunction(string name) : Symbol(name, SourceSpan.None)
{
    public List<BuiltinOverload> Overloads { get; } = [];

    /// <summary>Takes any arguments; used where types follow from them (shuffles, printf, __ldg).</summary>
    public Func<BuiltinCall, Value>? Custom { get; init; }
}

/// <param name="Return">The result's type.</param>
/// <param name="Parameters">Arguments are converted to these.</param>
/// <param name="Required">Arguments that must be given.</param>
/// <param name="Preference">Wins a tie: the higher one.</param>
/// <param name="Emit">Makes the IR.</param>
internal sealed record BuiltinOverload(CudaType Return, IReadOnlyList<CudaType> Parameters, int Required, int Preference, Func<BuiltinCall, Value> Emit);

/// <summary>One call of a built-in, with what its handler needs.</summary>
internal sealed class BuiltinCall(Binder binder, FunctionValue? function, IReadOnlyList<Value> arguments, SourceSpan span)
{
    public Binder Binder { get; } = binder;

    public IReadOnlyList<Value> Arguments { get; } = arguments;

    public SourceSpan Span { get; } = span;

    public string Name => function?.Name ?? "";

    public int Count => Arguments.Count;

    /// <summary>An argument as a scalar.</summary>
    public ScalarValue Scalar(int index) => Binder.LoadScalar(Arguments[index], Span);

    public IrExpression this[int index] => Scalar(index).Expression;

    /// <summary>An argument converted to a type.</summary>
    public IrExpression As(int index, CudaType type) => ((ScalarValue)Binder.Convert(Arguments[index], type, Span)).Expression;

    public void Append(IrStatement statement) => Binder.Append(statement);

    public void RequireCount(int least, int most)
    {
        if (Count < least || Count > most)
        {
            throw Fail(DiagnosticCodes.NoMatchingFunction, least == most ? $"'{Name}' takes {least} arguments, not {Count}" : $"'{Name}' takes {least} to {most} arguments, not {Count}");
        }
    }

    public SemanticException Fail(string code, string message) => new(code, Span, message);

    /// <summary>A slot for the result of a statement, and the value that reads it.</summary>
    public (IrSlot Slot, ScalarValue Value) Result(CudaType type)
    {
        var slot = Binder.NewTemporary(type.Ir);
        return (slot, new ScalarValue(type, IrBuilder.Read(slot)));
    }
}
