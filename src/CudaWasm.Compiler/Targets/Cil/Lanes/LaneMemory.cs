using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Accesses of active lanes one after the other: what fast code turns to when lanes are scattered, or some may fault.</summary>
internal static unsafe partial class LaneMemory
{
    /// <summary>Kernels run for a short while: nothing here may wait for the JIT's second tier.</summary>
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    /// <summary>Bytes before and behind the shared memory of a block that vector code may read, and write back: a row of lanes of which some are outside.</summary>
    public const int SharedMargin = MaxLanes * sizeof(long);

    /// <summary>Most lanes of a vector.</summary>
    public const int MaxLanes = 32;

    /// <summary>Bytes of one value in every lane, of any type.</summary>
    public const int ValueBytes = MaxLanes * 8;

    /// <summary>Offset of each lane: the same distance from one to the next.</summary>
    [MethodImpl(Hot)]
    public static void SpreadAffine(long* offsets, long first, long stride, int lanes)
    {
        for (var lane = 0; lane < lanes; lane++) offsets[lane] = first + (stride * lane);
    }

    /// <summary>Whether the active lanes of an affine access are inside of the object and aligned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsInside(long first, long stride, long length, int bytes, uint mask)
    {
        var low = first + (stride * BitOperations.TrailingZeroCount(mask));
        var high = first + (stride * BitOperations.Log2(mask));
        if (stride < 0) (low, high) = (high, low);
        return low >= 0 && high <= length - bytes && ((low | stride) & (bytes - 1)) == 0;
    }

    /// <summary>Names the first active lane that is outside of the object, or misaligned.</summary>
    [DoesNotReturn]
    public static void Fault(long first, long stride, long length, int bytes, uint mask, int site, int thread)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            var lane = BitOperations.TrailingZeroCount(mask);
            var offset = first + (stride * lane);
            if (offset < 0 || offset > length - bytes || (offset & (bytes - 1)) != 0) CilChecks.Access(offset, site, thread + lane);
        }

        throw new InvalidOperationException("A fault was found that is none.");
    }

    /// <summary>Offset of each lane: one 32-bit index a lane, scaled.</summary>
    [MethodImpl(Hot)]
    public static void SpreadIndex(long* offsets, int* indices, int isSigned, long scale, long first, long stride, int lanes)
    {
        for (var lane = 0; lane < lanes; lane++) offsets[lane] = first + (stride * lane) + ((isSigned != 0 ? indices[lane] : (long)(uint)indices[lane]) * scale);
    }

    /// <summary>Native addresses from offsets into one object; a stray one faults.</summary>
    [MethodImpl(Hot)]
    public static void Place(long* offsets, byte* start, long length, uint mask, int bytes, int site, int thread)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            var lane = BitOperations.TrailingZeroCount(mask);
            var offset = offsets[lane];
            if (offset < 0 || offset > length - bytes || (offset & (bytes - 1)) != 0) CilChecks.Access(offset, site, thread + lane);
            offsets[lane] = (long)start + offset;
        }
    }

    /// <summary>Native addresses from tagged pointers.</summary>
    [MethodImpl(Hot)]
    public static void Resolve(long* pointers, BlockContext* context, uint mask, int shift, int site, int thread)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            var lane = BitOperations.TrailingZeroCount(mask);
            pointers[lane] = CilChecks.Resolve(pointers[lane], context, shift, site, thread + lane);
        }
    }

    /// <summary>Places of variables whose elements alternate over the lanes.</summary>
    [MethodImpl(Hot)]
    public static void Interleave(long* addresses, byte* start, int lanes, int elementBytes, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            var lane = BitOperations.TrailingZeroCount(mask);
            addresses[lane] = (long)start + ((addresses[lane] - (long)start) * lanes) + (lane * elementBytes);
        }
    }

    /// <summary>Adds each lane's own copy of a variable.</summary>
    [MethodImpl(Hot)]
    public static void Own(long* addresses, long stride, uint mask)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            var lane = BitOperations.TrailingZeroCount(mask);
            addresses[lane] += stride * lane;
        }
    }

    /// <summary>Reads into 32-bit or 64-bit elements; lanes that are not active get zero.</summary>
    [MethodImpl(Hot)]
    public static void Load(byte* values, long* addresses, uint mask, int type, int lanes)
    {
        if (((IrType)type).Size() == 8)
        {
            for (var lane = 0; lane < lanes; lane++) ((long*)values)[lane] = (mask >> lane & 1) != 0 ? *(long*)addresses[lane] : 0;
            return;
        }

        for (var lane = 0; lane < lanes; lane++) ((int*)values)[lane] = (mask >> lane & 1) != 0 ? Load32((byte*)addresses[lane], (IrType)type) : 0;
    }

    /// <summary>Writes from 32-bit or 64-bit elements.</summary>
    [MethodImpl(Hot)]
    public static void Store(byte* values, long* addresses, uint mask, int type, int lanes)
    {
        if (mask == uint.MaxValue >> (32 - lanes) && (IrType)type is IrType.I32 or IrType.U32 or IrType.F32)
        {
            for (var lane = 0; lane < lanes; lane++) *(int*)addresses[lane] = ((int*)values)[lane];
            return;
        }

        for (; mask != 0; mask &= mask - 1)
        {
            var lane = BitOperations.TrailingZeroCount(mask);
            var at = (byte*)addresses[lane];
            switch ((IrType)type)
            {
                case IrType.Bool:
                    *at = (byte)(((int*)values)[lane] & 1);
                    break;
                case IrType.I8 or IrType.U8:
                    *at = (byte)((int*)values)[lane];
                    break;
                case IrType.I16 or IrType.U16:
                    *(short*)at = (short)((int*)values)[lane];
                    break;
                case IrType.F16:
                    *(ushort*)at = CilConvert.SingleToHalfBits(((float*)values)[lane]);
                    break;
                case IrType.BF16:
                    *(ushort*)at = CilConvert.SingleToBFloat16Bits(((float*)values)[lane]);
                    break;
                case IrType.I32 or IrType.U32 or IrType.F32:
                    *(int*)at = ((int*)values)[lane];
                    break;
                default:
                    *(long*)at = ((long*)values)[lane];
                    break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Load32(byte* at, IrType type) => type switch
    {
        IrType.Bool => -*at,
        IrType.I8 => *(sbyte*)at,
        IrType.U8 => *at,
        IrType.I16 => *(short*)at,
        IrType.U16 => *(ushort*)at,
        IrType.F16 => BitConverter.SingleToInt32Bits(CilConvert.HalfBitsToSingle(*(ushort*)at)),
        IrType.BF16 => *(ushort*)at << 16,
        _ => *(int*)at,
    };

    /// <summary>Elements of 32 bits at start + index * 4 of the lanes whose mask is set. Where the indices count up, as mostly, they are read as a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> GatherRow(byte* start, Vector128<int> index, Vector128<int> mask) =>
        Vector128.EqualsAll(index, Vector128.Create(index.ToScalar()) + Vector128<int>.Indices) ? LoadMasked(start + (4L * index.ToScalar()), mask) : Gather(start, index, mask, 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> GatherRow(byte* start, Vector256<int> index, Vector256<int> mask) =>
        Vector256.EqualsAll(index, Vector256.Create(index.ToScalar()) + Vector256<int>.Indices) ? LoadMasked(start + (4L * index.ToScalar()), mask) : Gather(start, index, mask, 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> GatherRow(byte* start, Vector512<int> index, Vector512<int> mask) =>
        Vector512.EqualsAll(index, Vector512.Create(index.ToScalar()) + Vector512<int>.Indices) ? LoadMasked(start + (4L * index.ToScalar()), mask) : Gather(start, index, mask, 4);

    /// <summary>32-bit elements at start + index * scale (1, 2, 4 or 8) of the lanes whose mask is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Gather(byte* start, Vector256<int> index, Vector256<int> mask, [ConstantExpected] int scale)
    {
        if (Avx2.IsSupported)
        {
            return scale switch
            {
                1 => Avx2.GatherMaskVector256(Vector256<int>.Zero, (int*)start, index, mask, 1),
                2 => Avx2.GatherMaskVector256(Vector256<int>.Zero, (int*)start, index, mask, 2),
                4 => Avx2.GatherMaskVector256(Vector256<int>.Zero, (int*)start, index, mask, 4),
                _ => Avx2.GatherMaskVector256(Vector256<int>.Zero, (int*)start, index, mask, 8),
            };
        }

        return Vector256.Create(Gather(start, index.GetLower(), mask.GetLower(), scale), Gather(start, index.GetUpper(), mask.GetUpper(), scale));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Gather(byte* start, Vector512<int> index, Vector512<int> mask, [ConstantExpected] int scale) =>
        Vector512.Create(Gather(start, index.GetLower(), mask.GetLower(), scale), Gather(start, index.GetUpper(), mask.GetUpper(), scale));

    [MethodImpl(Hot)]
    public static Vector128<int> Gather(byte* start, Vector128<int> index, Vector128<int> mask, int scale)
    {
        var result = Vector128<int>.Zero;
        for (var lane = 0; lane < 4; lane++)
        {
            if (mask[lane] != 0) result = result.WithElement(lane, *(int*)(start + ((long)index[lane] * scale)));
        }

        return result;
    }

    /// <summary>64-bit elements at start + index * scale for the lower (part 0) or upper half of the indices.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> GatherWide(byte* start, Vector256<int> index, Vector256<long> mask, [ConstantExpected] int part, [ConstantExpected] int scale) =>
        GatherWide(start, part == 0 ? index.GetLower() : index.GetUpper(), mask, scale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> GatherWide(byte* start, Vector512<int> index, Vector512<long> mask, [ConstantExpected] int part, [ConstantExpected] int scale)
    {
        var half = part == 0 ? index.GetLower() : index.GetUpper();
        return Vector512.Create(GatherWide(start, half.GetLower(), mask.GetLower(), scale), GatherWide(start, half.GetUpper(), mask.GetUpper(), scale));
    }

    [MethodImpl(Hot)]
    public static Vector128<long> GatherWide(byte* start, Vector128<int> index, Vector128<long> mask, int part, int scale)
    {
        var result = Vector128<long>.Zero;
        for (var lane = 0; lane < 2; lane++)
        {
            if (mask[lane] != 0) result = result.WithElement(lane, *(long*)(start + ((long)index[lane + (2 * part)] * scale)));
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> GatherWide(byte* start, Vector128<int> index, Vector256<long> mask, [ConstantExpected] int scale)
    {
        if (!Avx2.IsSupported) return Vector256.Create(GatherWide(start, index, mask.GetLower(), 0, scale), GatherWide(start, index, mask.GetUpper(), 1, scale));
        return scale switch
        {
            1 => Avx2.GatherMaskVector256(Vector256<long>.Zero, (long*)start, index, mask, 1),
            2 => Avx2.GatherMaskVector256(Vector256<long>.Zero, (long*)start, index, mask, 2),
            4 => Avx2.GatherMaskVector256(Vector256<long>.Zero, (long*)start, index, mask, 4),
            _ => Avx2.GatherMaskVector256(Vector256<long>.Zero, (long*)start, index, mask, 8),
        };
    }

    /// <summary>Elements of 8 or 16 bits at start + index * scale of the lanes whose mask is set, widened as their type says.</summary>
    [MethodImpl(Hot)]
    public static void GatherNarrow(byte* start, int* indices, int scale, uint mask, int type, int lanes, int* values)
    {
        for (var lane = 0; lane < lanes; lane++) values[lane] = (mask >> lane & 1) != 0 ? Load32(start + ((long)indices[lane] * scale), (IrType)type) : 0;
    }

    /// <summary>Reads the 32-bit lanes whose mask is set, and touches no other byte; the others are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadMasked(byte* at, Vector256<int> mask) =>
        Avx2.IsSupported ? Avx2.MaskLoad((int*)at, mask) : Vector256.Create(LoadMasked(at, mask.GetLower()), LoadMasked(at + 16, mask.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadMasked(byte* at, Vector512<int> mask) =>
        Avx512F.IsSupported ? Avx512F.MaskLoad((int*)at, mask, Vector512<int>.Zero) : Vector512.Create(LoadMasked(at, mask.GetLower()), LoadMasked(at + 32, mask.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadMasked(byte* at, Vector128<int> mask) => Avx2.IsSupported ? Avx2.MaskLoad((int*)at, mask) : LoadLanes(at, mask);

    [MethodImpl(Hot)]
    private static Vector128<int> LoadLanes(byte* at, Vector128<int> mask)
    {
        var result = Vector128<int>.Zero;
        for (var lane = 0; lane < 4; lane++)
        {
            if (mask[lane] != 0) result = result.WithElement(lane, ((int*)at)[lane]);
        }

        return result;
    }
}
