using GpuPlatform.Manifests;
using GpuPlatform.Manifests.Kubernetes;

namespace GpuPlatform.Tests.Manifests;

public sealed class ManifestFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("manifests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static NkeManifest Infer => NkeManifest.Create(new NkeManifestOptions { Name = "infer", Image = "cuda-wasm:1.0" });

    [Fact]
    public void A_folder_gets_one_file_an_object_in_order()
    {
        var paths = Infer.WriteToFolder(Path.Combine(_folder, "new", "folder"));

        Assert.Equal(paths.Order(StringComparer.Ordinal), paths);
        Assert.Equal(Infer.Objects.Select(o => o.ToYaml()), paths.Select(File.ReadAllText));
        Assert.Equal("00-namespace.yaml", Path.GetFileName(paths[0]));
    }

    [Fact]
    public void A_file_gets_the_whole_stream()
    {
        var path = Infer.WriteToFile(Path.Combine(_folder, "all.yaml"));

        Assert.Equal(Infer.ToYaml(), File.ReadAllText(path));
        Assert.Equal(Infer.Objects.Count, YamlPath.Documents(File.ReadAllText(path)).Count);
    }

    [Fact]
    public void A_failed_write_leaves_neither_half_a_file_nor_a_stray_one()
    {
        var taken = Directory.CreateDirectory(Path.Combine(_folder, "taken.yaml"));

        Assert.ThrowsAny<Exception>(() => ManifestFiles.Write(taken.FullName, "text"));

        Assert.Equal(["taken.yaml"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public void A_second_write_replaces_the_first()
    {
        var path = Path.Combine(_folder, "a.yaml");
        ManifestFiles.Write(path, "long first text");

        ManifestFiles.Write(path, "short");

        Assert.Equal("short", File.ReadAllText(path));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder));
    }
}
