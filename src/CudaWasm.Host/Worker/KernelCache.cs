using System.Diagnostics;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Caching;

namespace CudaWasm.Host.Worker;

/// <summary>A published source, compiled, with those of its kernels that are loaded on a device.</summary>
internal sealed class CompiledSource(CudaCompilation compilation, double compileMs)
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
    /// <exception cref="WorkerProblem">Its globals have more than <paramref name="maxGlobalBytes"/>, which are kept as long as it is.</exception>
    public Kernel Load(Device device, CompiledKernel kernel, long maxGlobalBytes)
    {
        if (kernel.Module is { } module && module.Globals.Sum(g => (decimal)g.Bytes) > maxGlobalBytes)
            throw WorkerProblem.TooLarge(FormattableString.Invariant($"The __device__ and __constant__ variables of kernel {kernel.Name} have more than {maxGlobalBytes} bytes; pass what is large as buffers."));

        lock (_loading)
        {
            if (_loaded.TryGetValue((device, kernel.Name), out var loaded))
                return loaded;

            // Not disposed when the cache lets go of it, since a launch may use it still; its memory goes with the last user.
            return _loaded[(device, kernel.Name)] = device.Load(kernel, new LoadOptions { Unchecked = false });
        }
    }
}

/// <summary>
/// Compiles published sources, one at a time, and keeps the results of those used last. What was compiled once is kept in a folder, too: a
/// worker that starts again reads it from there. Machine code is made from it anew.
/// </summary>
internal sealed class KernelCache(WorkerLimits limits, WorkerMetrics metrics, CompileCache compiled) : IDisposable
{
    private const int Capacity = 256;

    private readonly SemaphoreSlim _compiling = new(1, 1);
    private readonly LinkedList<(string Version, CompiledSource Source)> _byUse = new();
    private readonly Dictionary<string, LinkedListNode<(string Version, CompiledSource Source)>> _sources = new(StringComparer.Ordinal);

    public void Dispose() => _compiling.Dispose();

    /// <summary>The compiled source, and what its compilation took just now: 0 where it was here already.</summary>
    /// <exception cref="WorkerProblem">It takes too long to compile.</exception>
    public async Task<(CompiledSource Source, double CompileMs)> GetAsync(StoredKernel kernel, CancellationToken cancellationToken)
    {
        if (Find(kernel.Version) is { } known)
        {
            metrics.CacheHit();
            return (known, 0);
        }

        await _compiling.WaitAsync(cancellationToken);
        try
        {
            if (Find(kernel.Version) is { } meanwhile)
            {
                metrics.CacheHit();
                return (meanwhile, 0);
            }

            metrics.CacheMiss();
            var source = await CompileAsync(kernel.Content, cancellationToken);
            Add(kernel.Version, source);
            return (source, source.CompileMs);
        }
        finally
        {
            _compiling.Release();
        }
    }

    private async Task<CompiledSource> CompileAsync(KernelSource source, CancellationToken cancellationToken)
    {
        var files = new KernelSourceFiles(source);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(limits.MaxCompileTime);
        var options = new CompileOptions
        {
            Defines = source.Defines ?? new Dictionary<string, string>(),
            Kernels = source.Kernels ?? [],
            CancellationToken = limit.Token,
        };
        var watch = Stopwatch.StartNew();
        try
        {
            var compilation = await Task.Run(() => compiled.GetOrCompile(new SourceText(KernelSourceFiles.SourcePath, source.Source), () => files, options), CancellationToken.None);
            metrics.Compiled(isFromFolder: compilation.Cache == CacheOutcome.Hit);
            return new CompiledSource(compilation, watch.Elapsed.TotalMilliseconds);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WorkerProblem(422, "The kernel cannot be compiled or run so", FormattableString.Invariant($"The source takes longer than {limits.MaxCompileTime.TotalSeconds:0.#} s to compile."));
        }
    }

    private CompiledSource? Find(string version)
    {
        lock (_sources)
        {
            if (!_sources.TryGetValue(version, out var node))
                return null;

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Source;
        }
    }

    private void Add(string version, CompiledSource source)
    {
        lock (_sources)
        {
            _sources[version] = _byUse.AddFirst((version, source));
            if (_byUse.Count <= Capacity)
                return;

            _sources.Remove(_byUse.Last!.Value.Version);
            _byUse.RemoveLast();
        }
    }
}
