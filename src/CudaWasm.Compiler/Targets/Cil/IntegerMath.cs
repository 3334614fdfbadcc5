using System.Numerics;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>The integer intrinsics of the CUDA math API and the PTX instructions they stand for.</summary>
internal static class IntegerMath
{
    public static int Abs(int x) => x < 0 ? unchecked(-x) : x;

    public static long Abs(long x) => x < 0 ? unchecked(-x) : x;

    public static int Min(int x, int y) => Math.Min(x, y);

    public static uint Min(uint x, uint y) => Math.Min(x, y);

    public static long Min(long x, long y) => Math.Min(x, y);

    public static ulong Min(ulong x, ulong y) => Math.Min(x, y);

    public static int Max(int x, int y) => Math.Max(x, y);

    public static uint Max(uint x, uint y) => Math.Max(x, y);

    public static long Max(long x, long y) => Math.Max(x, y);

    public static ulong Max(ulong x, ulong y) => Math.Max(x, y);

    public static int PopCount(uint x) => BitOperations.PopCount(x);

    public static int PopCount(ulong x) => BitOperations.PopCount(x);

    public static int Clz(uint x) => BitOperations.LeadingZeroCount(x);

    public static int Clz(ulong x) => BitOperations.LeadingZeroCount(x);

    public static int Ffs(uint x) => x == 0 ? 0 : BitOperations.TrailingZeroCount(x) + 1;

    public static int Ffs(ulong x) => x == 0 ? 0 : BitOperations.TrailingZeroCount(x) + 1;

    public static uint BitReverse(uint x)
    {
        x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
        x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
        x = (x >> 4 & 0x0F0F0F0F) | (x & 0x0F0F0F0F) << 4;
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(x);
    }

    public static ulong BitReverse(ulong x) => (ulong)BitReverse((uint)x) << 32 | BitReverse((uint)(x >> 32));

    public static int MulHigh(int x, int y) => (int)((long)x * y >> 32);

    public static uint MulHigh(uint x, uint y) => (uint)((ulong)x * y >> 32);

    public static long MulHigh(long x, long y) => Math.BigMul(x, y, out _);

    public static ulong MulHigh(ulong x, ulong y) => Math.BigMul(x, y, out _);

    public static int Mul24(int x, int y) => unchecked((int)Product24(x, y));

    public static uint Mul24(uint x, uint y) => unchecked((uint)Product24(x, y));

    public static int Mul24High(int x, int y) => unchecked((int)(Product24(x, y) >> 16));

    public static uint Mul24High(uint x, uint y) => unchecked((uint)(Product24(x, y) >> 16));

    /// <summary>The lower three bits of each nibble pick a byte of y:x.</summary>
    public static uint BytePerm(uint x, uint y, uint selector)
    {
        var bytes = (ulong)y << 32 | x;
        uint result = 0;
        for (var i = 0; i < 4; i++) result |= (uint)(bytes >> (int)((selector >> (4 * i) & 7) * 8) & 0xFF) << (8 * i);
        return result;
    }

    public static uint FunnelShiftLeft(uint low, uint high, uint shift) => (uint)(((ulong)high << 32 | low) << (int)(shift & 31) >> 32);

    public static uint FunnelShiftLeftClamp(uint low, uint high, uint shift) => shift >= 32 ? low : FunnelShiftLeft(low, high, shift);

    public static uint FunnelShiftRight(uint low, uint high, uint shift) => (uint)(((ulong)high << 32 | low) >> (int)(shift & 31));

    public static uint FunnelShiftRightClamp(uint low, uint high, uint shift) => shift >= 32 ? high : FunnelShiftRight(low, high, shift);

    public static uint Sad(int x, int y, uint sum) => unchecked((uint)Math.Abs((long)x - y) + sum);

    public static uint Sad(uint x, uint y, uint sum) => unchecked((uint)Math.Abs((long)x - y) + sum);

    public static int Hadd(int x, int y) => (int)((long)x + y >> 1);

    public static uint Hadd(uint x, uint y) => (uint)((ulong)x + y >> 1);

    public static int Rhadd(int x, int y) => (int)((long)x + y + 1 >> 1);

    public static uint Rhadd(uint x, uint y) => (uint)((ulong)x + y + 1 >> 1);

    public static int Dp4a(int x, int y, int sum)
    {
        for (var i = 0; i < 32; i += 8) sum = unchecked(sum + ((sbyte)(x >> i) * (sbyte)(y >> i)));
        return sum;
    }

    public static uint Dp4a(uint x, uint y, uint sum)
    {
        for (var i = 0; i < 32; i += 8) sum = unchecked(sum + ((uint)(byte)(x >> i) * (byte)(y >> i)));
        return sum;
    }

    public static uint BitFieldExtract(uint value, uint position, uint length) => (uint)Extract(value, 32, position, length, false);

    public static int BitFieldExtract(int value, uint position, uint length) => unchecked((int)Extract((uint)value, 32, position, length, true));

    public static ulong BitFieldExtract(ulong value, uint position, uint length) => Extract(value, 64, position, length, false);

    public static long BitFieldExtract(long value, uint position, uint length) => unchecked((long)Extract((ulong)value, 64, position, length, true));

    public static uint BitFieldInsert(uint value, uint insert, uint position, uint length) => (uint)Insert(value, insert, 32, position, length);

    public static ulong BitFieldInsert(ulong value, ulong insert, uint position, uint length) => Insert(value, insert, 64, position, length);

    /// <summary>The SIMD video instructions; the first argument is an <see cref="IrVideoOp"/>.</summary>
    public static uint Video(uint op, uint x, uint y)
    {
        var width = (IrVideoOp)op >= IrVideoOp.Add2 ? 16 : 8;
        uint result = 0;
        for (var shift = 0; shift < 32; shift += width)
        {
            var lane = Lane((IrVideoOp)op, (int)(x >> shift & ((1u << width) - 1)), (int)(y >> shift & ((1u << width) - 1)), width);
            if ((IrVideoOp)op == IrVideoOp.SadU4) result += (uint)lane;
            else result |= ((uint)lane & ((1u << width) - 1)) << shift;
        }

        return result;
    }

    private static int Lane(IrVideoOp op, int x, int y, int width)
    {
        var (signedX, signedY) = (x << (32 - width) >> (32 - width), y << (32 - width) >> (32 - width));
        return op switch
        {
            IrVideoOp.Add4 or IrVideoOp.Add2 => x + y,
            IrVideoOp.Sub4 or IrVideoOp.Sub2 => x - y,
            IrVideoOp.Avg4U => x + y + 1 >> 1,
            IrVideoOp.AbsDiff4U or IrVideoOp.AbsDiff2U or IrVideoOp.SadU4 => Math.Abs(x - y),
            IrVideoOp.AbsDiff4S => Math.Abs(signedX - signedY),
            IrVideoOp.Max4U or IrVideoOp.Max2U => Math.Max(x, y),
            IrVideoOp.Max4S or IrVideoOp.Max2S => Math.Max(signedX, signedY),
            IrVideoOp.Min4U or IrVideoOp.Min2U => Math.Min(x, y),
            IrVideoOp.Min4S or IrVideoOp.Min2S => Math.Min(signedX, signedY),
            IrVideoOp.CmpEq4 => x == y ? 0xFF : 0,
            IrVideoOp.CmpGtU4 => x > y ? 0xFF : 0,
            IrVideoOp.CmpLtU4 => x < y ? 0xFF : 0,
            IrVideoOp.AddUs4 => Math.Min(x + y, 0xFF),
            IrVideoOp.SubUs4 => Math.Max(x - y, 0),
            _ => throw new ArgumentOutOfRangeException(nameof(op)),
        };
    }

    private static long Product24(int x, int y) => (long)(x << 8 >> 8) * (y << 8 >> 8);

    private static ulong Product24(uint x, uint y) => (ulong)(x & 0xFFFFFF) * (y & 0xFFFFFF);

    /// <summary>PTX bfe: bits beyond the value repeat the sign of the field, or are zero.</summary>
    private static ulong Extract(ulong value, int width, uint position, uint length, bool isSigned)
    {
        position &= 0xFF;
        length &= 0xFF;
        if (length == 0) return 0;
        var top = (int)Math.Min(position + length - 1, (uint)(width - 1));
        var fill = isSigned && (value >> top & 1) != 0 ? ulong.MaxValue : 0;
        if (position >= width) return fill;
        var count = top - (int)position + 1;
        var field = value >> (int)position & Ones(count);
        return field | (fill & ~Ones(count));
    }

    /// <summary>PTX bfi.</summary>
    private static ulong Insert(ulong value, ulong insert, int width, uint position, uint length)
    {
        position &= 0xFF;
        length &= 0xFF;
        if (position >= width || length == 0) return value;
        var mask = Ones((int)Math.Min(length, (uint)width - position)) << (int)position;
        return (value & ~mask) | (insert << (int)position & mask);
    }

    private static ulong Ones(int count) => count >= 64 ? ulong.MaxValue : (1UL << count) - 1;
}
