using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Stores of the lanes of a mask, side by side or at indices.</summary>
internal static unsafe partial class LaneMemory
{
    /// <summary>Writes 32-bit elements to start + index * scale, lane after lane.</summary>
    [MethodImpl(Hot)]
    public static void Scatter(byte* start, int* indices, int scale, uint mask, int lanes, int* values)
    {
        if (mask == uint.MaxValue >> (32 - lanes))
        {
            for (var lane = 0; lane < lanes; lane++) *(int*)(start + ((long)indices[lane] * scale)) = values[lane];
            return;
        }

        for (; mask != 0; mask &= mask - 1)
        {
            var lane = BitOperations.TrailingZeroCount(mask);
            *(int*)(start + ((long)indices[lane] * scale)) = values[lane];
        }
    }

    /// <summary>
    /// Writes the 32-bit lanes whose mask is set to start + index * 4; fast where the indices, those of other lanes too, follow each other.
    /// </summary>
    /// <param name="start">What the indices count from.</param>
    /// <param name="index">Of elements.</param>
    /// <param name="mask">-1 for lanes that write.</param>
    /// <param name="value">What they write.</param>
    /// <param name="isBlended">What other lanes have there may be written back: see <see cref="StoreBlended(byte*, Vector256{int}, Vector256{int})"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ScatterRow(byte* start, Vector128<int> index, Vector128<int> mask, Vector128<int> value, [ConstantExpected] bool isBlended)
    {
        var first = index.ToScalar();
        if (!Vector128.EqualsAll(index, Vector128.Create(first) + Vector128<int>.Indices)) ScatterLanes(start, index, (uint)mask.ExtractMostSignificantBits(), value);
        else if (isBlended) StoreBlended(start + (4L * first), mask, value);
        else StoreMasked(start + (4L * first), mask, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ScatterRow(byte* start, Vector256<int> index, Vector256<int> mask, Vector256<int> value, [ConstantExpected] bool isBlended)
    {
        var first = index.ToScalar();
        if (!Vector256.EqualsAll(index, Vector256.Create(first) + Vector256<int>.Indices)) ScatterLanes(start, index, (uint)mask.ExtractMostSignificantBits(), value);
        else if (isBlended) StoreBlended(start + (4L * first), mask, value);
        else StoreMasked(start + (4L * first), mask, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ScatterRow(byte* start, Vector512<int> index, Vector512<int> mask, Vector512<int> value, [ConstantExpected] bool isBlended)
    {
        var first = index.ToScalar();
        if (!Vector512.EqualsAll(index, Vector512.Create(first) + Vector512<int>.Indices)) ScatterLanes(start, index, (uint)mask.ExtractMostSignificantBits(), value);
        else if (isBlended) StoreBlended(start + (4L * first), mask, value);
        else StoreMasked(start + (4L * first), mask, value);
    }

    [MethodImpl(Hot | MethodImplOptions.NoInlining)]
    private static void ScatterLanes(byte* start, Vector128<int> index, uint mask, Vector128<int> value) => Scatter(start, (int*)&index, sizeof(int), mask, Vector128<int>.Count, (int*)&value);

    [MethodImpl(Hot | MethodImplOptions.NoInlining)]
    private static void ScatterLanes(byte* start, Vector256<int> index, uint mask, Vector256<int> value) => Scatter(start, (int*)&index, sizeof(int), mask, Vector256<int>.Count, (int*)&value);

    [MethodImpl(Hot | MethodImplOptions.NoInlining)]
    private static void ScatterLanes(byte* start, Vector512<int> index, uint mask, Vector512<int> value) => Scatter(start, (int*)&index, sizeof(int), mask, Vector512<int>.Count, (int*)&value);

    /// <summary>
    /// Writes the 32-bit lanes whose mask is set, and the other lanes as they were. What reads them next has not to wait, as it would after
    /// a masked store.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBlended(byte* at, Vector128<int> mask, Vector128<int> value) => Vector128.ConditionalSelect(mask, value, Vector128.Load((int*)at)).Store((int*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBlended(byte* at, Vector256<int> mask, Vector256<int> value) => Vector256.ConditionalSelect(mask, value, Vector256.Load((int*)at)).Store((int*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBlended(byte* at, Vector512<int> mask, Vector512<int> value) => Vector512.ConditionalSelect(mask, value, Vector512.Load((int*)at)).Store((int*)at);

    /// <summary>Writes the 32-bit lanes whose mask is set, and touches no other byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMasked(byte* at, Vector256<int> mask, Vector256<int> value)
    {
        // Where masked stores are slow they are far slower than a branch; mostly all lanes are here, or none.
        var bits = mask.ExtractMostSignificantBits();
        if (bits == 0xFF) value.Store((int*)at);
        else if (bits == 0) return;
        else if (Avx2.IsSupported) Avx2.MaskStore((int*)at, mask, value);
        else StoreLanes(at, bits, Vector512.Create(value, value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMasked(byte* at, Vector512<int> mask, Vector512<int> value)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.MaskStore((int*)at, mask, value);
            return;
        }

        StoreMasked(at, mask.GetLower(), value.GetLower());
        StoreMasked(at + 32, mask.GetUpper(), value.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMasked(byte* at, Vector128<int> mask, Vector128<int> value)
    {
        if (Avx2.IsSupported) Avx2.MaskStore((int*)at, mask, value);
        else StoreLanes(at, mask.ExtractMostSignificantBits(), Vector512.Create(Vector256.Create(value, value), Vector256.Create(value, value)));
    }

    [MethodImpl(Hot)]
    private static void StoreLanes(byte* at, uint mask, Vector512<int> value)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            var lane = BitOperations.TrailingZeroCount(mask);
            ((int*)at)[lane] = value[lane];
        }
    }
}
