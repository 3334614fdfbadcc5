using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// Conditions like <c>i &lt; n</c>, of an index that counts up over the lanes: they hold for all lanes if they hold for the last one, or the first.
/// Scalar code finds that out.
/// </summary>
internal sealed partial class CilEmitter
{
    /// <summary>One scalar comparison for each part of the condition tells whether it holds for all lanes.</summary>
    private bool HasEndTest(IrExpression condition) => condition switch
    {
        _ when _lanes!.Shape(condition).IsUniform => true,
        IrConditional { WhenFalse: IrConstant { Bits: 0 } } both => HasEndTest(both.Condition) && HasEndTest(both.WhenTrue),
        IrBinary { Op: IrBinaryOp.Less or IrBinaryOp.LessOrEqual or IrBinaryOp.Greater or IrBinaryOp.GreaterOrEqual } e => End(e) is not null,
        _ => false,
    };

    /// <summary>Jumps unless all lanes fulfil the condition; also in doubt.</summary>
    private void EmitEndTest(IrExpression condition, Label some)
    {
        if (_lanes!.Shape(condition).IsUniform)
        {
            EmitBranch(condition, some, false);
            return;
        }

        if (condition is IrConditional both)
        {
            EmitEndTest(both.Condition, some);
            EmitEndTest(both.WhenTrue, some);
            return;
        }

        var comparison = (IrBinary)condition;
        var lane = End(comparison)!.Value;
        PushAt(comparison.Left, lane);
        PushAt(comparison.Right, lane);
        _il.Emit(comparison.Op switch
        {
            IrBinaryOp.Less => OpCodes.Bge,
            IrBinaryOp.LessOrEqual => OpCodes.Bgt,
            IrBinaryOp.Greater => OpCodes.Ble,
            _ => OpCodes.Blt,
        }, some);
    }

    /// <summary>
    /// The lane at which a comparison is nearest to false; null where the lanes have no such end. Sides are taken as 64-bit numbers, in which
    /// indices of 32 bits do not wrap. Signed ones do not wrap at all; an unsigned one that does fails the test where it grows toward its limit.
    /// </summary>
    private int? End(IrBinary e)
    {
        var type = e.Left.Type;
        if (!type.IsInteger() || type.Size() < 4 || type == IrType.U64) return null;
        if (_lanes!.Shape(e.Left).Stride is not { } left || _lanes.Shape(e.Right).Stride is not { } right) return null;
        // How much nearer to false each lane is than the one before it.
        var towards = e.Op is IrBinaryOp.Less or IrBinaryOp.LessOrEqual ? left - right : right - left;
        if (type == IrType.U32 && (towards < 0 || (left != 0 && right != 0))) return null;
        return towards > 0 ? _block.Lanes - 1 : 0;
    }

    /// <summary>Puts the value of a lane on the stack, as int64.</summary>
    private void PushAt(IrExpression e, int lane)
    {
        Emit(e);
        if (e.Type.Size() < 8) _il.Emit(e.Type.IsSigned() ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
        if (_lanes!.Shape(e).Stride!.Value * lane is not 0 and var distance)
        {
            _il.Emit(OpCodes.Ldc_I8, distance);
            _il.Emit(OpCodes.Add);
        }
    }
}
