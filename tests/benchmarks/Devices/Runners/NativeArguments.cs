using System.Runtime.InteropServices;
using CudaWasm.Benchmarks.Cases;

namespace CudaWasm.Benchmarks.Runners;

/// <summary>Bytes of the values among the arguments, in native memory.</summary>
internal static unsafe class NativeArguments
{
    /// <summary>Room for one value; the caller frees it.</summary>
    public static void* Copy(object value)
    {
        var target = (uint*)NativeMemory.Alloc(sizeof(uint));
        *target = value switch
        {
            int v => (uint)v,
            uint v => v,
            float v => BitConverter.SingleToUInt32Bits(v),
            _ => throw new NotSupportedException($"An argument of type {value.GetType().Name}."),
        };
        return target;
    }

    /// <summary>A copy of a buffer on a boundary of 64 bytes, as devices align theirs.</summary>
    public static void* Allocate(HostBuffer buffer)
    {
        var target = NativeMemory.AlignedAlloc((nuint)buffer.ByteLength, 64);
        buffer.Bytes.CopyTo(new Span<byte>(target, buffer.ByteLength));
        return target;
    }
}
