using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Serialization;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Caching;

/// <summary>All that decides what a compilation gives, but for the headers, which are only known afterwards.</summary>
/// <param name="Source">The source.</param>
/// <param name="IncludePaths">Full paths, in their order.</param>
/// <param name="Defines">Macros.</param>
/// <param name="Kernels">Kernels asked for.</param>
internal sealed record CompileRequest(SourceText Source, IReadOnlyList<string> IncludePaths, IReadOnlyDictionary<string, string> Defines, IReadOnlyList<string> Kernels)
{
    /// <summary>Files included before the source: full paths, or names to be looked for.</summary>
    public IReadOnlyList<string> Includes { get; init; } = [];

    /// <summary>Makes resolvers of a source that is no file of this machine; null where it is one.</summary>
    public Func<ISourceResolver>? Files { get; init; }

    /// <summary>A new resolver, which has read nothing yet.</summary>
    public ISourceResolver NewResolver() => Files?.Invoke() ?? new FileSourceResolver(Path.GetDirectoryName(Path.GetFullPath(Source.Path)), IncludePaths);

    public CudaCompilation Compile(ISourceResolver resolver, CancellationToken cancellationToken) => CudaCompiler.Compile(
        Source,
        new CompileOptions { Resolver = resolver, Defines = Defines, Kernels = Kernels, Includes = Includes, CancellationToken = cancellationToken });

    /// <summary>SHA-256 over everything, the very build of the compiler included.</summary>
    public byte[] Key()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.Unicode);
        writer.Write(CompilationFormat.Version);
        writer.Write(typeof(CudaCompiler).Module.ModuleVersionId.ToByteArray());
        writer.Write(Source.Path);
        writer.Write(Files is null ? Path.GetFullPath(Source.Path) : "");
        Write(writer, IncludePaths);
        Write(writer, [.. Defines.OrderBy(d => d.Key, StringComparer.Ordinal).SelectMany(d => new[] { d.Key, d.Value })]);
        Write(writer, Kernels);
        Write(writer, Includes);
        writer.Write(MemoryMarshal.AsBytes(Source.Text.AsSpan()));
        writer.Flush();
        return SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private static void Write(BinaryWriter writer, IReadOnlyList<string> items)
    {
        writer.Write(items.Count);
        foreach (var item in items) writer.Write(item);
    }
}
