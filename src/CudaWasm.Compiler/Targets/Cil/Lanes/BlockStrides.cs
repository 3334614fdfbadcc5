using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>A distance of Count, or of Count times a parameter.</summary>
/// <param name="Count">In the expression's unit, or in that of the parameter's value.</param>
/// <param name="Factor">A parameter; null for 1.</param>
internal readonly record struct BlockStride(long Count, IrParameterRead? Factor = null)
{
    /// <summary>Null where the sum is no such distance.</summary>
    public static BlockStride? operator +(BlockStride? first, BlockStride? second) =>
        first is not { } a || second is not { } b ? null
        : a.Count == 0 ? b
        : b.Count == 0 ? a
        : a.Factor?.Parameter == b.Factor?.Parameter ? a with { Count = a.Count + b.Count } : null;

    public static BlockStride operator *(BlockStride a, long scale) => a with { Count = a.Count * scale };

    /// <summary>Null where the product is no such distance.</summary>
    public static BlockStride? operator *(BlockStride? first, BlockStride? second) =>
        first is not { } a || second is not { } b ? null
        : a.Factor is null ? b * a.Count
        : b.Factor is null ? a * b.Count : null;
}

/// <summary>How far the next block in x reads from where this one reads: what an address grows by with <c>blockIdx.x</c>, but for borders.</summary>
internal sealed class BlockStrides(LaneBlock block, ILookup<IrSlot, IrStatement> assignments)
{
    private readonly Dictionary<IrSlot, BlockStride?> _slots = [];

    /// <summary>Null where that is not known before the launch, but for one parameter.</summary>
    public BlockStride? Of(IrExpression e)
    {
        switch (e)
        {
            case IrBuiltinRead read:
                return new(read.Builtin == IrBuiltin.BlockIdxX ? 1 : 0);
            case IrConstant or IrParameterRead or IrVariableAddress:
                return new(0);
            case IrSlotRead read:
                return Of(read.Slot);
            case IrConvert convert when e.Type.IsInteger():
                return Of(convert.Operand);
            case IrAddress address:
                return address.Index is null ? Of(address.Base) : Of(address.Base) + (Of(address.Index) * address.Scale);
            case IrBinary { Op: IrBinaryOp.Add } sum:
                return Of(sum.Left) + Of(sum.Right);
            case IrBinary { Op: IrBinaryOp.Subtract } difference:
                return Of(difference.Left) + (Of(difference.Right) * -1);
            case IrBinary { Op: IrBinaryOp.Multiply } product:
                return Product(Of(product.Left), product.Right) ?? Product(Of(product.Right), product.Left);
            case IrBinary { Op: IrBinaryOp.ShiftLeft, Right: IrConstant { Bits: >= 0 and < 31 } count } shift:
                return Of(shift.Left) * (1L << (int)count.Bits);
            // Borders stop some blocks short of it.
            case IrIntrinsicCall { Intrinsic: IrIntrinsic.Min or IrIntrinsic.Max, Arguments: [var first, var second] }:
                return Clamped(Of(first), Of(second));
            case IrConditional choice:
                return Clamped(Of(choice.WhenTrue), Of(choice.WhenFalse));
            case IrBinary { Op: IrBinaryOp.Remainder } remainder when Of(remainder.Right) is { Count: 0 }:
                return Of(remainder.Left);
            default:
                return e is IrLoad || IrTree.Operands(e).Any(o => Of(o) is not { Count: 0 }) ? null : new(0);
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

    private static BlockStride? Clamped(BlockStride? a, BlockStride? b) => a is { Count: 0 } ? b : b is { Count: 0 } || a == b ? a : null;

    private BlockStride? Product(BlockStride? stride, IrExpression factor) => stride switch
    {
        null => null,
        { Count: 0 } => Of(factor) is { Count: 0 } ? stride : null,
        _ => stride * Value(factor),
    };

    /// <summary>A value that is the same in all blocks; null where it is neither known nor a multiple of a parameter.</summary>
    private BlockStride? Value(IrExpression e) => e switch
    {
        IrConstant constant => new(constant.Bits),
        IrBuiltinRead { Builtin: IrBuiltin.BlockDimX } => new(block.X),
        IrParameterRead parameter when e.Type.IsInteger() => new(1, parameter),
        IrConvert convert when e.Type.IsInteger() => Value(convert.Operand),
        IrBinary { Op: IrBinaryOp.Multiply } product => Value(product.Left) * Value(product.Right),
        IrBinary { Op: IrBinaryOp.ShiftLeft, Right: IrConstant { Bits: >= 0 and < 31 } count } shift => Value(shift.Left) * (1L << (int)count.Bits),
        _ => null,
    };

    /// <summary>A counter keeps the stride that it begins with.</summary>
    private BlockStride? Of(IrSlot slot)
    {
        if (_slots.TryGetValue(slot, out var known)) return known;
        var all = assignments[slot].ToList();
        if (all.Count == 0) return new(0);
        // While it is looked for, the slot is taken to have the stride of its first assignment.
        _slots[slot] = null;
        var stride = all[0] is IrAssign first ? Of(first.Value) : null;
        _slots[slot] = stride;
        if (!all.Skip(1).All(s => s is IrAssign assign && Of(assign.Value) == stride)) stride = null;
        return _slots[slot] = stride;
    }
}
