using System.Numerics;

namespace CudaWasm.Compiler.IR;

/// <summary>Which types each expression takes and gives. <see cref="IrVerifier"/> has checked those that relate operands to each other.</summary>
internal static class IrTypeRules
{
    /// <summary>Whether one expression, without what is in its operands, is one that the binder might have made.</summary>
    public static bool Holds(IrExpression expression) => expression switch
    {
        IrConstant e => IsInType(e),
        IrParameterRead or IrSlotRead => expression.Type != IrType.Void,
        IrBuiltinRead or IrVariableAddress or IrAddress => true,
        IrUnary e => Unary(e),
        IrBinary e => Binary(e),
        IrConditional => expression.Type != IrType.Void,
        IrConvert e => Convert(e.Operand.Type, e.Type),
        IrBitcast e => IsNumber(e.Operand.Type) && IsNumber(e.Type),
        IrLoad e => e.Type != IrType.Void && (e.Alignment == 0 || (e.Alignment > 0 && BitOperations.IsPow2(e.Alignment))),
        IrIntrinsicCall e => Intrinsic(e),
        // What only passes make.
        _ => false,
    };

    private static bool IsNumber(IrType type) => type.IsInteger() || type.IsFloat();

    /// <summary>Bounds of values are concluded from constants, so they must be what they say.</summary>
    private static bool IsInType(IrConstant constant) => constant.Type switch
    {
        IrType.Void => false,
        IrType.F16 or IrType.BF16 or IrType.F32 => double.IsNaN(constant.AsDouble) || BitConverter.DoubleToInt64Bits(IrFolding.Round(constant.Type, constant.AsDouble)) == constant.Bits,
        _ => IrFolding.Wrap(constant.Type, constant.Bits) == constant.Bits,
    };

    private static bool Unary(IrUnary e) => e.Op switch
    {
        IrUnaryOp.Negate => IsNumber(e.Type),
        IrUnaryOp.BitNot => e.Type.IsInteger(),
        _ => e.Type == IrType.Bool,
    };

    private static bool Binary(IrBinary e) => e.Op switch
    {
        >= IrBinaryOp.Equal => e.Left.Type != IrType.Void,
        IrBinaryOp.ShiftLeft or IrBinaryOp.ShiftRight => e.Type.IsInteger(),
        IrBinaryOp.And or IrBinaryOp.Or or IrBinaryOp.Xor => e.Type.IsInteger() || e.Type == IrType.Bool,
        _ => IsNumber(e.Type),
    };

    private static bool Convert(IrType from, IrType to) => (from, to) switch
    {
        (IrType.Void, _) or (_, IrType.Void) => false,
        (IrType.Pointer, _) => to.IsInteger() || to is IrType.Bool or IrType.Pointer,
        (_, IrType.Pointer) => from.IsInteger() || from == IrType.Bool,
        _ => true,
    };

    private static bool Intrinsic(IrIntrinsicCall e)
    {
        var arguments = e.Arguments.Select(a => a.Type).ToArray();
        var type = e.Type;
        return e.Intrinsic switch
        {
            IrIntrinsic.Abs => arguments is [IrType.I32 or IrType.I64 or IrType.F32 or IrType.F64] && type == arguments[0],
            IrIntrinsic.Min or IrIntrinsic.Max => Same(arguments, 2, type) && (IsWord(type) || IsReal(type)),
            IrIntrinsic.Ldexp => arguments is [_, IrType.I32] && arguments[0] == type && IsReal(type),
            IrIntrinsic.Jn or IrIntrinsic.Yn => arguments is [IrType.I32, _] && arguments[1] == type && IsReal(type),
            IrIntrinsic.Fma or IrIntrinsic.FmaRz or IrIntrinsic.FmaRu or IrIntrinsic.FmaRd => Same(arguments, 3, type) && IsReal(type),
            IrIntrinsic.SqrtRz or IrIntrinsic.SqrtRu or IrIntrinsic.SqrtRd => Same(arguments, 1, type) && IsReal(type),
            IrIntrinsic.Ilogb => arguments is [IrType.F32 or IrType.F64] && type == IrType.I32,
            IrIntrinsic.IsNan or IrIntrinsic.IsInf or IrIntrinsic.IsFinite or IrIntrinsic.SignBit => arguments is [IrType.F32 or IrType.F64] && type == IrType.Bool,
            IrIntrinsic.PopCount or IrIntrinsic.Clz or IrIntrinsic.Ffs => arguments is [var word] && IsWord(word) && type == IrType.I32,
            IrIntrinsic.BitReverse => Same(arguments, 1, type) && IsWord(type),
            IrIntrinsic.MulHigh => Same(arguments, 2, type) && IsWord(type),
            IrIntrinsic.Mul24 or IrIntrinsic.Mul24High or IrIntrinsic.Hadd or IrIntrinsic.Rhadd => Same(arguments, 2, type) && type is IrType.I32 or IrType.U32,
            IrIntrinsic.Dp4a => Same(arguments, 3, type) && type is IrType.I32 or IrType.U32,
            IrIntrinsic.BytePerm or IrIntrinsic.FunnelShiftLeft or IrIntrinsic.FunnelShiftLeftClamp or IrIntrinsic.FunnelShiftRight or IrIntrinsic.FunnelShiftRightClamp =>
                Same(arguments, 3, IrType.U32) && type == IrType.U32,
            IrIntrinsic.Sad => arguments is [IrType.I32 or IrType.U32, _, IrType.U32] && arguments[0] == arguments[1] && type == IrType.U32,
            IrIntrinsic.BitFieldExtract => arguments is [_, IrType.U32, IrType.U32] && arguments[0] == type && IsWord(type),
            IrIntrinsic.BitFieldInsert => arguments is [_, _, IrType.U32, IrType.U32] && arguments[0] == type && arguments[1] == type && type is IrType.U32 or IrType.U64,
            IrIntrinsic.Video => e.Arguments is [IrConstant { Type: IrType.I32 } op, ..] && Enum.IsDefined((IrVideoOp)op.Bits) && arguments is [_, IrType.U32, IrType.U32] && type == IrType.U32,
            >= IrIntrinsic.AddRz and <= IrIntrinsic.DivRd => Same(arguments, 2, type) && IsReal(type),
            >= IrIntrinsic.Pow and <= IrIntrinsic.FastDivide => Same(arguments, 2, type) && IsReal(type),
            // All that come before, up to Saturate, have one argument.
            <= IrIntrinsic.Saturate => Same(arguments, 1, type) && IsReal(type),
            _ => false,
        };
    }

    private static bool Same(IrType[] arguments, int count, IrType type) => arguments.Length == count && Array.TrueForAll(arguments, a => a == type);

    private static bool IsReal(IrType type) => type is IrType.F32 or IrType.F64;

    /// <summary>Arithmetic of fewer bits is done in these.</summary>
    private static bool IsWord(IrType type) => type is IrType.I32 or IrType.U32 or IrType.I64 or IrType.U64;
}
