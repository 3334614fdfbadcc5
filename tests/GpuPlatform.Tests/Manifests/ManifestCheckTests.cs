using GpuPlatform.Manifests;
using GpuPlatform.Manifests.Kubernetes;

namespace GpuPlatform.Tests.Manifests;

public class ManifestCheckTests
{
    private static readonly NkeManifestOptions Infer = new() { Name = "infer", Image = "registry.example/cuda-wasm:1.0" };

    private static readonly string Good = NkeManifest.Create(Infer).ToYaml();

    public static TheoryData<NkeManifestOptions> Manifests =>
    [
        Infer,
        Infer with { GpuVendor = GpuVendor.Amd, Kind = NkeWorkloadKind.StatefulSet, ServiceMonitor = true },
        Infer with { GpuVendor = GpuVendor.Intel, CacheAccessMode = "ReadWriteMany" },
        Infer with { Kind = NkeWorkloadKind.Job, Replicas = 3 },
        Infer with { Kind = NkeWorkloadKind.CronJob, Schedule = "@daily", GpuResource = "nvidia.com/mig-1g.10gb" },
        Infer with { TimeSliceReplicas = 4, Labels = new Dictionary<string, string> { ["on"] = "1e3" }, Environment = ManifestYamlTests.HostileTexts.Select((t, i) => (t.Data, i)).ToDictionary(p => $"V{p.i}", p => p.Data) },
    ];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void What_is_written_here_passes(NkeManifestOptions options) => Assert.Empty(ManifestCheck.Check(NkeManifest.Create(options).ToYaml()));

    [Theory]
    [InlineData("name: infer\n", "name: Infer_1\n", "RFC 1123")]
    [InlineData("nvidia.com/gpu: \"1\"", "amd.com/gpu: \"1\"", "label of Nvidia's nodes, but the GPUs asked for are Amd's")]
    [InlineData("memory: \"16Gi\"", "memory: \"16GB\"", "no quantity")]
    [InlineData("memory: \"16Gi\"", "memory: \"1Gi\"", "more than the limit")]
    [InlineData("image: \"registry.example/cuda-wasm:1.0\"", "image: \"Registry/UPPER:1.0\"", "image reference")]
    [InlineData("containerPort: 8080", "containerPort: 80800", "no port from 1 to 65535")]
    [InlineData("targetPort: http", "targetPort: web", "no container has a port called 'web'")]
    [InlineData("name: scratch\n          mountPath", "name: none\n          mountPath", "no volume 'none'")]
    [InlineData("HOME: /tmp", "HOME: yes", "quote it")]
    [InlineData("HOME: /tmp", "HOME: 1e3", "quote it")]
    [InlineData("kind: Deployment", "kind: Job", "must be Never or OnFailure")]
    [InlineData("      app.kubernetes.io/name: infer\n  strategy", "      app.kubernetes.io/name: other\n  strategy", "no label of the pods' template")]
    public void What_a_cluster_would_refuse_is_an_error(string right, string wrong, string complaint)
    {
        Assert.Contains(right, Good, StringComparison.Ordinal);

        var errors = ManifestCheck.Check(Good.Replace(right, wrong, StringComparison.Ordinal)).Where(f => f.Severity == FindingSeverity.Error);

        Assert.Contains(errors, e => e.Message.Contains(complaint, StringComparison.Ordinal));
    }

    [Fact]
    public void Gpus_of_two_vendors_in_one_pod_are_an_error()
    {
        var findings = ManifestCheck.Check("""
            apiVersion: v1
            kind: Pod
            metadata: {name: a}
            spec: {containers: [{name: a, image: a, resources: {limits: {nvidia.com/gpu: 1, amd.com/gpu: 1}}}]}
            """);

        Assert.Contains(findings, f => f.Message.Contains("several vendors (Nvidia, Amd)", StringComparison.Ordinal));
        Assert.Contains(findings, f => f.Severity == FindingSeverity.Warning && f.Message.Contains("Restricted", StringComparison.Ordinal));
    }

    [Fact]
    public void Extended_resources_are_whole_and_the_same_on_both_sides()
    {
        static string[] Check(string resources) => [.. ManifestCheck.Check($"{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {{containers: [{{name: a, image: a, resources: {resources}}}]}}}}")
            .Where(f => f.Severity == FindingSeverity.Error).Select(f => f.Message)];

        Assert.Contains("have a limit", Assert.Single(Check("{requests: {amd.com/gpu: 1}}")), StringComparison.Ordinal);
        Assert.Contains("not overcommitted", Assert.Single(Check("{requests: {amd.com/gpu: 1}, limits: {amd.com/gpu: 2}}")), StringComparison.Ordinal);
        Assert.Contains("whole number", Assert.Single(Check("{limits: {amd.com/gpu: 500m}}")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: [", "no YAML")]
    [InlineData("{}", "is missing")]
    [InlineData("[1, 2]", "is missing")]
    [InlineData("just text", "is missing")]
    [InlineData("{apiVersion: v1, kind: Namespace, metadata: {name: a, namespace: b}}", "whole cluster")]
    public void Documents_that_are_none_are_told(string yaml, string complaint) =>
        Assert.Contains(ManifestCheck.Check(yaml), f => f.Severity == FindingSeverity.Error && f.Message.Contains(complaint, StringComparison.Ordinal));

    [Fact]
    public void Objects_that_stand_twice_and_references_that_lead_nowhere_are_told()
    {
        Assert.Contains(ManifestCheck.Check(Good + Good), f => f.Message.Contains("more than once", StringComparison.Ordinal));
        var alone = string.Join("---", Good.Split("---").Where(d => !d.Contains("kind: PersistentVolumeClaim", StringComparison.Ordinal)));
        Assert.Contains(ManifestCheck.Check(alone), f => f.Severity == FindingSeverity.Warning && f.Message.Contains("no PersistentVolumeClaim 'infer-cache'", StringComparison.Ordinal));
    }
}
