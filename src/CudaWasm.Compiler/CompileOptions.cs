using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler;

/// <summary>What a compilation needs besides the source.</summary>
public sealed record CompileOptions
{
    /// <summary>Finds included files; without one, includes are not found.</summary>
    public ISourceResolver? Resolver { get; init; }

    /// <summary>Macros as given by <c>-D</c>.</summary>
    public IReadOnlyDictionary<string, string> Defines { get; init; } = new Dictionary<string, string>();

    /// <summary>Files included before the source, as if it began with <c>#include "NAME"</c> for each.</summary>
    public IReadOnlyList<string> Includes { get; init; } = [];

    /// <summary>Kernels wanted, as spelled: <c>saxpy</c>, <c>scale&lt;float, 256&gt;</c>. Empty means all that the file holds.</summary>
    public IReadOnlyList<string> Kernels { get; init; } = [];

    public CancellationToken CancellationToken { get; init; }
}

/// <summary>Where a compilation comes from.</summary>
public enum CacheOutcome
{
    /// <summary>No cache was asked.</summary>
    Off,

    /// <summary>It was compiled, as the cache had none.</summary>
    Miss,

    /// <summary>The cache had it.</summary>
    Hit,
}

/// <summary>What became of a source.</summary>
/// <param name="Kernels">Each kernel found, compiled or not, in the order of the text.</param>
/// <param name="Diagnostics">What concerns the file as a whole.</param>
public sealed record CudaCompilation(IReadOnlyList<CompiledKernel> Kernels, IReadOnlyList<Diagnostic> Diagnostics)
{
    public CacheOutcome Cache { get; init; }

    public bool Succeeded => Diagnostics.All(d => !d.IsError) && Kernels.All(k => k.Succeeded);

    /// <summary>All that was said, the file's first, each once.</summary>
    public IEnumerable<Diagnostic> AllDiagnostics => Diagnostics.Concat(Kernels.SelectMany(k => k.Diagnostics)).Distinct();
}
