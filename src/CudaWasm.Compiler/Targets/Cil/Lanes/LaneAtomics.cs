using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>What an update makes of a value.</summary>
internal interface ILaneUpdate<T>
{
    static abstract T Of(T old, T value);
}

/// <summary>Updates of shared memory by the lanes, in their order, of which none asks what was there: histograms and other tallies.</summary>
internal static unsafe class LaneAtomics
{
    private readonly struct Add<T> : ILaneUpdate<T>
        where T : INumber<T>
    {
        public static T Of(T old, T value) => old + value;
    }

    private readonly struct Min<T> : ILaneUpdate<T>
        where T : INumber<T>
    {
        public static T Of(T old, T value) => T.Min(old, value);
    }

    private readonly struct Max<T> : ILaneUpdate<T>
        where T : INumber<T>
    {
        public static T Of(T old, T value) => T.Max(old, value);
    }

    private readonly struct And<T> : ILaneUpdate<T>
        where T : IBinaryInteger<T>
    {
        public static T Of(T old, T value) => old & value;
    }

    private readonly struct Or<T> : ILaneUpdate<T>
        where T : IBinaryInteger<T>
    {
        public static T Of(T old, T value) => old | value;
    }

    /// <summary>The methods for an operation; null where there are none.</summary>
    /// <returns>One method (start, indices, scale, mask, values, lanes), and one (start, indices, value, lanes) for all lanes, a value they share and whole elements.</returns>
    public static (MethodInfo Any, MethodInfo Shared)? Find(IrAtomicOp op, IrType type)
    {
        var element = type switch { IrType.I32 => typeof(int), IrType.U32 => typeof(uint), IrType.F32 => typeof(float), _ => null };
        var update = op switch
        {
            IrAtomicOp.Add => typeof(Add<>),
            IrAtomicOp.Min when type != IrType.F32 => typeof(Min<>),
            IrAtomicOp.Max when type != IrType.F32 => typeof(Max<>),
            IrAtomicOp.And => typeof(And<>),
            IrAtomicOp.Or => typeof(Or<>),
            _ => null,
        };
        if (element is null || update is null) return null;
        return (Method(nameof(Update)), Method(nameof(UpdateShared)));

        MethodInfo Method(string name) => typeof(LaneAtomics).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(element, update.MakeGenericType(element));
    }

    /// <summary>Updates the elements at the indices with one value. There are at least four lanes, and a multiple of that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UpdateShared<T, TUpdate>(byte* start, int* indices, T value, int lanes)
        where T : unmanaged
        where TUpdate : struct, ILaneUpdate<T>
    {
        // Two indices a read: what was stored as vectors and is read in small pieces keeps the processor waiting for stores to the elements between.
        var elements = (T*)start;
        var end = (long*)(indices + lanes);
        for (var pairs = (long*)indices; pairs < end; pairs += 2)
        {
            // One after the other: the next may be the same.
            var (first, second) = (pairs[0], pairs[1]);
            elements[(int)first] = TUpdate.Of(elements[(int)first], value);
            elements[first >> 32] = TUpdate.Of(elements[first >> 32], value);
            elements[(int)second] = TUpdate.Of(elements[(int)second], value);
            elements[second >> 32] = TUpdate.Of(elements[second >> 32], value);
        }
    }

    /// <summary>Updates the elements at start + index * scale of the lanes whose bit is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Update<T, TUpdate>(byte* start, int* indices, int scale, uint mask, T* values, int lanes)
        where T : unmanaged
        where TUpdate : struct, ILaneUpdate<T>
    {
        if (mask == uint.MaxValue >> (32 - lanes) && scale == sizeof(T))
        {
            var elements = (T*)start;
            for (var lane = 0; lane < lanes; lane += 2)
            {
                var pair = *(long*)(indices + lane);
                elements[(int)pair] = TUpdate.Of(elements[(int)pair], values[lane]);
                elements[pair >> 32] = TUpdate.Of(elements[pair >> 32], values[lane + 1]);
            }

            return;
        }

        for (; mask != 0; mask &= mask - 1)
        {
            var lane = BitOperations.TrailingZeroCount(mask);
            var element = (T*)(start + ((long)indices[lane] * scale));
            *element = TUpdate.Of(*element, values[lane]);
        }
    }
}
