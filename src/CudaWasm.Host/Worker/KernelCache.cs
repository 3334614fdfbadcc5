using System.Diagnostics;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Serialization;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Caching;

namespace CudaWasm.Host.Worker;

/// <summary>
/// Compiles published sources, one at a time, and keeps the results of those used last. What was compiled once is kept in a folder, too: a
/// worker that starts again reads it from there. Machine code is made from it anew.
/// </summary>
internal sealed class KernelCache(WorkerLimits limits, WorkerMetrics metrics, CompileCache compiled, Device device) : IDisposable
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
            var source = await (kernel.Compiled is { } file ? ReadAsync(file, cancellationToken) : CompileAsync(kernel.Content!, cancellationToken));
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
            return new CompiledSource(compilation, watch.Elapsed.TotalMilliseconds, isForeign: false, limits);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WorkerProblem(422, "The kernel cannot be compiled or run so", FormattableString.Invariant($"The source takes longer than {limits.MaxCompileTime.TotalSeconds:0.#} s to compile."));
        }
    }

    /// <summary>Reads what was compiled elsewhere, and loads all of it on the device at once: nobody else has tried.</summary>
    private async Task<CompiledSource> ReadAsync(byte[] file, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(limits.MaxCompileTime);
        var watch = Stopwatch.StartNew();
        try
        {
            return await Task.Run(
                () =>
                {
                    var compilation = CompiledKernelFile.Read(file);
                    var source = new CompiledSource(compilation, watch.Elapsed.TotalMilliseconds, isForeign: true, limits);
                    source.LoadAll(device, limit.Token);
                    return source;
                },
                CancellationToken.None);
        }
        catch (InvalidDataException e)
        {
            throw new WorkerProblem(422, "The compiled kernel is refused", e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WorkerProblem(422, "The compiled kernel is refused", FormattableString.Invariant($"Its kernels take longer than {limits.MaxCompileTime.TotalSeconds:0.#} s to load."));
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
