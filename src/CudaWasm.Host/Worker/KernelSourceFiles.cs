using System.Diagnostics.CodeAnalysis;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Host.Worker;

/// <summary>The headers a kernel was published with. There are no other files: what is published reads nothing of the machine.</summary>
internal sealed class KernelSourceFiles : ISourceResolver
{
    public const string SourcePath = "kernel.cu";

    private readonly Dictionary<string, SourceText> _files = new(StringComparer.Ordinal);
    private readonly string[] _includePaths;

    /// <exception cref="WorkerProblem">A path that leads out of the published folder.</exception>
    public KernelSourceFiles(KernelSource source)
    {
        foreach (var (path, text) in source.Headers ?? new Dictionary<string, string>())
        {
            var normal = Normalize("", path) ?? throw WorkerProblem.BadRequest($"The header's path '{path}' leads out of the source's folder.");
            _files[normal] = new SourceText(normal, text);
        }

        _includePaths = [.. (source.IncludePaths ?? []).Select(p => Normalize("", p) ?? throw WorkerProblem.BadRequest($"The include path '{p}' leads out of the source's folder."))];
    }

    public bool TryResolve(string name, bool isAngled, SourceText includer, [NotNullWhen(true)] out SourceText? source)
    {
        var folder = includer.Path.Contains('/', StringComparison.Ordinal) ? includer.Path[..includer.Path.LastIndexOf('/')] : "";
        foreach (var start in isAngled ? _includePaths : _includePaths.Prepend(folder))
        {
            if (Normalize(start, name) is { } path && _files.TryGetValue(path, out source))
                return true;
        }

        source = null;
        return false;
    }

    /// <summary>The path without <c>.</c> and <c>..</c>; null where it leads out.</summary>
    private static string? Normalize(string folder, string path)
    {
        if (path.StartsWith('/') || path.Contains(':', StringComparison.Ordinal) || path.Contains('\0', StringComparison.Ordinal))
            return null;

        var parts = new List<string>();
        foreach (var part in $"{folder}/{path.Replace('\\', '/')}".Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (parts.Count == 0)
                return null;
            else
                parts.RemoveAt(parts.Count - 1);
        }

        return string.Join('/', parts);
    }
}
