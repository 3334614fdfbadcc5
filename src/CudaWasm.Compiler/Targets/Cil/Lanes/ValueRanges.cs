using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// Bounds of integer values for one block size. With them an access like <c>tile[threadIdx.y][k]</c> needs no check. A slot has the bounds
/// of all that is assigned to it; values that grow from round to round have none.
/// </summary>
internal sealed class ValueRanges
{
    private const int MaxRounds = 6;

    private readonly LaneBlock _block;
    private readonly Dictionary<IrSlot, Range?> _slots = [];

    /// <param name="kernel">After the barrier split.</param>
    /// <param name="block">What the bounds hold for.</param>
    /// <param name="liveness">Of the kernel's body.</param>
    public ValueRanges(IrFunction kernel, LaneBlock block, SlotLiveness liveness)
    {
        _block = block;
        var early = liveness.At(kernel.Body);
        // What may be read before it is set may be zero.
        foreach (var slot in kernel.Slots.Where(s => s.Type.IsInteger() && early.Contains(s))) _slots[slot] = Range.Of(0);
        var targets = IrTree.All(kernel.Body).Where(s => IrTree.Target(s)?.Type.IsInteger() == true).ToList();
        bool changed;
        var round = 0;
        do
        {
            changed = false;
            foreach (var statement in targets) changed |= Assign(statement, round);
            round++;
        }
        while (changed);
    }

    /// <param name="Low">Smallest value.</param>
    /// <param name="High">Largest value.</param>
    public readonly record struct Range(long Low, long High)
    {
        public static Range Of(long value) => new(value, value);

        public Range Union(Range other) => new(Math.Min(Low, other.Low), Math.Max(High, other.High));
    }

    /// <summary>Null where nothing is known.</summary>
    public Range? Of(IrExpression e)
    {
        switch (e)
        {
            case IrConstant when e.Type.IsInteger():
                return Range.Of(((IrConstant)e).Bits);
            case IrBuiltinRead read:
                return Builtin(read.Builtin);
            case IrSlotRead read:
                return _slots.TryGetValue(read.Slot, out var range) ? range : Range.Of(0);
            case IrConvert { Operand.Type: IrType.Bool }:
                return new Range(0, 1);
            case IrConvert convert when e.Type.IsInteger() && convert.Operand.Type.IsInteger():
                return Of(convert.Operand) is { } operand ? Fit(operand, e.Type) : Natural(convert.Operand.Type) is { } natural ? Fit(natural, e.Type) : null;
            case IrConditional conditional:
                return Of(conditional.WhenTrue) is { } a && Of(conditional.WhenFalse) is { } b ? a.Union(b) : null;
            case IrBinary binary when e.Type.IsInteger():
                return Binary(binary) is { } result ? Fit(result, e.Type) : null;
            case IrLoad when e.Type.IsInteger():
                return Natural(e.Type);
            default:
                return null;
        }
    }

    /// <summary>Whether every element that an address can name lies in the variable it begins with.</summary>
    public bool IsInside(IrExpression address, long length, int bytes)
    {
        // Of nested addresses the sum may leave 64 bits.
        Int128 low = 0, high = 0;
        var at = address;
        for (; at is IrAddress e; at = e.Base)
        {
            var index = e.Index is null ? Range.Of(0) : Of(e.Index);
            if (index is not { } range || Math.Max(Math.Abs(range.Low), Math.Abs(range.High)) > int.MaxValue) return false;
            low += e.Offset + Int128.Min((Int128)range.Low * e.Scale, (Int128)range.High * e.Scale);
            high += e.Offset + Int128.Max((Int128)range.Low * e.Scale, (Int128)range.High * e.Scale);
        }

        return at is IrVariableAddress && low >= 0 && high <= length - bytes;
    }

    private static Range? Natural(IrType type) => type switch
    {
        IrType.I8 => new(sbyte.MinValue, sbyte.MaxValue),
        IrType.U8 => new(0, byte.MaxValue),
        IrType.I16 => new(short.MinValue, short.MaxValue),
        IrType.U16 => new(0, ushort.MaxValue),
        _ => null,
    };

    /// <summary>The range, if no value of it wraps in the type.</summary>
    private static Range? Fit(Range range, IrType type)
    {
        var (low, high) = type switch
        {
            IrType.I32 => (int.MinValue, int.MaxValue),
            IrType.U32 => (0, uint.MaxValue),
            // Far from the ends of 64 bits, so that sums of bounds do not overflow.
            IrType.I64 => (-(1L << 60), 1L << 60),
            IrType.U64 => (0, 1L << 60),
            _ => Natural(type) is { } natural ? (natural.Low, natural.High) : (0, 0),
        };
        return range.Low >= low && range.High <= high ? range : null;
    }

    private Range? Builtin(IrBuiltin builtin) => builtin switch
    {
        IrBuiltin.ThreadIdxX => new(0, _block.X - 1),
        IrBuiltin.ThreadIdxY => new(0, _block.Y - 1),
        IrBuiltin.ThreadIdxZ => new(0, _block.Z - 1),
        IrBuiltin.LinearThread => new(0, _block.Threads - 1),
        IrBuiltin.BlockDimX => Range.Of(_block.X),
        IrBuiltin.BlockDimY => Range.Of(_block.Y),
        IrBuiltin.BlockDimZ => Range.Of(_block.Z),
        _ => null,
    };

    private Range? Binary(IrBinary e)
    {
        var (a, b) = (Of(e.Left), Of(e.Right));
        if (e.Op == IrBinaryOp.And && (b is { Low: >= 0 } || a is { Low: >= 0 }))
        {
            return new(0, Math.Min(a is { Low: >= 0 } x ? x.High : long.MaxValue, b is { Low: >= 0 } y ? y.High : long.MaxValue));
        }

        if (e.Op == IrBinaryOp.Remainder && b is { Low: > 0 } divisor)
        {
            if (a is { Low: >= 0 } or null && (a is not null || !e.Type.IsSigned())) return new(0, Math.Min(divisor.High - 1, a?.High ?? long.MaxValue));
            return new(1 - divisor.High, divisor.High - 1);
        }

        if (a is not { } left || b is not { } right || Math.Max(Math.Max(Math.Abs(left.Low), Math.Abs(left.High)), Math.Max(Math.Abs(right.Low), Math.Abs(right.High))) > int.MaxValue) return null;
        switch (e.Op)
        {
            case IrBinaryOp.Add:
                return new(left.Low + right.Low, left.High + right.High);
            case IrBinaryOp.Subtract:
                return new(left.Low - right.High, left.High - right.Low);
            case IrBinaryOp.Multiply:
                long[] corners = [left.Low * right.Low, left.Low * right.High, left.High * right.Low, left.High * right.High];
                return new(corners.Min(), corners.Max());
            case IrBinaryOp.ShiftLeft when right is { Low: >= 0, High: < 31 } && left.Low >= 0:
                return new(left.Low << (int)right.Low, left.High << (int)right.High);
            case IrBinaryOp.ShiftRight when right is { Low: >= 0, High: < 63 } && left.Low >= 0:
                return new(left.Low >> (int)right.High, left.High >> (int)right.Low);
            case IrBinaryOp.Divide when right.Low > 0 && left.Low >= 0:
                return new(left.Low / right.High, left.High / right.Low);
            default:
                return null;
        }
    }

    private bool Assign(IrStatement statement, int round)
    {
        var slot = IrTree.Target(statement)!;
        var hadRange = _slots.TryGetValue(slot, out var before);
        if (hadRange && before is null) return false;
        var value = statement is IrAssign assign ? Of(assign.Value) : null;
        // What still grows has no bounds.
        Range? after = value is not { } found ? null : !hadRange ? found : before!.Value.Union(found);
        if (hadRange && after == before) return false;
        if (hadRange && round > MaxRounds) after = null;
        _slots[slot] = after;
        return true;
    }
}
