using System.Collections.Concurrent;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Caching;

/// <summary>
/// Keeps compilations, in memory and as files, so that the same kernel is not compiled again. The key is the content: source, macros,
/// options, the compiler's build, and every header that was looked for, found or not. Any number of processes may share a folder.
/// </summary>
public sealed class CompileCache
{
    /// <summary>Environment variable: the folder of all that the product keeps, or <c>off</c>.</summary>
    public const string Variable = "CUDA_WASM_CACHE";

    public const long DefaultMaxBytes = 256L << 20;

    /// <summary>Compilations kept in memory.</summary>
    private const int MaxInMemory = 32;

    private static readonly ConcurrentDictionary<string, CompileCache> Opened = new(StringComparer.Ordinal);
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    private readonly Dictionary<string, Remembered> _memory = [];
    private readonly long _maxBytes;
    private long _uses;

    /// <param name="folder">Made when first written to.</param>
    /// <param name="maxBytes">The entries used least recently are removed beyond this.</param>
    public CompileCache(string folder, long maxBytes = DefaultMaxBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 0);
        Folder = Path.GetFullPath(folder);
        _maxBytes = maxBytes;
    }

    private sealed class Remembered(CudaCompilation compilation, IReadOnlyList<Dependency> dependencies)
    {
        public CudaCompilation Compilation { get; } = compilation;

        public IReadOnlyList<Dependency> Dependencies { get; } = dependencies;

        public long LastUse { get; set; }
    }

    /// <summary>The user's cache, one a process; null where <see cref="Variable"/> says off, or the user has no folder for caches.</summary>
    public static CompileCache? OfUser => CacheFolder.OfUser() is { } folder ? Opened.GetOrAdd(folder, f => new CompileCache(f)) : null;

    public string Folder { get; }

    /// <summary>Whether a value of <see cref="Variable"/> means that nothing is to be kept.</summary>
    public static bool IsOff(string value) => value.Trim() is "0" || value.Trim().Equals("off", StringComparison.OrdinalIgnoreCase);

    /// <summary>The files of the cache.</summary>
    public IReadOnlyList<FileInfo> Entries
    {
        get
        {
            try
            {
                return new DirectoryInfo(Folder).GetFiles("*" + CacheEntry.Extension);
            }
            catch (DirectoryNotFoundException)
            {
                return [];
            }
        }
    }

    /// <summary>Forgets everything, in memory and in the folder.</summary>
    /// <exception cref="IOException">A file could not be removed.</exception>
    public void Clear()
    {
        lock (_memory) _memory.Clear();
        foreach (var file in Entries) file.Delete();
    }

    /// <summary>The compilation that is kept for a source that is no file of this machine, or a new one, which is kept from then on.</summary>
    /// <param name="source">The source. Its path is a name only.</param>
    /// <param name="files">Makes resolvers of its headers.</param>
    /// <param name="options">All else; the resolver in it is not asked.</param>
    /// <exception cref="OperationCanceledException">The token of the options was cancelled; nothing is kept.</exception>
    public CudaCompilation GetOrCompile(SourceText source, Func<ISourceResolver> files, CompileOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        return GetOrCompile(new CompileRequest(source, [], options.Defines, options.Kernels) { Files = files, Includes = options.Includes }, options.CancellationToken);
    }

    /// <summary>The compilation that is kept for a request, or a new one, which is kept from then on.</summary>
    internal CudaCompilation GetOrCompile(CompileRequest request, CancellationToken cancellationToken)
    {
        var key = request.Key();
        var name = Convert.ToHexStringLower(key);
        if (Recall(name, request) is { } known) return known with { Cache = CacheOutcome.Hit };
        var path = Path.Combine(Folder, name + CacheEntry.Extension);
        if (File.Exists(path) && CacheEntry.Read(path, key, request) is var (kept, dependencies))
        {
            Touch(path);
            Remember(name, kept, dependencies);
            return kept with { Cache = CacheOutcome.Hit };
        }

        var resolver = new RecordingResolver(request.Source, request.NewResolver());
        var compilation = request.Compile(resolver, cancellationToken);
        // A fault of the compiler may come from what is no part of the key.
        if (!compilation.AllDiagnostics.Any(d => d.Code == DiagnosticCodes.Internal))
        {
            Remember(name, compilation, resolver.Dependencies);
            if (CacheEntry.Write(key, resolver.Dependencies, compilation, resolver.Files) is { } bytes) Store(path, bytes);
        }

        return compilation with { Cache = CacheOutcome.Miss };
    }

    private CudaCompilation? Recall(string name, CompileRequest request)
    {
        Remembered? entry;
        lock (_memory)
        {
            if (!_memory.TryGetValue(name, out entry)) return null;
            entry.LastUse = ++_uses;
        }

        return Dependency.Replay(entry.Dependencies, request.Source, request.NewResolver()) is null ? null : entry.Compilation;
    }

    private void Remember(string name, CudaCompilation compilation, IReadOnlyList<Dependency> dependencies)
    {
        lock (_memory)
        {
            _memory[name] = new Remembered(compilation, dependencies) { LastUse = ++_uses };
            if (_memory.Count > MaxInMemory) _memory.Remove(_memory.MinBy(e => e.Value.LastUse).Key);
        }
    }

    private static void Touch(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The entry looks older than it is.
        }
    }

    /// <summary>Replaces the file at once, so that no reader sees half of it. What cannot be written is compiled again the next time.</summary>
    private void Store(string path, byte[] bytes)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            CreateFolder();
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, true);
            Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            TryDelete(temporary);
        }
    }

    private void CreateFolder()
    {
        // What is compiled here runs as this user: nobody else may write it.
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(Folder);
        else Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void Trim()
    {
        var total = 0L;
        foreach (var file in Entries.OrderByDescending(f => f.LastWriteTimeUtc))
        {
            total += file.Length;
            if (total > _maxBytes) TryDelete(file.FullName);
        }

        foreach (var file in new DirectoryInfo(Folder).EnumerateFiles("*.tmp"))
        {
            if (DateTime.UtcNow - file.LastWriteTimeUtc > Abandoned) TryDelete(file.FullName);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process uses it, or has removed it.
        }
    }
}
