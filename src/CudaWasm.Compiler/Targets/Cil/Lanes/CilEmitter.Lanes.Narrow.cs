using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// Code for the first registers only. Where a condition like <c>i &lt; end</c> holds for some lanes they are mostly the first ones: the end of a
/// row, the edge of a tile, the upper rounds of a tree. Registers without lanes then cost nothing.
/// </summary>
internal sealed partial class CilEmitter
{
    /// <summary>A block with more statements is not emitted for each number of registers.</summary>
    private const int MaxNarrowed = 12;

    /// <summary>Registers of 32-bit elements that code is emitted for: all of a value's, or the first ones.</summary>
    private int _rows;

    /// <summary>Lanes that code is emitted for.</summary>
    private int Lanes => _rows * RegisterLanes;

    /// <summary>Emits a block for the lanes of a mask: for each number of registers that may have some.</summary>
    /// <param name="block">Code without ways out.</param>
    /// <param name="mask">Not empty.</param>
    /// <param name="end">Where code goes on behind the block.</param>
    private void EmitByRegisters(IrBlock block, LocalBuilder[] mask, Label end)
    {
        var wider = mask.Select(_ => _il.DefineLabel()).ToArray();
        for (var last = mask.Length - 1; last > 0; last--)
        {
            _il.Emit(OpCodes.Ldloc, mask[last]);
            EmitBits();
            _il.Emit(OpCodes.Brtrue, wider[last]);
        }

        for (var last = 0; last < mask.Length; last++)
        {
            _il.MarkLabel(wider[last]);
            _rows = last + 1;
            EmitScope(block, mask[.._rows], end);
            _il.Emit(OpCodes.Br, end);
        }
    }

    /// <summary>The block is short, and run with some lanes only so often that it matters.</summary>
    private bool MayNarrow(IrBlock block, IrExpression condition)
    {
        if (_rows < _block.Registers || _rows == 1 || (_loopDepth == 0 && _plan!.IsOneRegion) || !HasEndTest(condition)) return false;
        var statements = IrTree.All(block).Take(MaxNarrowed + 1).ToList();
        return statements.Count <= MaxNarrowed
            && statements.All(s => s is IrAssign or IrStore || (s is IrIf choice && _plan!.SingleLane(choice) is null))
            && !statements.Any(_plan!.IsSerial)
            && statements.Any(s => s is IrStore || IrTree.Expressions(s).SelectMany(IrTree.All).Any(e => e is IrLoad));
    }

    /// <summary>Emits code at the end of the method, for the registers that code is emitted for now.</summary>
    private void EmitLater(Action emit)
    {
        var rows = _rows;
        _cold.Add(() =>
        {
            _rows = rows;
            emit();
        });
    }
}
