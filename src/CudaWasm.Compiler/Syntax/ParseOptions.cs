using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

/// <summary>What <see cref="CudaParser.Parse"/> needs besides the source.</summary>
public sealed record ParseOptions
{
    /// <summary>Finds included files; without one no header is found.</summary>
    public ISourceResolver? Resolver { get; init; }

    /// <summary>Macros by name, as by <c>-D</c>; a key may be <c>F(x)</c>.</summary>
    public IReadOnlyDictionary<string, string> Defines { get; init; } = new Dictionary<string, string>();

    /// <summary>Sources read before the file, in order, as if it included them.</summary>
    public IReadOnlyList<SourceText> Prelude { get; init; } = [];

    public CancellationToken CancellationToken { get; init; }
}
