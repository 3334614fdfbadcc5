using CudaWasm.Compiler;
using CudaWasm.Compiler.IR;
using CudaWasm.Runtime;

namespace CudaWasm.Host.Worker;

/// <summary>What was published, compiled, with those of its kernels that are loaded on a device.</summary>
/// <param name="compilation">Its kernels.</param>
/// <param name="compileMs">What compiling or reading it took.</param>
/// <param name="isForeign">It was compiled elsewhere: whatever it makes the engine do is its own fault.</param>
/// <param name="limits">Of the memory that kernels have besides their buffers.</param>
internal sealed class CompiledSource(CudaCompilation compilation, double compileMs, bool isForeign, WorkerLimits limits)
{
    private readonly Dictionary<(Device, string), Kernel> _loaded = [];
    private readonly Lock _loading = new();

    public CudaCompilation Compilation { get; } = compilation;

    public double CompileMs { get; } = compileMs;

    /// <summary>The kernel that is wanted; the only one where no name is given.</summary>
    /// <exception cref="KernelCompileException">It is not there.</exception>
    public CompiledKernel Find(string? kernel)
    {
        if (kernel is null && Compilation.Kernels is [var only])
            return KernelCompiler.Find(Compilation, KernelSourceFiles.SourcePath, only.Name);
        if (kernel is null)
            throw WorkerProblem.BadRequest($"The source has several kernels; say which one with \"kernel\": {string.Join(", ", Compilation.Kernels.Select(k => k.Name))}.");

        return KernelCompiler.Find(Compilation, KernelSourceFiles.SourcePath, kernel);
    }

    /// <summary>The kernel on a device, with all accesses checked: what is published is not trusted.</summary>
    /// <exception cref="WorkerProblem">Its variables have more memory than is allowed, or no code can be made of it.</exception>
    public Kernel Load(Device device, CompiledKernel kernel)
    {
        if (kernel.Module is { } module)
            CheckMemory(kernel.Name, module);

        lock (_loading)
        {
            if (_loaded.TryGetValue((device, kernel.Name), out var loaded))
                return loaded;

            // Not disposed when the cache lets go of it, since a launch may use it still; its memory goes with the last user.
            return _loaded[(device, kernel.Name)] = Guard(kernel.Name, () => device.Load(kernel, new LoadOptions { Unchecked = false }));
        }
    }

    /// <summary>Loads all kernels, so that a publisher is told what is wrong with them.</summary>
    public void LoadAll(Device device, CancellationToken cancellationToken)
    {
        foreach (var kernel in Compilation.Kernels)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Load(device, kernel);
        }
    }

    /// <summary>Turns failures of the engine over code from elsewhere into refusals of it.</summary>
    public T Guard<T>(string kernel, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (isForeign && e is not (CudaWasmException or WorkerProblem or OperationCanceledException or OutOfMemoryException))
        {
            throw new WorkerProblem(422, "The kernel cannot be compiled or run so", $"No code can be made of the compiled kernel {kernel}: {e.GetType().Name}: {e.Message}");
        }
    }

    private void CheckMemory(string kernel, IrModule module)
    {
        if (module.Globals.Sum(g => (decimal)g.Bytes) > limits.MaxGlobalBytes)
            throw WorkerProblem.TooLarge(FormattableString.Invariant($"The __device__ and __constant__ variables of kernel {kernel} have more than {limits.MaxGlobalBytes} bytes; pass what is large as buffers."));
        if (module.Kernel.Variables.Where(v => v.Space == IrSpace.Local).Sum(v => (decimal)v.Bytes) > limits.MaxLocalBytes)
            throw WorkerProblem.TooLarge(FormattableString.Invariant($"The local variables of a thread of kernel {kernel} have more than {limits.MaxLocalBytes} bytes; pass what is large as buffers."));
    }
}
