using System.Runtime.InteropServices;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime;

public enum DeviceKind
{
    Cpu,
    Wasm,
    WebGpu,
    OpenCl,
    Cuda,
}

/// <summary>Something that runs kernels. Launches on one device run one after the other.</summary>
public abstract class Device : IDisposable
{
    private int _streams;

    /// <summary>What a user writes to choose it: <c>cpu</c>.</summary>
    public abstract string Name { get; }

    public abstract DeviceKind Kind { get; }

    public abstract string Description { get; }

    /// <summary>Cores, or multiprocessors.</summary>
    public abstract int ComputeUnits { get; }

    public abstract long MemoryBytes { get; }

    /// <summary>Makes a compiled kernel ready to run here.</summary>
    /// <exception cref="KernelCompileException">The kernel has errors, or needs what this device lacks.</exception>
    public abstract Kernel Load(CompiledKernel kernel, LoadOptions? options = null);

    /// <summary>Memory for a pointer argument, filled with zeros.</summary>
    /// <param name="bytes">Size; 0 is allowed.</param>
    /// <param name="name">For messages.</param>
    public abstract DeviceBuffer Allocate(long bytes, string? name = null);

    /// <summary>Kernels reach the memory of the process, so that buffers can be made of it without a copy.</summary>
    public virtual bool SharesMemory => false;

    /// <summary>
    /// A buffer that is an array of numbers or truth values, of one or more dimensions: kernels read and write the array itself. It stays where
    /// it is in memory until the buffer is disposed.
    /// </summary>
    /// <exception cref="KernelArgumentException">The array has other elements, or the device has memory of its own.</exception>
    public DeviceBuffer Wrap(Array array, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(array);
        CheckShares();
        return WrapArray(array, name ?? "array");
    }

    /// <summary>
    /// A buffer that is memory behind a handle, such as a memory-mapped file's (<c>MemoryMappedViewAccessor.SafeMemoryMappedViewHandle</c>,
    /// whose view begins at its <c>PointerOffset</c>). The handle is kept open until the buffer is disposed.
    /// </summary>
    /// <param name="memory">The handle.</param>
    /// <param name="offset">Where in its memory the buffer begins.</param>
    /// <param name="bytes">Size of the buffer.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="KernelArgumentException">The handle has not that many bytes there, or the device has memory of its own.</exception>
    public DeviceBuffer Wrap(SafeBuffer memory, long offset, long bytes, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(memory);
        CheckShares();
        if (offset >= 0 && bytes >= 0 && (ulong)bytes <= memory.ByteLength && (ulong)offset <= memory.ByteLength - (ulong)bytes) return WrapMemory(memory, offset, bytes, name ?? "memory");
        throw new KernelArgumentException(DiagnosticCodes.BadArgument, string.Create(null, $"{bytes} bytes at offset {offset} do not fit memory of {memory.ByteLength} bytes."));
    }

    /// <summary>A buffer that is native memory. The caller keeps it until the buffer is disposed and all launches with it have ended.</summary>
    /// <exception cref="KernelArgumentException">The address is zero, the size negative, or the device has memory of its own.</exception>
    public DeviceBuffer Wrap(nint address, long bytes, string? name = null)
    {
        CheckShares();
        if (address != 0 && bytes >= 0) return WrapMemory(address, bytes, name ?? "memory");
        throw new KernelArgumentException(DiagnosticCodes.BadArgument, string.Create(null, $"{bytes} bytes at address {address} cannot be a buffer."));
    }

    /// <summary>A queue of launches and copies, which a thread of its own works off; it sleeps while there is nothing to do.</summary>
    /// <param name="name">For messages.</param>
    public DeviceStream CreateStream(string? name = null) => new(this, name ?? string.Create(null, $"{Interlocked.Increment(ref _streams)}"));

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Called where <see cref="SharesMemory"/> is true.</summary>
    protected virtual DeviceBuffer WrapArray(Array array, string name) => throw new NotSupportedException();

    /// <summary>Called where <see cref="SharesMemory"/> is true, with a range that is inside.</summary>
    protected virtual DeviceBuffer WrapMemory(SafeBuffer memory, long offset, long bytes, string name) => throw new NotSupportedException();

    /// <summary>Called where <see cref="SharesMemory"/> is true.</summary>
    protected virtual DeviceBuffer WrapMemory(nint address, long bytes, string name) => throw new NotSupportedException();

    protected abstract void Dispose(bool disposing);

    private void CheckShares()
    {
        if (!SharesMemory) throw new KernelArgumentException(DiagnosticCodes.BadArgument, $"Device {Name} has memory of its own: allocate a buffer there and copy.");
    }
}

/// <param name="Name">What a user writes to choose the device.</param>
/// <param name="Kind">How it runs kernels.</param>
/// <param name="Description">For people.</param>
/// <param name="ComputeUnits">Cores, or multiprocessors.</param>
/// <param name="MemoryBytes">Memory that kernels may use.</param>
public sealed record DeviceInfo(string Name, DeviceKind Kind, string Description, int ComputeUnits, long MemoryBytes);
