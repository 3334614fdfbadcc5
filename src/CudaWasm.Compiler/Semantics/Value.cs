using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Syntax;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics;

/// <summary>What an expression gives while IR is made for it: a value, or a place that has one.</summary>
public abstract class Value(CudaType type)
{
    /// <summary>The C++ type, without reference; qualifiers count for places.</summary>
    public CudaType Type { get; } = type;
}

/// <summary>A scalar without a place. Its expression may read memory and slots, so it must be used before those change.</summary>
public sealed class ScalarValue(CudaType type, IrExpression expression) : Value(type)
{
    public IrExpression Expression { get; } = expression;

    /// <summary>A literal 0 or nullptr converts to any pointer.</summary>
    public bool IsNullConstant => Type.Unqualified == ScalarType.Nullptr || (Type.IsInteger() && Expression is IrConstant { Bits: 0 });
}

/// <summary>An aggregate without a place: one expression a leaf.</summary>
public sealed class AggregateValue(CudaType type, IReadOnlyList<IrExpression> leaves) : Value(type)
{
    public IReadOnlyList<IrExpression> Leaves { get; } = leaves;
}

/// <summary>No value.</summary>
public sealed class VoidValue() : Value(ScalarType.Void)
{
    public static VoidValue Instance { get; } = new();
}

/// <summary>A string literal.</summary>
public sealed class StringValue(string text) : Value(ScalarType.Char.Const.ArrayOf(text.Length + 1))
{
    public string Text { get; } = text;
}

/// <summary>Functions that a name means, to be chosen from by arguments.</summary>
public sealed class FunctionValue(IReadOnlyList<Symbol> candidates, IReadOnlyList<TemplateArgumentSyntax>? templateArguments, Value? self, string name, SourceSpan span)
    : Value(ScalarType.Void)
{
    public IReadOnlyList<Symbol> Candidates { get; } = candidates;

    public IReadOnlyList<TemplateArgumentSyntax>? TemplateArguments { get; } = templateArguments;

    /// <summary>The object of a member call.</summary>
    public Value? Self { get; } = self;

    public string Name { get; } = name;

    public SourceSpan Span { get; } = span;

    /// <summary>The pointer variable that holds the function, as far as is known.</summary>
    public SyntaxNode? Variable { get; init; }

    /// <summary>Base-qualified or plain names are also searched in the namespaces of the arguments.</summary>
    public bool AllowsArgumentLookup { get; init; }
}

/// <summary>Braces as an argument or initialiser: their meaning depends on what they initialise.</summary>
public sealed class ListValue(InitializerList syntax) : Value(ScalarType.Void)
{
    public InitializerList Syntax { get; } = syntax;
}

/// <summary>A value that has a place: what C++ calls an lvalue.</summary>
public abstract class Place(CudaType type) : Value(type)
{
    /// <summary>The result of std::move, a cast to &amp;&amp;, or a temporary.</summary>
    public bool IsTemporary { get; init; }
}

/// <summary>Kept in slots, one a leaf.</summary>
/// <param name="type">Type of the whole.</param>
/// <param name="slots">As many as the type has leaves.</param>
/// <param name="variable">The declaration that the slots belong to: if its address turns out to be needed, it moves to memory.</param>
public sealed class SlotPlace(CudaType type, ReadOnlyMemory<IrSlot> slots, SyntaxNode? variable) : Place(type)
{
    public ReadOnlyMemory<IrSlot> Slots { get; } = slots;

    public SyntaxNode? Variable { get; } = variable;
}

/// <summary>A place that is known never to change: parameters that nobody writes, constants.</summary>
public sealed class FixedPlace(CudaType type, ReadOnlyMemory<IrExpression> leaves, SyntaxNode? variable) : Place(type)
{
    public ReadOnlyMemory<IrExpression> Leaves { get; } = leaves;

    public SyntaxNode? Variable { get; } = variable;
}

public sealed class MemoryPlace(CudaType type, IrExpression address) : Place(type)
{
    public IrExpression Address { get; } = address;

    public bool IsVolatile => Type.IsVolatile || (Type is ArrayType array && array.InnermostElement.IsVolatile);
}

/// <summary>Some bits of an integer in memory.</summary>
public sealed class BitFieldPlace(CudaType type, MemoryPlace unit, int offset, int width) : Place(type)
{
    public MemoryPlace Unit { get; } = unit;

    public int Offset { get; } = offset;

    public int Width { get; } = width;
}

/// <summary>Several values where a pack was expanded.</summary>
public sealed class PackValue(IReadOnlyList<Value> elements) : Value(ScalarType.Void)
{
    public IReadOnlyList<Value> Elements { get; } = elements;
}
