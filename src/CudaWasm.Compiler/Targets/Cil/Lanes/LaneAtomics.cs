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

    /// <summary>The method (start, indices, scale, mask, values, lanes) for an operation; null where there is none.</summary>
    public static MethodInfo? Find(IrAtomicOp op, IrType type)
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
        return typeof(LaneAtomics).GetMethod(nameof(Update), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(element, update.MakeGenericType(element));
    }

    /// <summary>Updates the elements at start + index * scale of the lanes whose bit is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Update<T, TUpdate>(byte* start, int* indices, int scale, uint mask, T* values, int lanes)
        where T : unmanaged
        where TUpdate : struct, ILaneUpdate<T>
    {
        if (mask == uint.MaxValue >> (32 - lanes) && scale == sizeof(T))
        {
            for (var lane = 0; lane < lanes; lane++)
            {
                var element = (T*)start + indices[lane];
                *element = TUpdate.Of(*element, values[lane]);
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
