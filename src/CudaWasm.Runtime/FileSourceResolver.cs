using System.Diagnostics.CodeAnalysis;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime;

/// <summary>
/// Finds includes in files: for <c>"name"</c> first next to the including file, then (as for <c>&lt;name&gt;</c>) in the include paths in
/// their order. It reads only what lies, links followed, in the source's folder or in an include path.
/// </summary>
public sealed class FileSourceResolver : ISourceResolver
{
    private readonly Dictionary<string, SourceText> _files = new(PathComparer);
    private readonly string[] _includePaths;
    private readonly string[] _roots;

    /// <param name="sourceFolder">The folder of the source; null for the current folder.</param>
    /// <param name="includePaths">Folders, as given by <c>-I</c>.</param>
    public FileSourceResolver(string? sourceFolder, params IReadOnlyList<string> includePaths)
    {
        _includePaths = [.. includePaths.Select(Path.GetFullPath)];
        _roots = [.. _includePaths.Prepend(Path.GetFullPath(string.IsNullOrEmpty(sourceFolder) ? "." : sourceFolder)).Select(Canonical)];
    }

    private static StringComparer PathComparer => OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;

    public bool TryResolve(string name, bool isAngled, SourceText includer, [NotNullWhen(true)] out SourceText? source)
    {
        source = null;
        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal)) return false;
        var folders = isAngled ? _includePaths : _includePaths.Prepend(Path.GetDirectoryName(Path.GetFullPath(includer.Path)) ?? ".");
        foreach (var folder in folders)
        {
            var path = Path.GetFullPath(Path.Combine(folder, name));
            if (!File.Exists(path)) continue;
            var canonical = Canonical(path);
            if (!_roots.Any(root => IsInside(canonical, root))) continue;
            if (_files.TryGetValue(canonical, out source)) return true;
            if (SourceLoader.Load(path, out source) is not null) continue;
            _files.Add(canonical, source!);
            return true;
        }

        return false;
    }

    private static bool IsInside(string path, string root)
    {
        var comparison = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        return path.StartsWith(Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar, comparison);
    }

    /// <summary>The path with the links in it followed, those of folders too.</summary>
    private static string Canonical(string path)
    {
        var full = Path.GetFullPath(path);
        var parent = Path.GetDirectoryName(full);
        if (parent is null) return full;
        var here = Path.Combine(Canonical(parent), Path.GetFileName(full));
        try
        {
            FileSystemInfo entry = Directory.Exists(here) ? new DirectoryInfo(here) : new FileInfo(here);
            return entry.ResolveLinkTarget(true) is { } target ? Canonical(target.FullName) : here;
        }
        catch (IOException)
        {
            return here;
        }
    }
}
