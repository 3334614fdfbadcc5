using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CudaWasm.Host.Worker;

/// <summary>What was published, as it lies in the store: a source, or what was compiled elsewhere.</summary>
/// <param name="Name">Given by its publisher.</param>
/// <param name="PublishedAt">When it came.</param>
/// <param name="Content">The source; null where <paramref name="Compiled"/> is not.</param>
/// <param name="Compiled">A file of <see cref="Compiler.Serialization.CompiledKernelFile"/>.</param>
internal sealed record StoredKernel(string Name, DateTimeOffset PublishedAt, KernelSource? Content, byte[]? Compiled = null)
{
    /// <summary>SHA-256 of the content, in hexadecimal.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Version { get; } = Convert.ToHexStringLower(SHA256.HashData(Compiled ?? JsonSerializer.SerializeToUtf8Bytes(Content, WorkerJson.Default.KernelSource!)));

    [System.Text.Json.Serialization.JsonIgnore]
    public long SourceBytes { get; } = Compiled?.LongLength ?? (Content is null ? 0 : Encoding.UTF8.GetByteCount(Content.Source) + (Content.Headers?.Values.Sum(h => (long)Encoding.UTF8.GetByteCount(h)) ?? 0));
}

/// <summary>
/// Published kernels, a file each, in a folder that survives restarts. A file is written beside its place, flushed to the disk and moved
/// there, and begins with the checksum of the rest: a reader finds the whole of one version, or sees that it is damaged.
/// </summary>
internal sealed partial class KernelStore
{
    private const string Extension = ".kernel";
    private const string PartialExtension = ".partial";
    private const string DamagedExtension = ".damaged";
    private const string Header = "cuda-wasm-kernel 1 sha256:";
    private const int HashDigits = 64;

    private readonly string _folder;
    private readonly ConcurrentDictionary<(string Tenant, string Name), StoredKernel> _kernels = new();
    private readonly Lock _writing = new();

    private KernelStore(string folder) => _folder = folder;

    public int Count => _kernels.Count;

    /// <summary>Files that were damaged when the store was opened. They are kept beside, and not served.</summary>
    public int DamagedFiles { get; private set; }

    /// <summary>A name fits a file name of every system and a path of a URL.</summary>
    public static bool IsName(string name) => NamePattern().IsMatch(name);

    /// <exception cref="IOException">The folder cannot be made or read.</exception>
    public static KernelStore Open(string folder)
    {
        var store = new KernelStore(Directory.CreateDirectory(folder).FullName);
        foreach (var tenant in Directory.GetDirectories(store._folder, "t-*"))
        {
            // What a process that was killed had not finished.
            foreach (var partial in Directory.GetFiles(tenant, "*" + PartialExtension))
                File.Delete(partial);
            foreach (var file in Directory.GetFiles(tenant, "k-*" + Extension))
                store.Load(Path.GetFileName(tenant)[2..], file);
        }

        return store;
    }

    public StoredKernel? Find(string tenant, string name) => _kernels.GetValueOrDefault((tenant, name));

    public IReadOnlyList<StoredKernel> List(string tenant) =>
        [.. _kernels.Where(k => k.Key.Tenant == tenant).Select(k => k.Value).OrderBy(k => k.Name, StringComparer.Ordinal)];

    /// <summary>Keeps a kernel; when this returns it is on the disk. False where the same content was there already.</summary>
    public bool Put(string tenant, StoredKernel kernel, int most)
    {
        lock (_writing)
        {
            var known = Find(tenant, kernel.Name);
            if (known?.Version == kernel.Version)
                return false;
            if (known is null && _kernels.Keys.Count(k => k.Tenant == tenant) >= most)
                throw WorkerProblem.Full(FormattableString.Invariant($"You have {most} kernels, which is the most. Remove one that is not needed."));

            Write(FileOf(tenant, kernel.Name), kernel);
            _kernels[(tenant, kernel.Name)] = kernel;
            return true;
        }
    }

    public bool Remove(string tenant, string name)
    {
        lock (_writing)
        {
            if (!_kernels.ContainsKey((tenant, name)))
                return false;

            File.Delete(FileOf(tenant, name));
            return _kernels.TryRemove((tenant, name), out _);
        }
    }

    private static void Write(string path, StoredKernel kernel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var payload = JsonSerializer.SerializeToUtf8Bytes(kernel, WorkerJson.Default.StoredKernel);
        var partial = $"{path}.{Guid.NewGuid():n}{PartialExtension}";
        try
        {
            using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(Encoding.ASCII.GetBytes($"{Header}{Convert.ToHexStringLower(SHA256.HashData(payload))}\n"));
                stream.Write(payload);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private void Load(string tenant, string file)
    {
        if (Read(file) is { } kernel && Path.GetFileName(file) == $"k-{kernel.Name}{Extension}")
        {
            _kernels[(tenant, kernel.Name)] = kernel;
            return;
        }

        DamagedFiles++;
        File.Move(file, file + DamagedExtension, overwrite: true);
    }

    private static StoredKernel? Read(string file)
    {
        var bytes = File.ReadAllBytes(file);
        var start = Header.Length + HashDigits + 1;
        if (bytes.Length < start || !Encoding.ASCII.GetString(bytes, 0, Header.Length).Equals(Header, StringComparison.Ordinal))
            return null;

        var payload = bytes.AsSpan(start);
        if (Encoding.ASCII.GetString(bytes, Header.Length, HashDigits) != Convert.ToHexStringLower(SHA256.HashData(payload)))
            return null;

        try
        {
            return JsonSerializer.Deserialize(payload, WorkerJson.Default.StoredKernel) is { } kernel && kernel.Content is null != kernel.Compiled is null ? kernel : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string FileOf(string tenant, string name) => Path.Combine(_folder, $"t-{tenant}", $"k-{name}{Extension}");

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?\z", System.Text.RegularExpressions.RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
