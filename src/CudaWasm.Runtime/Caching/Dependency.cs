using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Caching;

/// <summary>
/// One question of the preprocessor (<c>#include</c>, <c>__has_include</c>) and its answer. An entry holds as long as every question, asked
/// again in the same order, has the same answer: so a header that appears, goes or changes is noticed, wherever it is looked for.
/// </summary>
/// <param name="Name">As between the quotes or brackets.</param>
/// <param name="IsAngled">In brackets.</param>
/// <param name="Includer">Number of the file that asks: 0 is the source, then the answers in their order; -1 for a text that is no file.</param>
/// <param name="IncluderPath">Its path, as the compiler knows it.</param>
/// <param name="Path">The file found; null where none was.</param>
/// <param name="Hash">SHA-256 of its text; null where none was found.</param>
internal sealed record Dependency(string Name, bool IsAngled, int Includer, string IncluderPath, string? Path, byte[]? Hash)
{
    public static byte[] HashOf(SourceText source) => SHA256.HashData(MemoryMarshal.AsBytes(source.Text.AsSpan()));

    /// <summary>Asks all questions again.</summary>
    /// <returns>The source and the files that were answers, in their order; null where an answer is another one now.</returns>
    public static IReadOnlyList<SourceText>? Replay(IReadOnlyList<Dependency> dependencies, SourceText source, ISourceResolver resolver)
    {
        var files = new List<SourceText> { source };
        foreach (var question in dependencies)
        {
            if (question.Includer >= files.Count) return null;
            var includer = question.Includer < 0 ? new SourceText(question.IncluderPath, "") : files[question.Includer];
            var isFound = resolver.TryResolve(question.Name, question.IsAngled, includer, out var found);
            if (isFound != (question.Hash is not null)) return null;
            if (!isFound) continue;
            if (found!.Path != question.Path || !HashOf(found).AsSpan().SequenceEqual(question.Hash)) return null;
            if (!files.Contains(found)) files.Add(found);
        }

        return files;
    }
}

/// <summary>Notes every question that a compilation asks.</summary>
internal sealed class RecordingResolver(SourceText source, ISourceResolver inner) : ISourceResolver
{
    private readonly HashSet<(string, bool, SourceText)> _asked = [];

    /// <summary>The source and the files that were answers, in their order.</summary>
    public List<SourceText> Files { get; } = [source];

    public List<Dependency> Dependencies { get; } = [];

    public bool TryResolve(string name, bool isAngled, SourceText includer, [NotNullWhen(true)] out SourceText? found)
    {
        var isFound = inner.TryResolve(name, isAngled, includer, out found);
        if (_asked.Add((name, isAngled, includer)))
        {
            Dependencies.Add(new Dependency(name, isAngled, Files.IndexOf(includer), includer.Path, found?.Path, found is null ? null : Dependency.HashOf(found)));
            if (found is not null && !Files.Contains(found)) Files.Add(found);
        }

        return isFound;
    }
}
