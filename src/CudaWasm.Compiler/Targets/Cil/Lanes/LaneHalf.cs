using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>16-bit floats in memory, 32-bit floats in lanes.</summary>
internal static unsafe class LaneHalf
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<float> Load128(byte* at)
    {
        var values = stackalloc float[4];
        Load(at, values, 4);
        return Vector128.Load(values);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector256<float> Load256(byte* at)
    {
        var values = stackalloc float[8];
        Load(at, values, 8);
        return Vector256.Load(values);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector512<float> Load512(byte* at)
    {
        var values = stackalloc float[16];
        Load(at, values, 16);
        return Vector512.Load(values);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(byte* at, Vector128<float> value)
    {
        for (var lane = 0; lane < 4; lane++) ((ushort*)at)[lane] = CilConvert.SingleToHalfBits(value[lane]);
    }

    public static void Store(byte* at, Vector256<float> value)
    {
        Store(at, value.GetLower());
        Store(at + 8, value.GetUpper());
    }

    public static void Store(byte* at, Vector512<float> value)
    {
        Store(at, value.GetLower());
        Store(at + 16, value.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreBFloat(byte* at, Vector128<float> value)
    {
        for (var lane = 0; lane < 4; lane++) ((ushort*)at)[lane] = CilConvert.SingleToBFloat16Bits(value[lane]);
    }

    public static void StoreBFloat(byte* at, Vector256<float> value)
    {
        StoreBFloat(at, value.GetLower());
        StoreBFloat(at + 8, value.GetUpper());
    }

    public static void StoreBFloat(byte* at, Vector512<float> value)
    {
        StoreBFloat(at, value.GetLower());
        StoreBFloat(at + 16, value.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(byte* at, float* values, int count)
    {
        for (var lane = 0; lane < count; lane++) values[lane] = CilConvert.HalfBitsToSingle(((ushort*)at)[lane]);
    }
}
