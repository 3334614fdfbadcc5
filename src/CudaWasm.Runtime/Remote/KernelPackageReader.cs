using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime.Caching;

namespace CudaWasm.Runtime.Remote;

/// <summary>A package, and what its compilation here says of it: the caller knows what is wrong before anything is sent.</summary>
public sealed record PackagedSource(KernelPackage Package, CudaCompilation Compilation, SourceText Source);

/// <summary>Makes packages of files: compiles them here and takes along the headers that were read.</summary>
public static class KernelPackageReader
{
    /// <summary>Reads a source with the headers it includes.</summary>
    /// <param name="path">The source.</param>
    /// <param name="includePaths">Folders to look for headers in.</param>
    /// <param name="defines">Macros.</param>
    /// <param name="kernels">Kernels wanted; all that are found when empty.</param>
    /// <param name="cancellationToken">Stops the compilation.</param>
    /// <exception cref="KernelCompileException">The file cannot be read.</exception>
    public static PackagedSource Read(
        string path, IReadOnlyList<string> includePaths, IReadOnlyDictionary<string, string> defines, IReadOnlyList<string> kernels, CancellationToken cancellationToken = default)
    {
        if (SourceLoader.Load(path, out var source) is { } problem) throw new KernelCompileException(problem.Message, [problem]);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var files = new RecordingResolver(source, new FileSourceResolver(folder, includePaths));
        var compilation = CudaCompiler.Compile(source, new CompileOptions { Resolver = files, Defines = defines, Kernels = kernels, CancellationToken = cancellationToken });

        // The worker has no folders: the source's own becomes the root, and each include path one of its own below.
        var roots = includePaths.Select((p, i) => (Folder: Path.GetFullPath(p), Name: FormattableString.Invariant($"include{i}/"))).Append((Folder: folder, Name: "")).ToList();
        return new PackagedSource(
            new KernelPackage
            {
                Source = source.Text,
                Headers = files.Files.Skip(1).Select(f => (Path: PathIn(roots, f.Path), f.Text)).DistinctBy(f => f.Path).ToDictionary(f => f.Path, f => f.Text, StringComparer.Ordinal),
                IncludePaths = [.. roots.SkipLast(1).Select(r => r.Name.TrimEnd('/'))],
                Defines = defines,
                Kernels = kernels,
            },
            compilation,
            source);
    }

    private static string PathIn(IEnumerable<(string Folder, string Name)> roots, string file)
    {
        var full = Path.GetFullPath(file);
        var inside = roots
            .Select(r => (r.Name, r.Folder.Length, Relative: Path.GetRelativePath(r.Folder, full).Replace('\\', '/')))
            .Where(r => r.Relative != ".." && !r.Relative.StartsWith("../", StringComparison.Ordinal) && !Path.IsPathRooted(r.Relative))
            .ToList();
        // The resolver reads nothing that lies elsewhere; the folder that is deepest is the one it was found in.
        var (name, _, relative) = inside.MaxBy(r => r.Length);
        return name + relative;
    }
}
