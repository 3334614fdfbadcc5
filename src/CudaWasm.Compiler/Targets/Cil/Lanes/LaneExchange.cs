using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// Elements at a constant distance, as of structs or of threads that take several neighbours each: whole registers are read, and the elements
/// wanted picked out of them. No byte is read before the first element or behind the last.
/// </summary>
internal static unsafe class LaneExchange
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Four elements of 32 bits, <paramref name="stride"/> (8 or 16) bytes apart.</summary>
    [MethodImpl(Inline)]
    public static Vector128<int> LoadEvery128(byte* at, [ConstantExpected] int stride)
    {
        if (stride == 8 && Sse.IsSupported)
        {
            // 0 1 2 3 and 3 4 5 6
            return Sse.Shuffle(Vector128.Load((float*)at), Vector128.Load((float*)(at + 12)), 0b11_01_10_00).AsInt32();
        }

        return Vector128.Create(*(int*)at, *(int*)(at + stride), *(int*)(at + (2 * stride)), *(int*)(at + (3 * stride)));
    }

    /// <summary>Eight of them.</summary>
    [MethodImpl(Inline)]
    public static Vector256<int> LoadEvery256(byte* at, [ConstantExpected] int stride)
    {
        if (!Avx2.IsSupported) return Vector256.Create(LoadEvery128(at, stride), LoadEvery128(at + (4 * stride), stride));
        if (stride == 8)
        {
            // 0 .. 7 and 7 .. 14; shuffles work in halves of a register: 0 2 8 10 4 6 12 14.
            var picked = Avx.Shuffle(Vector256.Load((float*)at), Vector256.Load((float*)(at + 28)), 0b11_01_10_00);
            return Avx2.Permute4x64(picked.AsInt64(), 0b11_01_10_00).AsInt32();
        }

        // 0 .. 7, 8 .. 15, 16 .. 23 and 21 .. 28: 0 0 8 8 4 4 12 12 and 16 16 24 24 20 20 28 28, then 0 8 16 24 4 12 20 28.
        var low = Avx.Shuffle(Vector256.Load((float*)at), Vector256.Load((float*)(at + 32)), 0);
        var high = Avx.Shuffle(Vector256.Load((float*)(at + 64)), Vector256.Load((float*)(at + 84)), 0b11_11_00_00);
        var mixed = Avx.Shuffle(low, high, 0b10_00_10_00);
        return Avx2.PermuteVar8x32(mixed.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7));
    }

    /// <summary>Sixteen of them.</summary>
    [MethodImpl(Inline)]
    public static Vector512<int> LoadEvery512(byte* at, [ConstantExpected] int stride) =>
        Vector512.Create(LoadEvery256(at, stride), LoadEvery256(at + (8 * stride), stride));

    /// <summary>Writes elements of 32 bits <paramref name="stride"/> bytes apart, the first lane's first.</summary>
    [MethodImpl(Inline)]
    public static void StoreEvery(byte* at, Vector128<int> value, [ConstantExpected] int stride)
    {
        *(int*)at = value.GetElement(0);
        *(int*)(at + stride) = value.GetElement(1);
        *(int*)(at + (2 * stride)) = value.GetElement(2);
        *(int*)(at + (3 * stride)) = value.GetElement(3);
    }

    [MethodImpl(Inline)]
    public static void StoreEvery(byte* at, Vector256<int> value, [ConstantExpected] int stride)
    {
        StoreEvery(at, value.GetLower(), stride);
        StoreEvery(at + (4 * stride), value.GetUpper(), stride);
    }

    [MethodImpl(Inline)]
    public static void StoreEvery(byte* at, Vector512<int> value, [ConstantExpected] int stride)
    {
        StoreEvery(at, value.GetLower(), stride);
        StoreEvery(at + (8 * stride), value.GetUpper(), stride);
    }
}
