using CudaWasm.Compiler;

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

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <param name="Name">What a user writes to choose the device.</param>
/// <param name="Kind">How it runs kernels.</param>
/// <param name="Description">For people.</param>
/// <param name="ComputeUnits">Cores, or multiprocessors.</param>
/// <param name="MemoryBytes">Memory that kernels may use.</param>
public sealed record DeviceInfo(string Name, DeviceKind Kind, string Description, int ComputeUnits, long MemoryBytes);
