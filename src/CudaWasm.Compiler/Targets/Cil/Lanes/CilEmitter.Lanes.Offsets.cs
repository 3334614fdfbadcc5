using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// What accesses of one stretch of code have in common of their offsets is computed once: of <c>tile[ty][tx - 1] + tile[ty][tx + 1]</c> all but the
/// constants. The JIT finds it too, but only so much in a method.
/// </summary>
internal sealed partial class CilEmitter
{
    private readonly List<(IReadOnlyList<LaneTerm> Terms, LocalBuilder Sum)> _offsets = [];

    /// <summary>Takes a constant out of an index: in bytes, with the index that remains.</summary>
    private (LaneTerm Term, long Bytes) SplitConstant(LaneTerm term)
    {
        var bytes = 0L;
        while (term.Index is IrBinary { Op: IrBinaryOp.Add or IrBinaryOp.Subtract, Right: IrConstant constant } sum && AddsBeforeExtension(sum))
        {
            bytes += (sum.Op == IrBinaryOp.Add ? constant.Bits : -constant.Bits) * term.Scale;
            term = term with { Index = sum.Left, Shape = _lanes!.Shape(sum.Left) };
        }

        return (term, bytes);
    }

    /// <summary>It is the same whether the constant is added before the index is extended to 64 bits or after: a signed sum does not overflow.</summary>
    private bool AddsBeforeExtension(IrBinary sum) =>
        sum.Type is IrType.I32 or IrType.I64 or IrType.U64 || (sum.Type == IrType.U32 && sum.Op == IrBinaryOp.Add && _lanes!.Shape(sum).IsSmall && _lanes.Shape(sum.Left).IsSmall);

    /// <summary>The sum of affine terms for the first lane, in bytes; not to be released, or kept beyond the statement.</summary>
    private LocalBuilder SumOf(IReadOnlyList<LaneTerm> terms)
    {
        foreach (var (known, local) in _offsets)
        {
            if (known.Count == terms.Count && known.Zip(terms).All(p => p.First.Scale == p.Second.Scale && IrStructure.IsSame(p.First.Index, p.Second.Index))) return local;
        }

        var sum = Acquire(typeof(long));
        for (var i = 0; i < terms.Count; i++)
        {
            EmitLaneIndex(terms[i]);
            if (i > 0) _il.Emit(OpCodes.Add);
        }

        _il.Emit(OpCodes.Stloc, sum);
        // What is read now may be written before it is asked for again.
        if (terms.SelectMany(t => IrTree.All(t.Index)).Any(e => e is IrLoad)) _borrowed.Add(sum);
        else _offsets.Add((terms, sum));
        return sum;
    }

    /// <summary>A slot changes: what was computed from it is out of date.</summary>
    private void ForgetOffsets(IrSlot slot)
    {
        for (var i = _offsets.Count - 1; i >= 0; i--)
        {
            if (!_offsets[i].Terms.SelectMany(t => IrTree.All(t.Index)).Any(e => e is IrSlotRead read && read.Slot == slot)) continue;
            Release(_offsets[i].Sum);
            _offsets.RemoveAt(i);
        }
    }

    /// <summary>Code goes on that may not have come this way.</summary>
    private void ForgetOffsets()
    {
        foreach (var (_, sum) in _offsets) Release(sum);
        _offsets.Clear();
    }
}
