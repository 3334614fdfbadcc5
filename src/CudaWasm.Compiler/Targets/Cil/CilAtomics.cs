using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>How an update replaces a value that it has read.</summary>
internal unsafe interface ICilMemory
{
    /// <summary>False if the value is no longer there.</summary>
    static abstract bool Swap<T>(T* address, T old, T value)
        where T : unmanaged;
}

/// <summary>Memory that other cores may change.</summary>
internal readonly unsafe struct CommonMemory : ICilMemory
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Swap<T>(T* address, T old, T value)
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
}

/// <summary>Memory of the block that one core runs.</summary>
internal readonly unsafe struct BlockMemory : ICilMemory
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Swap<T>(T* address, T old, T value)
        where T : unmanaged
    {
        *address = value;
        return true;
    }
}

/// <summary>Atomic read-modify-write on raw memory; all return the old value. F16 and BF16 come and go as floats.</summary>
internal static unsafe class CilAtomics
{
    /// <summary>The method for an operation: (address, value), or (address, compare, value) for a compare-exchange.</summary>
    /// <param name="op">What to do.</param>
    /// <param name="type">Of what.</param>
    /// <param name="isOwn">Only the block's own core sees the memory: shared memory.</param>
    public static MethodInfo Find(IrAtomicOp op, IrType type, bool isOwn)
    {
        var memory = isOwn ? typeof(BlockMemory) : typeof(CommonMemory);
        if (type is IrType.F16 or IrType.BF16) return Method((type == IrType.F16 ? "Half" : "BFloat16") + op)?.MakeGenericMethod(memory) ?? throw Unsupported(op, type);
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
        if (!isOwn && op == IrAtomicOp.Add && type is IrType.I32 or IrType.U32 or IrType.I64 or IrType.U64) return Method(type.Size() == 4 ? nameof(AddInteger32) : nameof(AddInteger64))!;
        if (type.IsFloat() && op is IrAtomicOp.And or IrAtomicOp.Or or IrAtomicOp.Xor or IrAtomicOp.Increment or IrAtomicOp.Decrement) throw Unsupported(op, type);
        return Method(op.ToString())!.MakeGenericMethod(element, memory);
    }

    public static int AddInteger32(int* address, int value) => Interlocked.Add(ref *address, value) - value;

    public static long AddInteger64(long* address, long value) => Interlocked.Add(ref *address, value) - value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add<T, TMemory>(T* address, T value)
        where T : unmanaged, INumber<T>
        where TMemory : struct, ICilMemory
    {
        while (true)
        {
            var old = *address;
            if (TMemory.Swap(address, old, old + value)) return old;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exchange<T, TMemory>(T* address, T value)
        where T : unmanaged
        where TMemory : struct, ICilMemory
    {
        while (true)
        {
            var old = *address;
            if (TMemory.Swap(address, old, value)) return old;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Min<T, TMemory>(T* address, T value)
        where T : unmanaged, INumber<T>
        where TMemory : struct, ICilMemory
    {
        while (true)
        {
            var old = *address;
            if (!(value < old) || TMemory.Swap(address, old, value)) return old;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Max<T, TMemory>(T* address, T value)
        where T : unmanaged, INumber<T>
        where TMemory : struct, ICilMemory
    {
        while (true)
        {
            var old = *address;
            if (!(value > old) || TMemory.Swap(address, old, value)) return old;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Increment<T, TMemory>(T* address, T value)
        where T : unmanaged, INumber<T>
        where TMemory : struct, ICilMemory
    {
        while (true)
        {
            var old = *address;
            if (TMemory.Swap(address, old, old >= value ? T.Zero : old + T.One)) return old;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Decrement<T, TMemory>(T* address, T value)
        where T : unmanaged, INumber<T>
        where TMemory : struct, ICilMemory
    {
        while (true)
        {
            var old = *address;
            if (TMemory.Swap(address, old, old == T.Zero || old > value ? value : old - T.One)) return old;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T And<T, TMemory>(T* address, T value)
        where T : unmanaged, IBinaryInteger<T>
        where TMemory : struct, ICilMemory
    {
        while (true)
        {
            var old = *address;
            if (TMemory.Swap(address, old, old & value)) return old;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Or<T, TMemory>(T* address, T value)
        where T : unmanaged, IBinaryInteger<T>
        where TMemory : struct, ICilMemory
    {
        while (true)
        {
            var old = *address;
            if (TMemory.Swap(address, old, old | value)) return old;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Xor<T, TMemory>(T* address, T value)
        where T : unmanaged, IBinaryInteger<T>
        where TMemory : struct, ICilMemory
    {
        while (true)
        {
            var old = *address;
            if (TMemory.Swap(address, old, old ^ value)) return old;
        }
    }

    /// <summary>Compares bits, so that a float's -0 and 0 differ and NaN equals itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T CompareExchange<T, TMemory>(T* address, T compare, T value)
        where T : unmanaged
        where TMemory : struct, ICilMemory
    {
        while (true)
        {
            var old = *address;
            if (!SameBits(old, compare) || TMemory.Swap(address, old, value)) return old;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float HalfAdd<TMemory>(ushort* address, float value)
        where TMemory : struct, ICilMemory
    {
        while (true)
        {
            var old = *address;
            var before = CilConvert.HalfBitsToSingle(old);
            if (TMemory.Swap(address, old, CilConvert.SingleToHalfBits(before + value))) return before;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float HalfExchange<TMemory>(ushort* address, float value)
        where TMemory : struct, ICilMemory => CilConvert.HalfBitsToSingle(Exchange<ushort, TMemory>(address, CilConvert.SingleToHalfBits(value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float HalfCompareExchange<TMemory>(ushort* address, float compare, float value)
        where TMemory : struct, ICilMemory => CilConvert.HalfBitsToSingle(CompareExchange<ushort, TMemory>(address, CilConvert.SingleToHalfBits(compare), CilConvert.SingleToHalfBits(value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float BFloat16Add<TMemory>(ushort* address, float value)
        where TMemory : struct, ICilMemory
    {
        while (true)
        {
            var old = *address;
            var before = CilConvert.BFloat16BitsToSingle(old);
            if (TMemory.Swap(address, old, CilConvert.SingleToBFloat16Bits(before + value))) return before;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float BFloat16Exchange<TMemory>(ushort* address, float value)
        where TMemory : struct, ICilMemory => CilConvert.BFloat16BitsToSingle(Exchange<ushort, TMemory>(address, CilConvert.SingleToBFloat16Bits(value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float BFloat16CompareExchange<TMemory>(ushort* address, float compare, float value)
        where TMemory : struct, ICilMemory => CilConvert.BFloat16BitsToSingle(CompareExchange<ushort, TMemory>(address, CilConvert.SingleToBFloat16Bits(compare), CilConvert.SingleToBFloat16Bits(value)));

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
