using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.IR;

/// <summary>
/// A value. Expressions are trees without side effects: all they may do besides computing is to read memory
/// (<see cref="IrLoad"/>), and to fault where a load or an integer division is wrong. They are evaluated where the statement
/// stands that holds them, left operand first. Build them with <see cref="IrBuilder"/>, which folds.
/// </summary>
public abstract class IrExpression(IrType type)
{
    public IrType Type { get; } = type;
}

/// <summary>
/// A constant. <see cref="Bits"/> holds integers sign- or zero-extended to 64 bits as their type says, Bool as 0 or 1, F64 as its
/// bits, and F32, F16 and BF16 as the bits of the double of the same value.
/// </summary>
public sealed class IrConstant(IrType type, long bits) : IrExpression(type)
{
    public long Bits { get; } = bits;

    public double AsDouble => BitConverter.Int64BitsToDouble(Bits);
}

/// <summary>Reads a kernel's or function's scalar parameter. Parameters are never assigned; a body that does copies them to a slot first.</summary>
public sealed class IrParameterRead(IrParameter parameter) : IrExpression(parameter.Type)
{
    public IrParameter Parameter { get; } = parameter;
}

public sealed class IrSlotRead(IrSlot slot) : IrExpression(slot.Type)
{
    public IrSlot Slot { get; } = slot;
}

/// <summary>The built-in values of a thread. All are U32 but LaneId and WarpId, which are I32 values derived from the linear thread index.</summary>
public enum IrBuiltin
{
    ThreadIdxX,
    ThreadIdxY,
    ThreadIdxZ,
    BlockIdxX,
    BlockIdxY,
    BlockIdxZ,
    BlockDimX,
    BlockDimY,
    BlockDimZ,
    GridDimX,
    GridDimY,
    GridDimZ,

    /// <summary>threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)</summary>
    LinearThread,

    /// <summary>Bytes of dynamic shared memory of the launch.</summary>
    DynamicSharedSize,
}

public sealed class IrBuiltinRead(IrBuiltin builtin) : IrExpression(IrType.U32)
{
    public IrBuiltin Builtin { get; } = builtin;
}

public enum IrUnaryOp
{
    Negate,

    /// <summary>All bits of an integer.</summary>
    BitNot,

    /// <summary>Of a Bool.</summary>
    Not,
}

public sealed class IrUnary(IrUnaryOp op, IrExpression operand) : IrExpression(operand.Type)
{
    public IrUnaryOp Op { get; } = op;

    public IrExpression Operand { get; } = operand;
}

/// <summary>Both operands have one type (for shifts the right one is I32 or U32). Comparisons give Bool; they take Bool and Pointer too.</summary>
public enum IrBinaryOp
{
    Add,
    Subtract,
    Multiply,

    /// <summary>Integer division by zero faults; the smallest integer by -1 gives itself.</summary>
    Divide,
    Remainder,
    And,
    Or,
    Xor,

    /// <summary>A count that is not below the width is undefined in CUDA; the result is then any value.</summary>
    ShiftLeft,

    /// <summary>Arithmetic for signed types, logical for unsigned ones.</summary>
    ShiftRight,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// <param name="op">What to do.</param>
/// <param name="left">Evaluated first.</param>
/// <param name="right">Evaluated second.</param>
/// <param name="span">Where, for a fault.</param>
public sealed class IrBinary(IrBinaryOp op, IrExpression left, IrExpression right, SourceSpan span = default)
    : IrExpression(op >= IrBinaryOp.Equal ? IrType.Bool : left.Type)
{
    public IrBinaryOp Op { get; } = op;

    public IrExpression Left { get; } = left;

    public IrExpression Right { get; } = right;

    public SourceSpan Span { get; } = span;
}

/// <summary>condition ? whenTrue : whenFalse, evaluating one side only. <c>a &amp;&amp; b</c> is (a ? b : false), <c>a || b</c> is (a ? true : b).</summary>
public sealed class IrConditional(IrExpression condition, IrExpression whenTrue, IrExpression whenFalse) : IrExpression(whenTrue.Type)
{
    public IrExpression Condition { get; } = condition;

    public IrExpression WhenTrue { get; } = whenTrue;

    public IrExpression WhenFalse { get; } = whenFalse;
}

/// <summary>
/// A change of type that keeps the value as C++ says; float to integer truncates and saturates, NaN gives 0 (as on NVIDIA GPUs).
/// To Bool: is not zero. Pointer and 64-bit integers convert into each other without change.
/// </summary>
public sealed class IrConvert(IrType type, IrExpression operand) : IrExpression(type)
{
    public IrExpression Operand { get; } = operand;
}

/// <summary>The same bits as another type of the same size (<c>__float_as_int</c>).</summary>
public sealed class IrBitcast(IrType type, IrExpression operand) : IrExpression(type)
{
    public IrExpression Operand { get; } = operand;
}

/// <summary>
/// An address: base + index * scale + offset, in bytes, in 64-bit arithmetic. The index may be any integer type and is extended
/// as its type says. Null index means 0.
/// </summary>
public sealed class IrAddress(IrExpression @base, IrExpression? index, int scale, long offset) : IrExpression(IrType.Pointer)
{
    public IrExpression Base { get; } = @base;

    public IrExpression? Index { get; } = index;

    public int Scale { get; } = scale;

    public long Offset { get; } = offset;
}

/// <summary>The address of a variable in memory.</summary>
public sealed class IrVariableAddress(IrVariable variable) : IrExpression(IrType.Pointer)
{
    public IrVariable Variable { get; } = variable;
}

/// <summary>Reads memory. An address outside of its object, or misaligned, faults.</summary>
/// <param name="type">What to read.</param>
/// <param name="address">Where.</param>
/// <param name="isVolatile">Read anew each time: other threads may change it.</param>
/// <param name="span">The access in the source, for a fault.</param>
public sealed class IrLoad(IrType type, IrExpression address, bool isVolatile, SourceSpan span) : IrExpression(type)
{
    public IrExpression Address { get; } = address;

    public bool IsVolatile { get; } = isVolatile;

    public SourceSpan Span { get; } = span;

    /// <summary>Of the first member of an aggregate that is read whole: the aggregate's alignment. 1 for its other members, 0 for a scalar.</summary>
    public int Alignment { get; init; }
}

/// <summary>Made for programs that are checked: reads a slot whose value may never have been assigned.</summary>
/// <param name="read">The read.</param>
/// <param name="isSet">A Bool slot that tells whether the slot was assigned.</param>
/// <param name="name">What a person calls the slot; of a temporary the variable it was copied from.</param>
/// <param name="span">Where in the source.</param>
public sealed class IrTrackedRead(IrSlotRead read, IrSlotRead isSet, string name, SourceSpan span) : IrExpression(read.Type)
{
    public IrSlotRead Read { get; } = read;

    public IrSlotRead IsSet { get; } = isSet;

    public string Name { get; } = name;

    public SourceSpan Span { get; } = span;
}

/// <summary>A pure function of scalars: math and bit functions. See <see cref="IrIntrinsic"/>.</summary>
public sealed class IrIntrinsicCall(IrIntrinsic intrinsic, IrType type, IReadOnlyList<IrExpression> arguments) : IrExpression(type)
{
    public IrIntrinsic Intrinsic { get; } = intrinsic;

    public IReadOnlyList<IrExpression> Arguments { get; } = arguments;
}
