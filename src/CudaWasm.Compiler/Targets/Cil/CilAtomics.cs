using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Atomic read-modify-write on raw memory; all return the old value. F16 and BF16 come and go as floats.</summary>
internal static unsafe class CilAtomics
{
    /// <summary>The method for an operation: (address, value), or (address, compare, value) for a compare-exchange.</summary>
    public static MethodInfo Find(IrAtomicOp op, IrType type)
    {
        if (type is IrType.F16 or IrType.BF16) return Method((type == IrType.F16 ? "Half" : "BFloat16") + op) ?? throw Unsupported(op, type);
        var element = type switch
        {
            IrType.I32 => typeof(int),
            IrType.U32 => typeof(uint),
            IrType.I64 => typeof(long),
            IrType.U64 or IrType.Pointer => typeof(ulong),
            IrType.U16 => typeof(ushort),
            IrType.F32 => typeof(float),
            IrType.F64 => typeof(double),
            _ => throw Unsupported(op, type),
        };
        if (op == IrAtomicOp.Add && type is IrType.I32 or IrType.U32 or IrType.I64 or IrType.U64) return Method(type.Size() == 4 ? nameof(AddInteger32) : nameof(AddInteger64))!;
        if (type.IsFloat() && op is IrAtomicOp.And or IrAtomicOp.Or or IrAtomicOp.Xor or IrAtomicOp.Increment or IrAtomicOp.Decrement) throw Unsupported(op, type);
        return Method(op.ToString())!.MakeGenericMethod(element);
    }

    public static int AddInteger32(int* address, int value) => Interlocked.Add(ref *address, value) - value;

    public static long AddInteger64(long* address, long value) => Interlocked.Add(ref *address, value) - value;

    public static T Add<T>(T* address, T value)
        where T : unmanaged, INumber<T>
    {
        while (true)
        {
            var old = *address;
            if (Swap(address, old, old + value)) return old;
        }
    }

    public static T Exchange<T>(T* address, T value)
        where T : unmanaged
    {
        while (true)
        {
            var old = *address;
            if (Swap(address, old, value)) return old;
        }
    }

    public static T Min<T>(T* address, T value)
        where T : unmanaged, INumber<T>
    {
        while (true)
        {
            var old = *address;
            if (!(value < old) || Swap(address, old, value)) return old;
        }
    }

    public static T Max<T>(T* address, T value)
        where T : unmanaged, INumber<T>
    {
        while (true)
        {
            var old = *address;
            if (!(value > old) || Swap(address, old, value)) return old;
        }
    }

    public static T Increment<T>(T* address, T value)
        where T : unmanaged, INumber<T>
    {
        while (true)
        {
            var old = *address;
            if (Swap(address, old, old >= value ? T.Zero : old + T.One)) return old;
        }
    }

    public static T Decrement<T>(T* address, T value)
        where T : unmanaged, INumber<T>
    {
        while (true)
        {
            var old = *address;
            if (Swap(address, old, old == T.Zero || old > value ? value : old - T.One)) return old;
        }
    }

    public static T And<T>(T* address, T value)
        where T : unmanaged, IBinaryInteger<T>
    {
        while (true)
        {
            var old = *address;
            if (Swap(address, old, old & value)) return old;
        }
    }

    public static T Or<T>(T* address, T value)
        where T : unmanaged, IBinaryInteger<T>
    {
        while (true)
        {
            var old = *address;
            if (Swap(address, old, old | value)) return old;
        }
    }

    public static T Xor<T>(T* address, T value)
        where T : unmanaged, IBinaryInteger<T>
    {
        while (true)
        {
            var old = *address;
            if (Swap(address, old, old ^ value)) return old;
        }
    }

    /// <summary>Compares bits, so that a float's -0 and 0 differ and NaN equals itself.</summary>
    public static T CompareExchange<T>(T* address, T compare, T value)
        where T : unmanaged
    {
        while (true)
        {
            var old = *address;
            if (!SameBits(old, compare) || Swap(address, old, value)) return old;
        }
    }

    public static float HalfAdd(ushort* address, float value)
    {
        while (true)
        {
            var old = *address;
            var before = CilConvert.HalfBitsToSingle(old);
            if (Swap(address, old, CilConvert.SingleToHalfBits(before + value))) return before;
        }
    }

    public static float HalfExchange(ushort* address, float value) => CilConvert.HalfBitsToSingle(Exchange(address, CilConvert.SingleToHalfBits(value)));

    public static float HalfCompareExchange(ushort* address, float compare, float value) =>
        CilConvert.HalfBitsToSingle(CompareExchange(address, CilConvert.SingleToHalfBits(compare), CilConvert.SingleToHalfBits(value)));

    public static float BFloat16Add(ushort* address, float value)
    {
        while (true)
        {
            var old = *address;
            var before = CilConvert.BFloat16BitsToSingle(old);
            if (Swap(address, old, CilConvert.SingleToBFloat16Bits(before + value))) return before;
        }
    }

    public static float BFloat16Exchange(ushort* address, float value) => CilConvert.BFloat16BitsToSingle(Exchange(address, CilConvert.SingleToBFloat16Bits(value)));

    public static float BFloat16CompareExchange(ushort* address, float compare, float value) =>
        CilConvert.BFloat16BitsToSingle(CompareExchange(address, CilConvert.SingleToBFloat16Bits(compare), CilConvert.SingleToBFloat16Bits(value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Swap<T>(T* address, T old, T value)
        where T : unmanaged
    {
        if (sizeof(T) == 2)
        {
            var before = Unsafe.BitCast<T, ushort>(old);
            return Interlocked.CompareExchange(ref *(ushort*)address, Unsafe.BitCast<T, ushort>(value), before) == before;
        }

        if (sizeof(T) == 4)
        {
            var before = Unsafe.BitCast<T, int>(old);
            return Interlocked.CompareExchange(ref *(int*)address, Unsafe.BitCast<T, int>(value), before) == before;
        }
        else
        {
            var before = Unsafe.BitCast<T, long>(old);
            return Interlocked.CompareExchange(ref *(long*)address, Unsafe.BitCast<T, long>(value), before) == before;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool SameBits<T>(T a, T b)
        where T : unmanaged => sizeof(T) switch
        {
            2 => Unsafe.BitCast<T, ushort>(a) == Unsafe.BitCast<T, ushort>(b),
            4 => Unsafe.BitCast<T, int>(a) == Unsafe.BitCast<T, int>(b),
            _ => Unsafe.BitCast<T, long>(a) == Unsafe.BitCast<T, long>(b),
        };

    private static MethodInfo? Method(string name) => typeof(CilAtomics).GetMethod(name, BindingFlags.Static | BindingFlags.Public);

    private static NotSupportedException Unsupported(IrAtomicOp op, IrType type) => new($"The CPU target has no atomic {op} of {type}.");
}
