using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

/// <summary>Memory of the process, and how it is given back.</summary>
internal abstract unsafe class HostMemory
{
    protected HostMemory(byte* address, long length)
    {
        Address = address;
        Length = length;
    }

    public byte* Address { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>Called once, from any thread.</summary>
    public abstract void Free();

    /// <summary>New memory of zeros, aligned for vectors and cache lines.</summary>
    /// <exception cref="CudaWasmException">The machine has not that much.</exception>
    public static HostMemory Allocate(long bytes, string name)
    {
        if (bytes < 0) throw new KernelArgumentException(DiagnosticCodes.BadArgument, string.Create(CultureInfo.InvariantCulture, $"Buffer {name} cannot have {bytes} bytes."));
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        try
        {
            // The system's zeroed pages cost nothing until they are used; memory that does not exist must not be promised.
            if (bytes > available) throw new OutOfMemoryException();
            var allocation = NativeMemory.AllocZeroed((nuint)bytes + Native.Alignment);
            HugePages.Ask((byte*)allocation, bytes);
            return new Native(allocation, bytes);
        }
        catch (OutOfMemoryException e)
        {
            throw new CudaWasmException(DiagnosticCodes.BadArgument, string.Create(CultureInfo.InvariantCulture, $"Buffer {name} of {bytes} bytes does not fit the memory of this machine ({available} bytes)."), e);
        }
    }

    /// <summary>An array, which stays where it is until this is freed.</summary>
    public static HostMemory Pin(Array array)
    {
        var pin = new PinnedGCHandle<Array>(array);
        return new Pinned(pin, (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array)), (long)array.Length * ElementBytes(array));
    }

    /// <summary>A part of memory that a handle keeps, as that of a memory-mapped file.</summary>
    public static HostMemory Keep(SafeBuffer memory, long offset, long length)
    {
        byte* start = null;
        memory.AcquirePointer(ref start);
        return new Kept(memory, start + offset, length);
    }

    /// <summary>Memory that the caller keeps.</summary>
    public static HostMemory Borrow(nint address, long length) => new Borrowed((byte*)address, length);

    private static int ElementBytes(Array array) => ElementType.Of(array.GetType().GetElementType()!)?.Size()
        ?? throw new KernelArgumentException(DiagnosticCodes.BadArgument, $"An array of {array.GetType().GetElementType()!.Name} cannot be a buffer: its elements must be numbers.");

    private sealed class Native(void* allocation, long length)
        : HostMemory((byte*)(((nuint)allocation + Alignment - 1) / Alignment * Alignment), length)
    {
        public const int Alignment = 64;

        private readonly void* _allocation = allocation;

        public override void Free() => NativeMemory.Free(_allocation);
    }

    private sealed class Pinned(PinnedGCHandle<Array> pin, byte* address, long length) : HostMemory(address, length)
    {
        private PinnedGCHandle<Array> _pin = pin;

        public override void Free() => _pin.Dispose();
    }

    private sealed class Kept(SafeBuffer memory, byte* address, long length) : HostMemory(address, length)
    {
        public override void Free() => memory.ReleasePointer();
    }

    private sealed class Borrowed(byte* address, long length) : HostMemory(address, length)
    {
        public override void Free()
        {
            // The caller does.
        }
    }
}
