using System.Runtime.CompilerServices;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Conversions that take more than an opcode. F16 and BF16 values are kept as floats that are exactly such values.</summary>
internal static class CilConvert
{
    public static float HalfBitsToSingle(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    public static ushort SingleToHalfBits(float value) => BitConverter.HalfToUInt16Bits((Half)value);

    public static float RoundToHalf(float value) => (float)(Half)value;

    public static float RoundDoubleToHalf(double value) => (float)(Half)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float BFloat16BitsToSingle(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    public static ushort SingleToBFloat16Bits(float value) => (ushort)(BitConverter.SingleToUInt32Bits(RoundToBFloat16(value)) >> 16);

    /// <summary>To nearest, halves to even.</summary>
    public static float RoundToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return BitConverter.UInt32BitsToSingle((bits | 0x00400000) & 0xFFFF0000);
        bits += 0x7FFF + ((bits >> 16) & 1);
        return BitConverter.UInt32BitsToSingle(bits & 0xFFFF0000);
    }

    /// <summary>Rounds once. The lowest bit collects what the halving of a large value shifts out, so that ties stay ties.</summary>
    public static float UInt64ToSingle(long bits) => bits >= 0 ? bits : (float)(((ulong)bits >> 1) | ((ulong)bits & 1)) * 2f;

    public static int ToI8(float value) => sbyte.CreateSaturating(value);

    public static int ToI8(double value) => sbyte.CreateSaturating(value);

    public static int ToU8(float value) => byte.CreateSaturating(value);

    public static int ToU8(double value) => byte.CreateSaturating(value);

    public static int ToI16(float value) => short.CreateSaturating(value);

    public static int ToI16(double value) => short.CreateSaturating(value);

    public static int ToU16(float value) => ushort.CreateSaturating(value);

    public static int ToU16(double value) => ushort.CreateSaturating(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ToI32(float value) => int.CreateSaturating(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ToI32(double value) => int.CreateSaturating(value);

    public static int ToU32(float value) => unchecked((int)uint.CreateSaturating(value));

    public static int ToU32(double value) => unchecked((int)uint.CreateSaturating(value));

    public static long ToI64(float value) => long.CreateSaturating(value);

    public static long ToI64(double value) => long.CreateSaturating(value);

    public static long ToU64(float value) => unchecked((long)ulong.CreateSaturating(value));

    public static long ToU64(double value) => unchecked((long)ulong.CreateSaturating(value));
}
