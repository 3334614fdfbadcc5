using System.Security.Cryptography;
using System.Text;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Serialization;

namespace CudaWasm.Runtime.Caching;

/// <summary>
/// The file of one compilation: magic, version, the request's key, SHA-256 of what follows; then the dependencies, then the compilation.
/// Whatever is wrong with a file, it counts as not there.
/// </summary>
internal static class CacheEntry
{
    public const string Extension = ".cwk";

    /// <summary>Larger entries are neither written nor read.</summary>
    private const int MaxBytes = 64 << 20;

    private const int HashBytes = SHA256.HashSizeInBytes;
    private static readonly byte[] Magic = "CWK1"u8.ToArray();

    private static int HeadBytes => Magic.Length + (2 * HashBytes);

    /// <summary>The bytes of an entry; null where it would be too large.</summary>
    public static byte[]? Write(byte[] key, IReadOnlyList<Dependency> dependencies, CudaCompilation compilation, IReadOnlyList<Compiler.Text.SourceText> files)
    {
        using var stream = new MemoryStream();
        stream.SetLength(HeadBytes);
        stream.Position = HeadBytes;
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(dependencies.Count);
            foreach (var dependency in dependencies)
            {
                writer.Write(dependency.Name);
                writer.Write(dependency.IsAngled);
                writer.Write(dependency.Includer);
                writer.Write(dependency.IncluderPath);
                writer.Write(dependency.Hash is not null);
                if (dependency.Hash is null) continue;
                writer.Write(dependency.Path!);
                writer.Write(dependency.Hash);
            }
        }

        CompilationFormat.Write(stream, compilation, files);
        if (stream.Length > MaxBytes) return null;
        var bytes = stream.ToArray();
        Magic.CopyTo(bytes, 0);
        key.CopyTo(bytes, Magic.Length);
        SHA256.HashData(bytes.AsSpan(HeadBytes), bytes.AsSpan(Magic.Length + HashBytes, HashBytes));
        return bytes;
    }

    /// <summary>Reads an entry whose dependencies still hold; null where it is damaged, another request's, or out of date.</summary>
    public static (CudaCompilation Compilation, IReadOnlyList<Dependency> Dependencies)? Read(string path, byte[] key, CompileRequest request)
    {
        try
        {
            if (ReadBytes(path) is not { } bytes || bytes.Length < HeadBytes || !bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic)) return null;
            if (!bytes.AsSpan(Magic.Length, HashBytes).SequenceEqual(key)) return null;
            if (!bytes.AsSpan(Magic.Length + HashBytes, HashBytes).SequenceEqual(SHA256.HashData(bytes.AsSpan(HeadBytes)))) return null;
            using var stream = new MemoryStream(bytes) { Position = HeadBytes };
            var dependencies = ReadDependencies(stream);
            return Dependency.Replay(dependencies, request.Source, request.NewResolver()) is { } files ? (CompilationFormat.Read(stream, files), dependencies) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private static byte[]? ReadBytes(string path)
    {
        // Another process may replace or remove the file meanwhile.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length is var length && length > MaxBytes) return null;
        var bytes = new byte[length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static List<Dependency> ReadDependencies(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        var dependencies = new List<Dependency>();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var (name, isAngled, includer, includerPath) = (reader.ReadString(), reader.ReadBoolean(), reader.ReadInt32(), reader.ReadString());
            var isFound = reader.ReadBoolean();
            dependencies.Add(new Dependency(name, isAngled, includer, includerPath, isFound ? reader.ReadString() : null, isFound ? reader.ReadBytes(HashBytes) : null));
        }

        return dependencies;
    }
}
