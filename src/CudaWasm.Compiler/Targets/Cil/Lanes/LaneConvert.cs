using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// What the library's vectors lack: loads and stores that change the width of elements, and integer division. One overload a vector size,
/// told apart by the type of the vector (for loads by a dummy argument). Integers of 8 and 16 bits live in 32-bit lanes.
/// </summary>
internal static unsafe class LaneConvert
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadI8(byte* at, Vector256<int> _) =>
        Avx2.IsSupported ? Avx2.ConvertToVector256Int32((sbyte*)at) : Vector256.Create(Widen(Low(at).AsSByte()), Widen(Low(at + 4).AsSByte()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadU8(byte* at, Vector256<int> _) =>
        Avx2.IsSupported ? Avx2.ConvertToVector256Int32((byte*)at) : Vector256.Create(Widen(Low(at)), Widen(Low(at + 4)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadI16(byte* at, Vector256<int> _)
    {
        if (Avx2.IsSupported) return Avx2.ConvertToVector256Int32((short*)at);
        var (low, high) = Vector128.Widen(Vector128.Load((short*)at));
        return Vector256.Create(low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadU16(byte* at, Vector256<int> _)
    {
        if (Avx2.IsSupported) return Avx2.ConvertToVector256Int32((ushort*)at);
        var (low, high) = Vector128.Widen(Vector128.Load((ushort*)at));
        return Vector256.Create(low, high).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadI8(byte* at, Vector128<int> _) => Widen(Low(at).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadU8(byte* at, Vector128<int> _) => Widen(Low(at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadI16(byte* at, Vector128<int> _) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)at).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadU16(byte* at, Vector128<int> _) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)at).AsUInt16()).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadI8(byte* at, Vector512<int> _) => Vector512.Create(LoadI8(at, Vector256<int>.Zero), LoadI8(at + 8, Vector256<int>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadU8(byte* at, Vector512<int> _) => Vector512.Create(LoadU8(at, Vector256<int>.Zero), LoadU8(at + 8, Vector256<int>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadI16(byte* at, Vector512<int> _) => Vector512.Create(LoadI16(at, Vector256<int>.Zero), LoadI16(at + 16, Vector256<int>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadU16(byte* at, Vector512<int> _) => Vector512.Create(LoadU16(at, Vector256<int>.Zero), LoadU16(at + 16, Vector256<int>.Zero));

    /// <summary>Writes the low byte of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store8(byte* at, Vector128<int> value)
    {
        var words = Vector128.Narrow(value, value);
        *(int*)at = Vector128.Narrow(words, words).AsInt32().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store8(byte* at, Vector256<int> value)
    {
        var words = Vector128.Narrow(value.GetLower(), value.GetUpper());
        *(long*)at = Vector128.Narrow(words, words).AsInt64().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store8(byte* at, Vector512<int> value)
    {
        Store8(at, value.GetLower());
        Store8(at + 8, value.GetUpper());
    }

    /// <summary>Writes the low half of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store16(byte* at, Vector128<int> value) => *(long*)at = Vector128.Narrow(value, value).AsInt64().ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store16(byte* at, Vector256<int> value) => Vector128.Narrow(value.GetLower(), value.GetUpper()).Store((short*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store16(byte* at, Vector512<int> value)
    {
        Store16(at, value.GetLower());
        Store16(at + 16, value.GetUpper());
    }

    // Quotients of 32-bit integers are exact in double, which has 53 bits. A lane that divides by zero gets any value.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> DivideSigned(Vector256<int> a, Vector256<int> b) =>
        Vector256.Create(Quotient(a.GetLower(), b.GetLower()), Quotient(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> DivideUnsigned(Vector256<int> a, Vector256<int> b) =>
        Vector256.Create(UnsignedQuotient(a.GetLower(), b.GetLower()), UnsignedQuotient(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> DivideSigned(Vector128<int> a, Vector128<int> b) => Quotient(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> DivideUnsigned(Vector128<int> a, Vector128<int> b) => UnsignedQuotient(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> DivideSigned(Vector512<int> a, Vector512<int> b) =>
        Vector512.Create(DivideSigned(a.GetLower(), b.GetLower()), DivideSigned(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> DivideUnsigned(Vector512<int> a, Vector512<int> b) =>
        Vector512.Create(DivideUnsigned(a.GetLower(), b.GetLower()), DivideUnsigned(a.GetUpper(), b.GetUpper()));

    /// <summary>Doubles of the lower or upper half of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> LowerToDouble(Vector256<int> value) => ToDouble(value.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> UpperToDouble(Vector256<int> value) => ToDouble(value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> LowerToDouble(Vector128<int> value) => ToDouble(value).GetLower();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> UpperToDouble(Vector128<int> value) => ToDouble(value).GetUpper();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> LowerToDouble(Vector512<int> value) => ToDouble(value.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> UpperToDouble(Vector512<int> value) => ToDouble(value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> ToDouble(Vector256<int> value) => Vector512.Create(ToDouble(value.GetLower()), ToDouble(value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> ToDouble(Vector128<int> value)
    {
        if (Avx.IsSupported) return Avx.ConvertToVector256Double(value);
        var (low, high) = Vector128.Widen(value);
        return Vector256.Create(Vector128.ConvertToDouble(low), Vector128.ConvertToDouble(high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Truncate(Vector256<double> value)
    {
        if (Avx.IsSupported) return Avx.ConvertToVector128Int32WithTruncation(value);
        return Vector128.Narrow(Vector128.ConvertToInt64(value.GetLower()), Vector128.ConvertToInt64(value.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Quotient(Vector128<int> a, Vector128<int> b)
    {
        var quotient = Truncate(ToDouble(a) / ToDouble(b));
        // The smallest integer by -1 gives itself.
        return Vector128.ConditionalSelect(Vector128.Equals(b, Vector128<int>.AllBitsSet), -a, quotient);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> UnsignedQuotient(Vector128<int> a, Vector128<int> b)
    {
        var bias = Vector128.Create(int.MinValue);
        var offset = Vector256.Create(2147483648.0);
        var quotient = Truncate((ToDouble(a ^ bias) + offset) / (ToDouble(b ^ bias) + offset));
        // Only a division by one has a quotient beyond the signed integers.
        return Vector128.ConditionalSelect(Vector128.Equals(b, Vector128<int>.One), a, quotient);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Low(byte* at) => Vector128.CreateScalarUnsafe(*(int*)at).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widen(Vector128<byte> value) => Vector128.WidenLower(Vector128.WidenLower(value)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widen(Vector128<sbyte> value) => Vector128.WidenLower(Vector128.WidenLower(value));
}
