using System.Diagnostics;
using GpuPlatform.Manifests;
using GpuPlatform.Manifests.Kubernetes;

namespace GpuPlatform.Tests.Manifests;

/// <summary>Kubernetes' own reader on the documents: <c>kubectl kustomize</c>, which needs no cluster.</summary>
public sealed class KubectlTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubectl-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Kustomize_reads_every_document_and_keeps_its_values()
    {
        Assert.SkipUnless(IsInstalled("kubectl"), "kubectl is not on PATH: Kubernetes' own reader was not asked.");
        // kustomize reads these line breaks of Unicode well, but writes them unescaped, where a reader folds them.
        var texts = ManifestYamlTests.HostileTexts.Select(t => t.Data).Where(t => !t.Contains('\u0085') && !t.Contains('\u2028'));
        var values = texts.Select((text, i) => (text, i)).ToDictionary(p => $"V{p.i}", p => p.text);
        var manifest = NkeManifest.Create(new NkeManifestOptions
        {
            Name = "yes",
            Namespace = "null",
            Image = "cuda-wasm:1.0",
            Environment = values,
            Labels = new Dictionary<string, string> { ["on"] = "1e3", ["y"] = "" },
        });
        var resources = manifest.WriteToFolder(_folder).Select(Path.GetFileName).OfType<string>().ToArray();
        ManifestFiles.Write(
            Path.Combine(_folder, "kustomization.yaml"),
            ManifestYaml.Serialize(new Dictionary<string, object> { ["kind"] = "Kustomization", ["resources"] = resources }));

        var documents = YamlPath.Documents(await RunAsync("kubectl", "kustomize", _folder));

        Assert.Equal(manifest.Objects.Select(o => o.Kind).Order(), documents.Select(d => d.Text("kind")).OfType<string>().Order());
        Assert.All(documents, d => Assert.Equal(d.Text("kind") == "Namespace" ? null : "null", d.Text("metadata", "namespace")));
        Assert.Equal("1e3", documents.Kind("Deployment").Text("spec", "template", "metadata", "labels", "on"));
        foreach (var (name, value) in values)
            Assert.Equal(value, documents.Kind("ConfigMap").Text("data", name));
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)) || File.Exists(Path.Combine(folder, program + ".exe")));

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await errors);
        return output;
    }
}
