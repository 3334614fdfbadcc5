using System.Runtime.InteropServices;

namespace CudaWasm.Host.Tests;

/// <summary>A temporary folder with the files of a test.</summary>
internal sealed class WorkFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("cuda-wasm-test-").FullName;

    /// <summary>docs/examples of the repository.</summary>
    public static string Examples => System.IO.Path.Combine(Repository, "docs", "examples");

    /// <summary>The repository's root.</summary>
    public static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(System.IO.Path.Combine(folder.FullName, "CudaWasmNutanix.slnx")))
                folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");

            return folder.FullName;
        }
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    public string Path(string name) => System.IO.Path.Combine(_path, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(Path(name), text);
        return Path(name);
    }

    public WorkFolder CopyExamples()
    {
        foreach (var file in Directory.GetFiles(Examples))
            File.Copy(file, Path(System.IO.Path.GetFileName(file)));

        return this;
    }

    /// <summary>The elements of an <c>.npy</c> file: what follows its header.</summary>
    public T[] ReadNpy<T>(string name)
        where T : unmanaged
    {
        var bytes = File.ReadAllBytes(Path(name));
        var header = 10 + BitConverter.ToUInt16(bytes, 8);
        return MemoryMarshal.Cast<byte, T>(bytes.AsSpan(header)).ToArray();
    }
}
