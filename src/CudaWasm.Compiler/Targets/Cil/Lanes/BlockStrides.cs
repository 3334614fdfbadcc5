using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>How far the next block in x reads from where this one reads: what an address grows by with <c>blockIdx.x</c>, but for borders.</summary>
internal sealed class BlockStrides(LaneBlock block, ILookup<IrSlot, IrStatement> assignments)
{
    private readonly Dictionary<IrSlot, long?> _slots = [];

    /// <summary>In the expression's unit; null where that is not a constant.</summary>
    public long? Of(IrExpression e)
    {
        switch (e)
        {
            case IrBuiltinRead read:
                return read.Builtin == IrBuiltin.BlockIdxX ? 1 : 0;
            case IrConstant or IrParameterRead or IrVariableAddress:
                return 0;
            case IrSlotRead read:
                return Of(read.Slot);
            case IrConvert convert when e.Type.IsInteger():
                return Of(convert.Operand);
            case IrAddress address:
                return Of(address.Base) + (address.Index is null ? 0 : Of(address.Index) * address.Scale);
            case IrBinary { Op: IrBinaryOp.Add } sum:
                return Of(sum.Left) + Of(sum.Right);
            case IrBinary { Op: IrBinaryOp.Subtract } difference:
                return Of(difference.Left) - Of(difference.Right);
            case IrBinary { Op: IrBinaryOp.Multiply } product:
                return Product(Of(product.Left), product.Right) ?? Product(Of(product.Right), product.Left);
            case IrBinary { Op: IrBinaryOp.ShiftLeft, Right: IrConstant { Bits: >= 0 and < 31 } count } shift:
                return Of(shift.Left) << (int)count.Bits;
            // Borders stop some blocks short of it.
            case IrIntrinsicCall { Intrinsic: IrIntrinsic.Min or IrIntrinsic.Max, Arguments: [var first, var second] }:
                return Clamped(Of(first), Of(second));
            case IrConditional choice:
                return Clamped(Of(choice.WhenTrue), Of(choice.WhenFalse));
            case IrBinary { Op: IrBinaryOp.Remainder } remainder when Of(remainder.Right) == 0:
                return Of(remainder.Left);
            default:
                return e is IrLoad || IrTree.Operands(e).Any(o => Of(o) != 0) ? null : 0;
        }
    }

    /// <summary>
    /// The rows of threads have rows of their own. Where they read the same one, the block comes by it again and again, and the next block's would only
    /// take its place in the cache.
    /// </summary>
    public bool HasRows(IrExpression e)
    {
        var seen = new HashSet<IrSlot>();
        return Check(e);

        bool Check(IrExpression e) => IrTree.All(e).Any(part => part switch
        {
            IrBuiltinRead { Builtin: IrBuiltin.ThreadIdxY or IrBuiltin.ThreadIdxZ or IrBuiltin.LinearThread } => true,
            IrSlotRead read => seen.Add(read.Slot) && assignments[read.Slot].Any(s => s is not IrAssign assign || Check(assign.Value)),
            _ => false,
        });
    }

    private static long? Clamped(long? a, long? b) => a == 0 ? b : b == 0 || a == b ? a : null;

    private long? Product(long? stride, IrExpression factor) => stride switch
    {
        null => null,
        0 => Of(factor) == 0 ? 0 : null,
        _ => factor switch
        {
            IrConstant constant => stride * constant.Bits,
            IrBuiltinRead { Builtin: IrBuiltin.BlockDimX } => stride * block.X,
            IrConvert convert when convert.Type.IsInteger() => Product(stride, convert.Operand),
            _ => null,
        },
    };

    /// <summary>A counter keeps the stride that it begins with.</summary>
    private long? Of(IrSlot slot)
    {
        if (_slots.TryGetValue(slot, out var known)) return known;
        var all = assignments[slot].ToList();
        if (all.Count == 0) return 0;
        // While it is looked for, the slot is taken to have the stride of its first assignment.
        _slots[slot] = null;
        long? stride = all[0] is IrAssign first ? Of(first.Value) : null;
        _slots[slot] = stride;
        if (!all.Skip(1).All(s => s is IrAssign assign && Of(assign.Value) == stride)) stride = null;
        return _slots[slot] = stride;
    }
}
