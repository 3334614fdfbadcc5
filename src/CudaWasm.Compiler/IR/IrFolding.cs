namespace CudaWasm.Compiler.IR;

/// <summary>Arithmetic on constants, exactly as the running code does it. Null where the result must be left to run time.</summary>
public static class IrFolding
{
    /// <summary>Wraps a 64-bit value to an integer type, sign- or zero-extended as <see cref="IrConstant"/> keeps it.</summary>
    public static long Wrap(IrType type, long value) => type switch
    {
        IrType.Bool => value != 0 ? 1 : 0,
        IrType.I8 => (sbyte)value,
        IrType.U8 => (byte)value,
        IrType.I16 => (short)value,
        IrType.U16 => (ushort)value,
        IrType.I32 => (int)value,
        IrType.U32 => (uint)value,
        _ => value,
    };

    /// <summary>Rounds a double to a floating type, once.</summary>
    public static double Round(IrType type, double value) => type switch
    {
        IrType.F32 => (float)value,
        IrType.F16 => (double)(Half)value,
        IrType.BF16 => RoundToBFloat16(value),
        _ => value,
    };

    public static IrConstant? Unary(IrUnaryOp op, IrConstant a) => op switch
    {
        IrUnaryOp.Negate when a.Type.IsFloat() => IrBuilder.Float(a.Type, -a.AsDouble),
        IrUnaryOp.Negate => IrBuilder.Integer(a.Type, unchecked(-a.Bits)),
        IrUnaryOp.BitNot => IrBuilder.Integer(a.Type, ~a.Bits),
        _ => IrBuilder.Integer(IrType.Bool, a.Bits == 0 ? 1 : 0),
    };

    public static IrConstant? Binary(IrBinaryOp op, IrConstant a, IrConstant b) => a.Type.IsFloat() ? FloatBinary(op, a, b) : IntegerBinary(op, a, b);

    public static IrConstant? Convert(IrType type, IrConstant a)
    {
        if (type == IrType.Bool) return IrBuilder.Integer(type, a.Type.IsFloat() ? (a.AsDouble != 0 ? 1 : 0) : a.Bits);
        if (a.Type.IsFloat()) return type.IsFloat() ? IrBuilder.Float(type, a.AsDouble) : new IrConstant(type, Saturate(type, a.AsDouble));
        if (!type.IsFloat()) return IrBuilder.Integer(type, a.Bits);
        // U64 and I64 to F32 round once from the integer, not by way of double.
        if (type == IrType.F32) return IrBuilder.Float(type, a.Type == IrType.U64 ? (float)(ulong)a.Bits : (float)a.Bits);
        return IrBuilder.Float(type, a.Type == IrType.U64 ? (ulong)a.Bits : a.Bits);
    }

    public static IrConstant? Bitcast(IrType type, IrConstant a)
    {
        if (type.Size() != a.Type.Size()) return null;
        var raw = a.Type switch
        {
            IrType.F32 => BitConverter.SingleToInt32Bits((float)a.AsDouble),
            IrType.F16 => BitConverter.HalfToInt16Bits((Half)a.AsDouble),
            IrType.BF16 => BitConverter.SingleToInt32Bits((float)a.AsDouble) >> 16,
            _ => a.Bits,
        };
        return type switch
        {
            IrType.F32 => IrBuilder.Float(type, BitConverter.Int32BitsToSingle((int)raw)),
            IrType.F16 => IrBuilder.Float(type, (double)BitConverter.Int16BitsToHalf((short)raw)),
            IrType.BF16 => IrBuilder.Float(type, BitConverter.Int32BitsToSingle((int)raw << 16)),
            IrType.F64 => new IrConstant(type, raw),
            _ => IrBuilder.Integer(type, raw),
        };
    }

    private static IrConstant? FloatBinary(IrBinaryOp op, IrConstant a, IrConstant b)
    {
        var (x, y) = (a.AsDouble, b.AsDouble);
        // + - * / of two floats in double, rounded to float, give what float arithmetic gives: double has more than twice the bits.
        return op switch
        {
            IrBinaryOp.Add => IrBuilder.Float(a.Type, x + y),
            IrBinaryOp.Subtract => IrBuilder.Float(a.Type, x - y),
            IrBinaryOp.Multiply => IrBuilder.Float(a.Type, x * y),
            IrBinaryOp.Divide => IrBuilder.Float(a.Type, x / y),
            IrBinaryOp.Equal => Truth(x == y),
            IrBinaryOp.NotEqual => Truth(x != y),
            IrBinaryOp.Less => Truth(x < y),
            IrBinaryOp.LessOrEqual => Truth(x <= y),
            IrBinaryOp.Greater => Truth(x > y),
            IrBinaryOp.GreaterOrEqual => Truth(x >= y),
            _ => null,
        };
    }

    private static IrConstant? IntegerBinary(IrBinaryOp op, IrConstant a, IrConstant b)
    {
        var type = a.Type;
        var unsigned = !type.IsSigned();
        var (x, y) = (a.Bits, b.Bits);
        unchecked
        {
            return op switch
            {
                IrBinaryOp.Add => IrBuilder.Integer(type, x + y),
                IrBinaryOp.Subtract => IrBuilder.Integer(type, x - y),
                IrBinaryOp.Multiply => IrBuilder.Integer(type, x * y),
                IrBinaryOp.Divide or IrBinaryOp.Remainder when y == 0 => null,
                IrBinaryOp.Divide when unsigned => IrBuilder.Integer(type, (long)((ulong)x / (ulong)y)),
                IrBinaryOp.Remainder when unsigned => IrBuilder.Integer(type, (long)((ulong)x % (ulong)y)),
                IrBinaryOp.Divide => IrBuilder.Integer(type, y == -1 ? -x : x / y),
                IrBinaryOp.Remainder => IrBuilder.Integer(type, y == -1 ? 0 : x % y),
                IrBinaryOp.And => IrBuilder.Integer(type, x & y),
                IrBinaryOp.Or => IrBuilder.Integer(type, x | y),
                IrBinaryOp.Xor => IrBuilder.Integer(type, x ^ y),
                IrBinaryOp.ShiftLeft or IrBinaryOp.ShiftRight when y < 0 || y >= type.Size() * 8 => null,
                IrBinaryOp.ShiftLeft => IrBuilder.Integer(type, x << (int)y),
                IrBinaryOp.ShiftRight => IrBuilder.Integer(type, unsigned ? (long)((ulong)x >> (int)y) : x >> (int)y),
                IrBinaryOp.Equal => Truth(x == y),
                IrBinaryOp.NotEqual => Truth(x != y),
                IrBinaryOp.Less => Truth(unsigned ? (ulong)x < (ulong)y : x < y),
                IrBinaryOp.LessOrEqual => Truth(unsigned ? (ulong)x <= (ulong)y : x <= y),
                IrBinaryOp.Greater => Truth(unsigned ? (ulong)x > (ulong)y : x > y),
                IrBinaryOp.GreaterOrEqual => Truth(unsigned ? (ulong)x >= (ulong)y : x >= y),
                _ => null,
            };
        }
    }

    private static IrConstant Truth(bool value) => value ? IrBuilder.True : IrBuilder.False;

    /// <summary>Truncates; out of range gives the nearest value, NaN gives 0.</summary>
    private static long Saturate(IrType type, double value) => type switch
    {
        IrType.I8 => sbyte.CreateSaturating(value),
        IrType.U8 => byte.CreateSaturating(value),
        IrType.I16 => short.CreateSaturating(value),
        IrType.U16 => ushort.CreateSaturating(value),
        IrType.I32 => int.CreateSaturating(value),
        IrType.U32 => uint.CreateSaturating(value),
        IrType.U64 => (long)ulong.CreateSaturating(value),
        _ => long.CreateSaturating(value),
    };

    private static double RoundToBFloat16(double value)
    {
        if (double.IsNaN(value)) return value;
        var bits = BitConverter.SingleToUInt32Bits((float)value);
        bits += 0x7FFF + ((bits >> 16) & 1);
        return BitConverter.UInt32BitsToSingle(bits & 0xFFFF0000);
    }
}
