using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime.Caching;

namespace CudaWasm.Runtime;

/// <summary>What the compilation of a file needs besides the file.</summary>
public sealed record CompileFileOptions
{
    /// <summary>Folders to look for headers in, after the source's own.</summary>
    public IReadOnlyList<string> IncludePaths { get; init; } = [];

    /// <summary>Macros.</summary>
    public IReadOnlyDictionary<string, string> Defines { get; init; } = new Dictionary<string, string>();

    /// <summary>Files included before the source, as if it began with their includes: found from here, next to the source, or in the include paths.</summary>
    public IReadOnlyList<string> Includes { get; init; } = [];

    /// <summary>Kernels wanted, as spelled for a launch; all that are found when empty.</summary>
    public IReadOnlyList<string> Kernels { get; init; } = [];

    /// <summary>Asked first, and told afterwards; null for none.</summary>
    public CompileCache? Cache { get; init; }
}

/// <summary>Compiles CUDA source files.</summary>
public static class KernelCompiler
{
    /// <summary>Compiles the kernels of a file. What is wrong with the file, and that it is not there, is in the diagnostics.</summary>
    /// <param name="path">The source.</param>
    /// <param name="includePaths">Folders to look for headers in.</param>
    /// <param name="defines">Macros.</param>
    /// <param name="kernels">Kernels wanted, as spelled for a launch; all that are found when null or empty.</param>
    /// <param name="cancellationToken">Stops the compilation.</param>
    public static CudaCompilation CompileFile(
        string path,
        IReadOnlyList<string>? includePaths = null,
        IReadOnlyDictionary<string, string>? defines = null,
        IReadOnlyList<string>? kernels = null,
        CancellationToken cancellationToken = default) =>
        CompileFile(path, new CompileFileOptions { IncludePaths = includePaths ?? [], Defines = defines ?? new Dictionary<string, string>(), Kernels = kernels ?? [] }, cancellationToken);

    /// <summary>Compiles the kernels of a file, or takes them from a cache. What is wrong with the file, and that it is not there, is in the diagnostics.</summary>
    public static CudaCompilation CompileFile(string path, CompileFileOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        if (SourceLoader.Load(path, out var source) is { } problem) return new CudaCompilation([], [problem]);
        var request = new CompileRequest(source, [.. options.IncludePaths.Select(Path.GetFullPath)], options.Defines, options.Kernels)
        {
            Includes = [.. options.Includes.Select(i => new[] { Path.GetFullPath(i), Path.GetFullPath(i, Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".") }.FirstOrDefault(File.Exists) ?? i)],
        };
        return options.Cache is { } cache ? cache.GetOrCompile(request, cancellationToken) : request.Compile(request.NewResolver(), cancellationToken);
    }

    /// <summary>The one kernel that was asked for.</summary>
    /// <param name="compilation">Of the source.</param>
    /// <param name="path">The source, for messages.</param>
    /// <param name="kernel">As spelled for a launch; spaces do not matter.</param>
    /// <exception cref="KernelCompileException">It is not there, or has errors.</exception>
    public static CompiledKernel Find(CudaCompilation compilation, string path, string kernel)
    {
        ArgumentNullException.ThrowIfNull(compilation);
        ArgumentNullException.ThrowIfNull(kernel);
        var matches = compilation.Kernels.Where(k => Compact(k.Name) == Compact(kernel)).ToList();
        // A template may be asked for by its bare name where the file tells its arguments.
        if (matches.Count == 0) matches = [.. compilation.Kernels.Where(k => Compact(k.Name.Split('<')[0]) == Compact(kernel))];
        // Spelled with other words than the compiler's own: unsigned for unsigned int.
        if (matches.Count == 0 && compilation.Kernels.Count == 1 && kernel.Contains('<', StringComparison.Ordinal)) matches = [compilation.Kernels[0]];
        if (matches.Count == 1 && matches[0].Succeeded) return matches[0];
        if (matches.Count == 1) throw new KernelCompileException($"Kernel {matches[0].Name} in {path} has errors.", matches[0].Diagnostics);
        if (compilation.Diagnostics.Any(d => d.IsError)) throw new KernelCompileException($"{path} does not compile.", compilation.Diagnostics);
        var names = string.Join(", ", compilation.Kernels.Select(k => k.Name));
        var message = matches.Count > 1
            ? $"'{kernel}' names several kernels of {path}: {string.Join(", ", matches.Select(k => k.Name))}. Choose one with its template arguments."
            : $"there is no kernel '{kernel}' in {path}{(names.Length == 0 ? "" : $"; it has {names}")}";
        throw new KernelCompileException(message, [new Diagnostic(DiagnosticCodes.KernelNotFound, DiagnosticSeverity.Error, SourceSpan.None, message)]);
    }

    private static string Compact(string name) => name.Replace(" ", "", StringComparison.Ordinal);
}
