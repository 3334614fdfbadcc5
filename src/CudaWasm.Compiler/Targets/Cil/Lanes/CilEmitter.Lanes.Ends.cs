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
    private bool HasEndTest(IrExpression condition) => LanePlan.Conjuncts(condition).All(p => _lanes!.Shape(p).IsUniform || (p is IrBinary comparison && End(comparison) is not null));

    /// <summary>Jumps unless all lanes fulfil the condition; also in doubt.</summary>
    private void EmitEndTest(IrExpression condition, Label some)
    {
        foreach (var part in LanePlan.Conjuncts(condition))
        {
            if (part is IrBinary comparison && End(comparison) is { } lane) EmitAt(comparison, lane, some);
            else EmitBranch(part, some, false);
        }
    }

    /// <summary>Jumps if no lane fulfils the condition; in doubt not.</summary>
    /// <param name="condition">What to test.</param>
    /// <param name="none">Where to go then.</param>
    /// <param name="noneLater">Where to go if no thread behind these fulfils it either.</param>
    private void EmitNoneTest(IrExpression condition, Label none, Label noneLater)
    {
        foreach (var part in LanePlan.Conjuncts(condition))
        {
            if (_lanes!.Shape(part).IsUniform)
            {
                EmitBranch(part, none, false);
            }
            else if (part is IrBinary comparison && End(comparison) is { } lane && IsMonotonic(comparison.Left) && IsMonotonic(comparison.Right))
            {
                var isForGood = lane != 0 && new[] { comparison.Left, comparison.Right }.All(e => _plan!.IsLinear(e) && (e.Type.IsSigned() || _lanes.Shape(e) is { IsUniform: true } or { IsSmall: true }));
                EmitAt(comparison, _block.Lanes - 1 - lane, isForGood ? noneLater : none);
            }
        }
    }

    /// <summary>The lanes do not wrap through the end of the type's range.</summary>
    private bool IsMonotonic(IrExpression e) =>
        e.Type.IsSigned() || _lanes!.Shape(e) is { IsUniform: true } or { IsSmall: true } || (_lanes.Shape(e) is { Stride: 1 } row && row.Align == _block.Lanes);

    /// <summary>Jumps if a comparison is false for a lane.</summary>
    private void EmitAt(IrBinary comparison, int lane, Label target)
    {
        PushAt(comparison.Left, lane);
        PushAt(comparison.Right, lane);
        _il.Emit(comparison.Op switch
        {
            IrBinaryOp.Less => OpCodes.Bge,
            IrBinaryOp.LessOrEqual => OpCodes.Bgt,
            IrBinaryOp.Greater => OpCodes.Ble,
            _ => OpCodes.Blt,
        }, target);
    }

    /// <summary>
    /// The lane at which a comparison is nearest to false; null where the lanes have no such end. Sides are taken as 64-bit numbers, in which
    /// indices of 32 bits do not wrap. Signed ones do not wrap at all; an unsigned one that does fails the test where it grows toward its limit.
    /// </summary>
    private int? End(IrBinary e)
    {
        var type = e.Left.Type;
        if (e.Op is < IrBinaryOp.Less or > IrBinaryOp.GreaterOrEqual || _lanes!.Shape(e).IsUniform) return null;
        if (!type.IsInteger() || type.Size() < 4 || type == IrType.U64) return null;
        if (_lanes.Shape(e.Left).Stride is not { } left || _lanes.Shape(e.Right).Stride is not { } right) return null;
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
