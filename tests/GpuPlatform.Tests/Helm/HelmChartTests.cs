using System.Text.Json.Nodes;
using GpuPlatform.Manifests;
using GpuPlatform.Manifests.Helm;
using GpuPlatform.Manifests.Kubernetes;
using GpuPlatform.Tests.Manifests;
using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Tests.Helm;

public sealed class HelmChartTests : IDisposable
{
    private static readonly NkeManifestOptions Infer = new() { Name = "infer", Image = "registry.example/cuda-wasm:1.0" };

    private readonly string _folder = Directory.CreateTempSubdirectory("chart-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static YamlNode Document(HelmChart chart, string path) => Assert.Single(YamlPath.Documents(chart.Files.Single(f => f.Path == path).Text));

    [Fact]
    public void A_chart_has_the_files_that_helm_looks_for()
    {
        var paths = HelmChart.Create(Infer).Files.Select(f => f.Path).ToArray();

        Assert.Equal("Chart.yaml", paths[0]);
        string[] wanted =
        [
            "values.yaml", "values.schema.json", ".helmignore", "gpu-vendors.yaml", "templates/NOTES.txt", "templates/_helpers.tpl", "templates/namespace.yaml",
            "templates/serviceaccount.yaml", "templates/configmap.yaml", "templates/configmap-files.yaml", "templates/persistentvolumeclaim.yaml",
            "templates/deployment.yaml", "templates/statefulset.yaml", "templates/job.yaml", "templates/cronjob.yaml", "templates/service.yaml",
            "templates/service-pods.yaml", "templates/horizontalpodautoscaler.yaml", "templates/poddisruptionbudget.yaml", "templates/servicemonitor.yaml",
            "templates/networkpolicy.yaml",
        ];
        Assert.All(wanted, path => Assert.Contains(path, paths));
    }

    [Fact]
    public void Chart_yaml_names_the_workload_and_its_versions()
    {
        var chart = HelmChart.Create(Infer with { Name = "yes", Image = "r/i:007" }, "1.2.3-rc.1");

        var metadata = Document(chart, "Chart.yaml");
        Assert.Equal(("v2", "yes", "1.2.3-rc.1", "application"), (metadata.Text("apiVersion"), metadata.Text("name"), metadata.Text("version"), metadata.Text("type")));
        Assert.Contains("appVersion: \"007\"\n", chart.Files[0].Text, StringComparison.Ordinal);
        Assert.Contains("name: \"yes\"\n", chart.Files[0].Text, StringComparison.Ordinal);
        Assert.Null(Document(HelmChart.Create(Infer with { Image = "r/i" }), "Chart.yaml").At("appVersion"));
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("v1.2.3")]
    [InlineData("1.2.03")]
    [InlineData("1.2.3+build")]
    [InlineData("")]
    public void A_version_that_is_not_semantic_is_refused(string version)
    {
        var error = Assert.Single(Assert.Throws<ManifestException>(() => HelmChart.Create(Infer, version)).Errors);

        Assert.Equal("ChartVersion", error.Field);
    }

    [Fact]
    public void Faults_of_the_options_are_all_told()
    {
        var errors = Assert.Throws<ManifestException>(() => HelmChart.Create(Infer with { Name = "Not_a_name", CpuLimit = "lots" })).Errors;

        Assert.Equal(["Name", "CpuLimit"], errors.Select(e => e.Field));
    }

    [Theory]
    [InlineData("cuda-wasm", "cuda-wasm", "", "")]
    [InlineData("localhost:5000/a/b", "localhost:5000/a/b", "", "")]
    [InlineData("localhost:5000/a/b:1.0", "localhost:5000/a/b", "1.0", "")]
    [InlineData("a/b:1.0@sha256:0123456789abcdef0123456789abcdef", "a/b", "1.0", "sha256:0123456789abcdef0123456789abcdef")]
    [InlineData("[::1]:5000/a@sha256:0123456789abcdef0123456789abcdef", "[::1]:5000/a", "", "sha256:0123456789abcdef0123456789abcdef")]
    public void An_image_is_kept_in_its_parts(string image, string repository, string tag, string digest)
    {
        var values = Document(HelmChart.Create(Infer with { Image = image }), "values.yaml");

        Assert.Equal((repository, tag, digest), (values.Text("image", "repository"), values.Text("image", "tag"), values.Text("image", "digest")));
    }

    [Fact]
    public void Values_carry_comments_and_are_what_was_asked_for()
    {
        var chart = HelmChart.Create(Infer with { GpuVendor = GpuVendor.Unknown, GpuResource = "gpu.intel.com/xe", Environment = new Dictionary<string, string> { ["A"] = "# no comment" } });

        var values = Document(chart, "values.yaml");
        Assert.Equal(("intel", "gpu.intel.com/xe", "# no comment"), (values.Text("gpu", "vendor"), values.Text("gpu", "resource"), values.Text("environment", "A")));
        Assert.Equal(("true", "8", ""), (values.Text("autoscaling", "enabled"), values.Text("autoscaling", "maxReplicas"), values.Text("fullnameOverride")));
        Assert.Contains("  # Whose GPUs the pods get: nvidia, amd or intel.\n  vendor: intel\n", chart.Values, StringComparison.Ordinal);
        Assert.All(chart.Values.Split('\n'), line => Assert.True(line.Length <= 140, line));
    }

    [Fact]
    public void The_schema_knows_every_value_and_no_other()
    {
        var chart = HelmChart.Create(Infer);
        var schema = JsonNode.Parse(chart.Files.Single(f => f.Path == "values.schema.json").Text)!.AsObject();

        AssertSameKeys((YamlMappingNode)Document(chart, "values.yaml"), schema, "");

        static void AssertSameKeys(YamlMappingNode values, JsonObject schema, string path)
        {
            Assert.False((bool)schema["additionalProperties"]!, path);
            var properties = schema["properties"]!.AsObject();
            Assert.Equal(values.Children.Keys.Select(k => k.ToString()), properties.Select(p => p.Key).Where(k => k != "global"));
            foreach (var (key, value) in values.Children)
            {
                if (value is YamlMappingNode inner && properties[key.ToString()] is JsonObject group && group.ContainsKey("properties"))
                    AssertSameKeys(inner, group, $"{path}.{key}");
            }
        }
    }

    [Fact]
    public void Templates_are_the_same_whatever_was_asked_for()
    {
        static IEnumerable<HelmFile> Fixed(HelmChart chart) => chart.Files.Where(f => f.Path is not ("Chart.yaml" or "values.yaml"));

        var hostile = HelmCases.Hostile.Select(c => c.Data.Item2).First();

        Assert.Equal(Fixed(HelmChart.Create(Infer)), Fixed(HelmChart.Create(hostile)));
    }

    [Fact]
    public void Files_that_a_release_cannot_hold_are_refused()
    {
        var noise = new byte[500_000];
        new Random(1).NextBytes(noise);
        var error = Assert.Single(Assert.Throws<ManifestException>(() => HelmChart.Create(Infer with { BinaryFiles = new Dictionary<string, byte[]> { ["x.bin"] = noise } })).Errors);

        Assert.Equal("Files", error.Field);
        Assert.Contains("one Secret of 1 MiB", error.Rule, StringComparison.Ordinal);
        HelmChart.Create(Infer with { BinaryFiles = new Dictionary<string, byte[]> { ["x.bin"] = new byte[500_000] } });
    }

    [Fact]
    public void The_namespace_is_the_releases_unless_it_is_pinned()
    {
        var options = Infer with { Namespace = "team" };

        Assert.Equal("", Document(HelmChart.Create(options), "values.yaml").Text("namespaceOverride"));
        Assert.Equal("team", Document(HelmChart.Create(options, pinNamespace: true), "values.yaml").Text("namespaceOverride"));
    }

    [Fact]
    public void Names_that_no_release_can_have_are_kept_in_the_values()
    {
        var name = new string('a', 63);

        Assert.Equal(name, Document(HelmChart.Create(Infer with { Name = name }), "values.yaml").Text("fullnameOverride"));
    }

    [Fact]
    public void A_stateful_set_leaves_room_for_what_its_controller_appends()
    {
        var error = Assert.Single(Assert.Throws<ManifestException>(() => NkeManifest.Create(Infer with { Name = new string('a', 53), Kind = NkeWorkloadKind.StatefulSet })).Errors);

        Assert.Equal("Name", error.Field);
    }

    [Fact]
    public void A_folder_gets_every_file_and_keeps_what_else_is_in_it()
    {
        var chart = HelmChart.Create(Infer);
        Directory.CreateDirectory(Path.Combine(_folder, "templates"));
        File.WriteAllText(Path.Combine(_folder, "templates", "mine.yaml"), "mine");
        File.WriteAllText(Path.Combine(_folder, "values.yaml"), "old");

        var files = chart.WriteToFolder(_folder);

        Assert.Equal(chart.Files.Select(f => f.Text), files.Select(File.ReadAllText));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_folder, "templates", "mine.yaml")));
        Assert.All(files, f => Assert.DoesNotContain('\r', File.ReadAllText(f)));
    }
}
