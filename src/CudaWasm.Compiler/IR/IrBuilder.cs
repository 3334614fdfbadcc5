using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.IR;

/// <summary>Makes expressions and folds as it does: constants, neutral elements, nested addresses and conversions.</summary>
public static class IrBuilder
{
    public static IrConstant True { get; } = new(IrType.Bool, 1);

    public static IrConstant False { get; } = new(IrType.Bool, 0);

    public static IrConstant Int(int value) => new(IrType.I32, value);

    /// <summary>An integer or Bool constant; the value is wrapped to the type.</summary>
    public static IrConstant Integer(IrType type, long value) => new(type, IrFolding.Wrap(type, value));

    /// <summary>A floating constant, rounded to its type.</summary>
    public static IrConstant Float(IrType type, double value) => new(type, BitConverter.DoubleToInt64Bits(IrFolding.Round(type, value)));

    public static IrConstant Zero(IrType type) => new(type, 0);

    public static IrExpression Read(IrSlot slot) => new IrSlotRead(slot);

    public static IrExpression Read(IrParameter parameter) => new IrParameterRead(parameter);

    public static IrExpression Builtin(IrBuiltin builtin) => new IrBuiltinRead(builtin);

    public static IrExpression Unary(IrUnaryOp op, IrExpression operand)
    {
        if (operand is IrConstant constant && IrFolding.Unary(op, constant) is { } folded) return folded;
        return operand switch
        {
            IrUnary inner when op == inner.Op && op != IrUnaryOp.Negate => inner.Operand,
            IrBinary { Op: >= IrBinaryOp.Equal } comparison when op == IrUnaryOp.Not && !comparison.Left.Type.IsFloat() =>
                new IrBinary(Inverse(comparison.Op), comparison.Left, comparison.Right, comparison.Span),
            _ => new IrUnary(op, operand),
        };
    }

    public static IrExpression Not(IrExpression operand) => Unary(IrUnaryOp.Not, operand);

    public static IrExpression Binary(IrBinaryOp op, IrExpression left, IrExpression right, SourceSpan span = default)
    {
        if (left is IrConstant a && right is IrConstant b && IrFolding.Binary(op, a, b) is { } folded) return folded;
        return Simplify(op, left, right) ?? new IrBinary(op, left, right, span);
    }

    public static IrExpression Conditional(IrExpression condition, IrExpression whenTrue, IrExpression whenFalse)
    {
        if (condition is IrConstant constant) return constant.Bits != 0 ? whenTrue : whenFalse;
        if (whenTrue.Type == IrType.Bool && whenTrue is IrConstant { Bits: 1 } && whenFalse is IrConstant { Bits: 0 }) return condition;
        return new IrConditional(condition, whenTrue, whenFalse);
    }

    public static IrExpression And(IrExpression left, IrExpression right) => Conditional(left, right, False);

    public static IrExpression Or(IrExpression left, IrExpression right) => Conditional(left, True, right);

    public static IrExpression Convert(IrType type, IrExpression operand)
    {
        if (operand.Type == type) return operand;
        if (operand is IrConstant constant && IrFolding.Convert(type, constant) is { } folded) return folded;
        // A wider integer cut to the size it came from is the value itself.
        if (operand is IrConvert inner && type.IsInteger() && inner.Type.IsInteger() && inner.Operand.Type == type && inner.Type.Size() >= type.Size()) return inner.Operand;
        if (operand is IrConvert { Type: IrType.Pointer } pointer && pointer.Operand.Type == type && type.Size() == 8) return pointer.Operand;
        return new IrConvert(type, operand);
    }

    public static IrExpression Bitcast(IrType type, IrExpression operand)
    {
        if (operand.Type == type) return operand;
        if (operand is IrConstant constant && IrFolding.Bitcast(type, constant) is { } folded) return folded;
        return operand is IrBitcast inner ? Bitcast(type, inner.Operand) : new IrBitcast(type, operand);
    }

    /// <summary>pointer + index * scale + offset (bytes); constant parts are merged into one node.</summary>
    public static IrExpression Address(IrExpression pointer, IrExpression? index, int scale, long offset = 0)
    {
        // A truth value is promoted, as C++ does; targets keep it in forms of their own.
        if (index?.Type == IrType.Bool) index = Convert(IrType.I32, index);
        if (index is IrConstant constant)
        {
            offset += constant.Bits * scale;
            index = null;
        }

        if (pointer is IrAddress inner && (index is null || inner.Index is null))
        {
            var (baseIndex, baseScale) = index is null ? (inner.Index, inner.Scale) : (index, scale);
            return Address(inner.Base, baseIndex, baseScale, inner.Offset + offset);
        }

        return index is null && offset == 0 ? pointer : new IrAddress(pointer, index, index is null ? 1 : scale, offset);
    }

    public static IrExpression AddressOf(IrVariable variable) => new IrVariableAddress(variable);

    public static IrExpression Load(IrType type, IrExpression address, bool isVolatile, SourceSpan span) => new IrLoad(type, address, isVolatile, span);

    public static IrExpression Intrinsic(IrIntrinsic intrinsic, IrType type, params IReadOnlyList<IrExpression> arguments) =>
        new IrIntrinsicCall(intrinsic, type, arguments);

    private static IrBinaryOp Inverse(IrBinaryOp op) => op switch
    {
        IrBinaryOp.Equal => IrBinaryOp.NotEqual,
        IrBinaryOp.NotEqual => IrBinaryOp.Equal,
        IrBinaryOp.Less => IrBinaryOp.GreaterOrEqual,
        IrBinaryOp.LessOrEqual => IrBinaryOp.Greater,
        IrBinaryOp.Greater => IrBinaryOp.LessOrEqual,
        _ => IrBinaryOp.Less,
    };

    /// <summary>What is left after a shift by the width or more, as GPUs have it.</summary>
    private static IrExpression ShiftedOut(IrBinaryOp op, IrExpression left) => op == IrBinaryOp.ShiftRight && left.Type.IsSigned()
        ? Binary(op, left, Int((left.Type.Size() * 8) - 1))
        : Integer(left.Type, 0);

    /// <summary>Neutral and absorbing elements of integers; floats are left alone, as -0, NaN and infinity have none.</summary>
    private static IrExpression? Simplify(IrBinaryOp op, IrExpression left, IrExpression right)
    {
        if (left.Type.IsFloat()) return null;
        var leftBits = (left as IrConstant)?.Bits;
        var rightBits = (right as IrConstant)?.Bits;
        return op switch
        {
            IrBinaryOp.Add when rightBits == 0 => left,
            IrBinaryOp.Add when leftBits == 0 => right,
            IrBinaryOp.Subtract when rightBits == 0 => left,
            IrBinaryOp.Multiply when rightBits == 1 => left,
            IrBinaryOp.Multiply when leftBits == 1 => right,
            IrBinaryOp.Divide when rightBits == 1 => left,
            IrBinaryOp.ShiftLeft or IrBinaryOp.ShiftRight when rightBits == 0 => left,
            IrBinaryOp.ShiftLeft or IrBinaryOp.ShiftRight when rightBits is { } count && (count < 0 || count >= left.Type.Size() * 8) => ShiftedOut(op, left),
            IrBinaryOp.Or or IrBinaryOp.Xor when rightBits == 0 => left,
            IrBinaryOp.Or or IrBinaryOp.Xor when leftBits == 0 => right,
            IrBinaryOp.NotEqual when left.Type == IrType.Bool && rightBits == 0 => left,
            IrBinaryOp.Equal when left.Type == IrType.Bool && rightBits == 0 => Not(left),
            _ => null,
        };
    }
}
