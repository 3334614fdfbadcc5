using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>The operands of a warp operation for the whole block: arrays by linear thread; stride 0 for a value that is the same for all.</summary>
public unsafe struct WarpOperands
{
    public byte* Result;
    public byte* Active;
    public byte* Argument0;
    public byte* Argument1;
    public byte* Argument2;
    public byte* Argument3;
    public int Stride0;
    public int Stride1;
    public int Stride2;
    public int Stride3;
}

/// <summary>
/// Warp operations. Lanes are 32 consecutive linear threads; lanes that are not active take no part and get no result. A shuffle
/// from a lane that is inactive or beyond the block gives the reader's own value (CUDA leaves it undefined); so does one out of its segment.
/// </summary>
internal static unsafe class CilWarp
{
    /// <summary>Kernels run for a short while: nothing here may wait for the JIT's second tier.</summary>
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    private const int WarpSize = 32;

    [MethodImpl(Hot)]
    public static void Exchange(int op, int type, WarpOperands* operands, int threads)
    {
        for (var first = 0; first < threads; first += WarpSize)
        {
            var active = ActiveMask(operands, first, Math.Min(WarpSize, threads - first));
            if (active != 0) ExchangeWarp((IrWarpOp)op, (IrType)type, operands, first, active);
        }
    }

    /// <summary>The same for one warp whose lanes' values lie side by side.</summary>
    /// <param name="op">What to do.</param>
    /// <param name="type">Of the second argument: 32 or 64 bits.</param>
    /// <param name="result">32 values of 4 bytes, or of the type; may be where the second argument is.</param>
    /// <param name="arguments">The arguments, one every <see cref="LaneMemory.ValueBytes"/>.</param>
    /// <param name="active">A bit for each lane that takes part.</param>
    [MethodImpl(Hot)]
    public static void ExchangeLanes(int op, int type, byte* result, byte* arguments, uint active)
    {
        var operands = new WarpOperands
        {
            Result = result,
            Argument0 = arguments,
            Argument1 = arguments + LaneMemory.ValueBytes,
            Argument2 = arguments + (2 * LaneMemory.ValueBytes),
            Argument3 = arguments + (3 * LaneMemory.ValueBytes),
            Stride0 = 4,
            Stride1 = ((IrType)type).Size(),
            Stride2 = 4,
            Stride3 = 4,
        };
        ExchangeWarp((IrWarpOp)op, (IrType)type, &operands, 0, active);
    }

    [MethodImpl(Hot)]
    private static void ExchangeWarp(IrWarpOp op, IrType type, WarpOperands* operands, int first, uint active)
    {
        switch (op)
        {
            case IrWarpOp.Sync:
                return;
            case IrWarpOp.Shuffle or IrWarpOp.ShuffleUp or IrWarpOp.ShuffleDown or IrWarpOp.ShuffleXor:
                Shuffle(op, type.Size(), operands, first, active);
                break;
            case IrWarpOp.ActiveMask:
                foreach (var lane in Lanes(active)) ((uint*)operands->Result)[first + lane] = active;
                break;
            case IrWarpOp.MatchAny or IrWarpOp.MatchAll:
                Match(op, type.Size(), operands, first, active);
                break;
            case IrWarpOp.Ballot or IrWarpOp.Any or IrWarpOp.All:
                Vote(op, type.Size(), operands, first, active);
                break;
            default:
                Reduce(op, type == IrType.I32, operands, first, active);
                break;
        }
    }

    [MethodImpl(Hot)]
    private static void Shuffle(IrWarpOp op, int size, WarpOperands* operands, int first, uint active)
    {
        if (operands->Result == null) return;
        if (active == uint.MaxValue && size == 4 && operands->Stride1 == 4
            && Common(operands->Argument2, operands->Stride2, first) is { } distance && Common(operands->Argument3, operands->Stride3, first) == WarpSize)
        {
            ShuffleAll(op, (uint*)operands->Argument1 + first, (uint*)operands->Result + first, distance);
            return;
        }

        // All lanes read before any writes: value and result may be one array.
        var values = stackalloc ulong[WarpSize];
        foreach (var lane in Lanes(active)) values[lane] = Bits(operands->Argument1, operands->Stride1, first + lane, size);
        foreach (var lane in Lanes(active))
        {
            var by = (int)Bits(operands->Argument2, operands->Stride2, first + lane, 4);
            var width = (int)Bits(operands->Argument3, operands->Stride3, first + lane, 4);
            var source = Source(op, lane, by, width is > 0 and <= WarpSize ? width : WarpSize);
            if ((active >> source & 1) == 0) source = lane;
            Write(operands->Result, first + lane, size, values[source]);
        }
    }

    /// <summary>The value that all lanes of a warp have; null where they differ.</summary>
    [MethodImpl(Hot)]
    private static int? Common(byte* array, int stride, int first)
    {
        if (stride == 0) return *(int*)array;
        var values = (int*)array + first;
        var all = Vector256.Create(values[0]);
        var differences = (Vector256.Load(values) ^ all) | (Vector256.Load(values + 8) ^ all) | (Vector256.Load(values + 16) ^ all) | (Vector256.Load(values + 24) ^ all);
        return differences == Vector256<int>.Zero ? values[0] : null;
    }

    /// <summary>The usual case: all lanes take part, 32-bit values, one segment, one distance.</summary>
    [MethodImpl(Hot)]
    private static void ShuffleAll(IrWarpOp op, uint* source, uint* result, int by)
    {
        // The warp between what lanes beyond its ends read: their own values, which are put right afterwards.
        var values = stackalloc uint[3 * WarpSize];
        var own = values + WarpSize;
        for (var lane = 0; lane < WarpSize; lane += 8) Vector256.Load(source + lane).Store(own + lane);
        switch (op)
        {
            case IrWarpOp.ShuffleXor:
                by &= WarpSize - 1;
                var pick = Vector256.CreateSequence(0, 1) ^ Vector256.Create(by & 7);
                for (var lane = 0; lane < WarpSize; lane += 8) Vector256.Shuffle(Vector256.Load(own + (lane ^ (by & 24))).AsInt32(), pick).AsUInt32().Store(result + lane);
                break;
            case IrWarpOp.Shuffle:
                var common = Vector256.Create(own[by & (WarpSize - 1)]);
                for (var lane = 0; lane < WarpSize; lane += 8) common.Store(result + lane);
                break;
            default:
                if (by is < 0 or >= WarpSize) by = 0;
                var distance = op == IrWarpOp.ShuffleUp ? -by : by;
                for (var lane = 0; lane < WarpSize; lane += 8) Vector256.Load(own + lane + distance).Store(result + lane);
                var (start, end) = op == IrWarpOp.ShuffleUp ? (0, by) : (WarpSize - by, WarpSize);
                for (var lane = start; lane < end; lane++) result[lane] = own[lane];
                break;
        }
    }

    /// <summary>The lane that is read, as in the CUDA programming guide: segments of width lanes are warps of their own.</summary>
    private static int Source(IrWarpOp op, int lane, int by, int width)
    {
        var segment = lane & ~(width - 1);
        switch (op)
        {
            case IrWarpOp.Shuffle:
                return segment + (by & (width - 1));
            case IrWarpOp.ShuffleUp:
                return lane - by >= segment && by >= 0 ? lane - by : lane;
            case IrWarpOp.ShuffleDown:
                return by >= 0 && by < WarpSize && lane + by < segment + width ? lane + by : lane;
            default:
                // Lanes of later segments cannot be read, those of earlier ones can.
                var target = (lane ^ by) & (WarpSize - 1);
                return target < segment + width ? target : lane;
        }
    }

    [MethodImpl(Hot)]
    private static void Vote(IrWarpOp op, int size, WarpOperands* operands, int first, uint active)
    {
        if (operands->Result == null) return;
        uint set = 0;
        foreach (var lane in Lanes(active))
        {
            if (Bits(operands->Argument1, operands->Stride1, first + lane, size) != 0) set |= 1u << lane;
        }

        foreach (var lane in Lanes(active))
        {
            var mask = Mask(operands, first, lane) & active;
            ((uint*)operands->Result)[first + lane] = op switch
            {
                IrWarpOp.Ballot => set & mask,
                IrWarpOp.Any => (set & mask) != 0 ? 1u : 0,
                _ => (set & mask) == mask ? 1u : 0,
            };
        }
    }

    [MethodImpl(Hot)]
    private static void Match(IrWarpOp op, int size, WarpOperands* operands, int first, uint active)
    {
        if (operands->Result == null) return;
        var values = stackalloc ulong[WarpSize];
        foreach (var lane in Lanes(active)) values[lane] = Bits(operands->Argument1, operands->Stride1, first + lane, size);
        foreach (var lane in Lanes(active))
        {
            var mask = Mask(operands, first, lane) & active;
            uint same = 0;
            foreach (var other in Lanes(mask))
            {
                if (values[other] == values[lane]) same |= 1u << other;
            }

            ((uint*)operands->Result)[first + lane] = op == IrWarpOp.MatchAny ? same : same == mask ? mask : 0;
        }
    }

    [MethodImpl(Hot)]
    private static void Reduce(IrWarpOp op, bool isSigned, WarpOperands* operands, int first, uint active)
    {
        if (operands->Result == null) return;
        var values = stackalloc uint[WarpSize];
        foreach (var lane in Lanes(active)) values[lane] = (uint)Bits(operands->Argument1, operands->Stride1, first + lane, 4);
        foreach (var lane in Lanes(active))
        {
            var total = values[lane];
            foreach (var other in Lanes(Mask(operands, first, lane) & active & ~(1u << lane))) total = Combine(op, isSigned, total, values[other]);
            ((uint*)operands->Result)[first + lane] = total;
        }
    }

    private static uint Combine(IrWarpOp op, bool isSigned, uint a, uint b) => op switch
    {
        IrWarpOp.ReduceAdd => unchecked(a + b),
        IrWarpOp.ReduceMin => isSigned ? (uint)Math.Min((int)a, (int)b) : Math.Min(a, b),
        IrWarpOp.ReduceMax => isSigned ? (uint)Math.Max((int)a, (int)b) : Math.Max(a, b),
        IrWarpOp.ReduceAnd => a & b,
        IrWarpOp.ReduceOr => a | b,
        _ => a ^ b,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint ActiveMask(WarpOperands* operands, int first, int lanes)
    {
        if (operands->Active == null) return lanes == WarpSize ? uint.MaxValue : (1u << lanes) - 1;
        if (lanes == WarpSize) return Vector256.GreaterThan(Vector256.Load(operands->Active + first), Vector256<byte>.Zero).ExtractMostSignificantBits();
        uint mask = 0;
        for (var i = 0; i < lanes; i++) mask |= (uint)operands->Active[first + i] << i;
        return mask;
    }

    private static uint Mask(WarpOperands* operands, int first, int lane) => (uint)Bits(operands->Argument0, operands->Stride0, first + lane, 4);

    private static LaneEnumerator Lanes(uint mask) => new(mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits(byte* array, int stride, int thread, int size)
    {
        var at = array + ((long)stride * thread);
        return size switch { 1 => *at, 2 => *(ushort*)at, 4 => *(uint*)at, _ => *(ulong*)at };
    }

    private static void Write(byte* array, int thread, int size, ulong bits)
    {
        switch (size)
        {
            case 1:
                array[thread] = (byte)bits;
                break;
            case 2:
                ((ushort*)array)[thread] = (ushort)bits;
                break;
            case 4:
                ((uint*)array)[thread] = (uint)bits;
                break;
            default:
                ((ulong*)array)[thread] = bits;
                break;
        }
    }

    /// <summary>The set bits of a mask, lowest first.</summary>
    private struct LaneEnumerator(uint mask)
    {
        private uint _rest = mask;

        public int Current { get; private set; }

        public readonly LaneEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_rest == 0) return false;
            Current = System.Numerics.BitOperations.TrailingZeroCount(_rest);
            _rest &= _rest - 1;
            return true;
        }
    }
}
