using GpuPlatform.Manifests.Kubernetes;
using GpuPlatform.Tests.Manifests;

namespace GpuPlatform.Tests.Schemas;

public class OfficialSchemaTests
{
    private static readonly string[] Hostile = [.. ManifestYamlTests.HostileTexts.Select(t => t.Data)];

    private static readonly NkeManifestOptions Service = new()
    {
        Name = "yes",
        Namespace = "null",
        Image = "registry.example:5000/a/b_c:1.0@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        Environment = Hostile.Select((text, i) => (text, i)).ToDictionary(p => $"V{p.i}", p => p.text),
        Annotations = Hostile.Select((text, i) => (text, i)).ToDictionary(p => $"v{p.i}", p => p.text),
        Labels = new Dictionary<string, string> { ["on"] = "1e3", ["y"] = "", ["true"] = "null" },
        CpuRequest = "250m",
        MemoryRequest = "1e9",
        MemoryLimit = "16Gi",
        EgressCidrs = ["10.0.0.0/8", "fd00::/8"],
        ImagePullSecrets = ["registry"],
        SupplementalGroups = [109],
        RuntimeClass = "nvidia",
        ApiKeySecret = "keys",
        TimeSliceReplicas = 2,
    };

    private static readonly NkeManifestOptions Job = new()
    {
        Name = "sweep",
        Image = "cuda-wasm:1.0",
        Kind = NkeWorkloadKind.Job,
        Replicas = 2,
        Completions = 8,
        LaunchFile = "l.json",
        Files = new Dictionary<string, string> { ["l.json"] = "{}" },
        BinaryFiles = new Dictionary<string, byte[]> { ["x.bin"] = [1, 2, 3] },
        ActiveDeadlineSeconds = 60,
        TtlSecondsAfterFinished = 0,
    };

    public static TheoryData<string, NkeManifestOptions> Manifests => new()
    {
        { "deployment", Service },
        { "stateful set", Service with { Kind = NkeWorkloadKind.StatefulSet, TimeSliceReplicas = null, GpuResource = "nvidia.com/mig-1g.10gb" } },
        { "shared volume", Service with { CacheAccessMode = "ReadWriteMany", GpuVendor = GpuVendor.Amd, TimeSliceReplicas = null, ScaleMetric = NkeScaleMetric.Gpu } },
        { "wished labels", Service with { GpuVendor = GpuVendor.Intel, TimeSliceReplicas = null, RequireNodeLabels = false, HttpProbes = false } },
        { "job", Job },
        { "cron job", Job with { Kind = NkeWorkloadKind.CronJob, Schedule = "0 3 * * *", TimeZone = "Etc/UTC" } },
        { "edge", NkeManifestOptions.ForEdge("edge", "cuda-wasm:1.0") },
    };

    [Theory]
    [MemberData(nameof(Manifests))]
    public async Task Every_object_meets_the_official_schema(string name, NkeManifestOptions options)
    {
        Assert.SkipUnless(OfficialSchemas.AreInstalled, "kubernetes-models is not installed (npm install in tests/kubernetes-schemas): the official schemas were not asked.");
        var documents = YamlPath.Documents(NkeManifest.Create(options).ToYaml());

        var faults = await OfficialSchemas.FaultsAsync(documents, TestContext.Current.CancellationToken);

        Assert.Equal(documents.Count, faults.Count);
        Assert.All(documents.Zip(faults), pair => Assert.True(pair.Second is null, $"{name}: {pair.First.Text("kind")}: {pair.Second}"));
    }

    [Fact]
    public async Task The_official_schemas_refuse_what_is_wrong()
    {
        Assert.SkipUnless(OfficialSchemas.AreInstalled, "kubernetes-models is not installed (npm install in tests/kubernetes-schemas): the official schemas were not asked.");
        var documents = YamlPath.Documents("{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: http}]}}");

        Assert.Contains("port must be integer", Assert.Single(await OfficialSchemas.FaultsAsync(documents, TestContext.Current.CancellationToken)), StringComparison.Ordinal);
    }
}
