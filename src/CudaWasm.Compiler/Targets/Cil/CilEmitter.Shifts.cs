using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// Shifts as GPUs do them (PTX shl and shr): counts from the width on, taken as unsigned, shift everything out, and copies of the sign in.
/// C++ leaves that open, processors take the count modulo the width, and kernels that pack bits shift by 32 - n with n = 0.
/// </summary>
internal sealed partial class CilEmitter
{
    /// <summary>Both operands are on the stack.</summary>
    private void EmitShift(IrBinary e)
    {
        var width = e.Type.Size() * 8;
        var isPlain = IsBelow(e.Right, width);
        var keepsSign = e.Op == IrBinaryOp.ShiftRight && e.Type.IsSigned();
        var count = isPlain ? null : Acquire(typeof(int));
        if (count is not null)
        {
            _il.Emit(OpCodes.Stloc, count);
            PushCount(count, width, keepsSign);
        }

        _il.Emit(e.Op == IrBinaryOp.ShiftLeft ? OpCodes.Shl : keepsSign ? OpCodes.Shr : OpCodes.Shr_Un);
        if (count is null) return;
        if (!keepsSign)
        {
            PushBelow(count, width);
            if (width == 64) _il.Emit(OpCodes.Conv_I8);
            _il.Emit(OpCodes.And);
        }

        Release(count);
    }

    /// <summary>A count that the processor can take; the largest one for all that are too large, where copies of the sign are shifted in.</summary>
    private void PushCount(LocalBuilder count, int width, bool keepsSign)
    {
        _il.Emit(OpCodes.Ldloc, count);
        if (keepsSign)
        {
            PushBelow(count, width);
            _il.Emit(OpCodes.Not);
            _il.Emit(OpCodes.Or);
        }

        _il.Emit(OpCodes.Ldc_I4, width - 1);
        _il.Emit(OpCodes.And);
    }

    /// <summary>All bits where the count is below the width, else none.</summary>
    private void PushBelow(LocalBuilder count, int width)
    {
        _il.Emit(OpCodes.Ldloc, count);
        _il.Emit(OpCodes.Ldc_I4, width);
        _il.Emit(OpCodes.Clt_Un);
        _il.Emit(OpCodes.Neg);
    }

    /// <summary>Whether a count can be seen to be from 0 to below a limit.</summary>
    private static bool IsBelow(IrExpression count, int limit) => count switch
    {
        IrConstant c => c.Bits >= 0 && c.Bits < limit,
        IrBinary { Op: IrBinaryOp.And } e => IsBelow(e.Left, limit) || IsBelow(e.Right, limit),
        IrBinary { Op: IrBinaryOp.Remainder, Right: IrConstant c } e => !e.Type.IsSigned() && c.Bits > 0 && c.Bits <= limit,
        IrBinary { Op: IrBinaryOp.ShiftRight, Right: IrConstant c } e => !e.Type.IsSigned() && c.Bits < 32 && e.Type.Size() == 4 && 1L << (32 - (int)c.Bits) <= limit,
        IrConvert e => e.Operand.Type.IsInteger() && e.Operand.Type.Size() <= 4 && IsBelow(e.Operand, limit),
        _ => false,
    };
}
