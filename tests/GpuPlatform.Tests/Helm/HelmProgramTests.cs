using GpuPlatform.Manifests.Helm;
using GpuPlatform.Manifests.Kubernetes;
using GpuPlatform.Tests.Manifests;

namespace GpuPlatform.Tests.Helm;

/// <summary>The chart in Helm's own hands.</summary>
public sealed class HelmProgramTests : IDisposable
{
    private static readonly NkeManifestOptions Infer = new() { Name = "infer", Image = "registry.example/cuda-wasm:1.0" };

    private readonly string _folder = Directory.CreateTempSubdirectory("helm-").FullName;

    public static TheoryData<string, NkeManifestOptions> Cases => HelmCases.All;

    public static TheoryData<string, NkeManifestOptions> HostileCases => HelmCases.Hostile;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Helm_makes_the_objects_of_the_manifest(string name, NkeManifestOptions options)
    {
        Assert.SkipUnless(HelmProgram.IsInstalled, HelmProgram.Absent);
        HelmChart.Create(options).WriteToFolder(_folder);
        var release = options.Name.Length > 53 ? "release" : options.Name;

        var rendered = await HelmProgram.RunAsync("template", release, _folder, "--namespace", options.Namespace, "--set", "namespace.create=true");

        HelmObjects.AssertSame(name, options, rendered);
        Assert.Empty(ManifestCheck.Check(rendered));
    }

    [Theory]
    [MemberData(nameof(HostileCases))]
    public async Task Helm_lints_the_chart_without_complaint(string name, NkeManifestOptions options)
    {
        Assert.SkipUnless(HelmProgram.IsInstalled, HelmProgram.Absent);
        HelmChart.Create(options).WriteToFolder(_folder);

        var report = await HelmProgram.RunAsync("lint", "--strict", _folder);

        Assert.False(report.Contains("[WARNING]", StringComparison.Ordinal), $"{name}: {report}");
        Assert.Contains("1 chart(s) linted, 0 chart(s) failed", report, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind=Pod", "kind")]
    [InlineData("gpu.vendor=voodoo", "vendor")]
    [InlineData("gpu.resource=amd.com/gpu", "resource")]
    [InlineData("gpu.resource=nvidia.com/mig-9g.5gb", "resource")]
    [InlineData("gpu.count=0,gpu.product=A100", "product")]
    [InlineData("gpu.timeSliceReplicas=1", "timeSliceReplicas")]
    [InlineData("gpu.timeSliceReplicas=4,gpu.vendor=amd", "vendor")]
    [InlineData("gpu.count=2,gpu.timeSliceReplicas=4", "count")]
    [InlineData("replicaCount=many", "replicaCount")]
    [InlineData("replicas=3", "replicas")]
    [InlineData("image.repository=x/UPPER", "repository")]
    [InlineData("resources.limits.memory=16GB", "memory")]
    [InlineData("resources.limits.cpu=0", "cpu")]
    [InlineData("kind=CronJob", "schedule")]
    [InlineData("kind=CronJob,job.schedule=often", "schedule")]
    [InlineData("kind=StatefulSet,persistence.existingClaim=mine", "existingClaim")]
    [InlineData("service.port=70000", "port")]
    [InlineData("securityContext.runAsUser=0", "runAsUser")]
    [InlineData("namespaceOverride=kube-system", "namespaceOverride")]
    [InlineData("environment.1A=x", "1A")]
    [InlineData("commonLabels.app\\.kubernetes\\.io/name=x", "app.kubernetes.io/name")]
    [InlineData("networkPolicy.egressCidrs={10.0.0.1}", "egressCidrs")]
    [InlineData("autoscaling.metric=gpu,gpu.count=0", "metric")]
    public async Task Helm_refuses_values_that_the_schema_does_not_allow(string values, string field)
    {
        Assert.SkipUnless(HelmProgram.IsInstalled, HelmProgram.Absent);
        HelmChart.Create(Infer).WriteToFolder(_folder);

        var (exitCode, _, errors) = await HelmProgram.TryRunAsync("template", "infer", _folder, "--set", values);

        Assert.NotEqual(0, exitCode);
        Assert.Contains("values don't meet the specifications of the schema", errors, StringComparison.Ordinal);
        Assert.Contains(field, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replicaCount=9", "autoscaling.maxReplicas must not be less than the fewest pods, 9.")]
    [InlineData("kind=Job,job.launchFile=none.json", "job.launchFile none.json is none of files.")]
    public async Task Helm_refuses_values_that_contradict_each_other(string values, string complaint)
    {
        Assert.SkipUnless(HelmProgram.IsInstalled, HelmProgram.Absent);
        HelmChart.Create(Infer).WriteToFolder(_folder);

        var (exitCode, _, errors) = await HelmProgram.TryRunAsync("template", "infer", _folder, "--set", values);

        Assert.NotEqual(0, exitCode);
        Assert.Contains(complaint, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_switch_kind_vendor_and_objects()
    {
        Assert.SkipUnless(HelmProgram.IsInstalled, HelmProgram.Absent);
        HelmChart.Create(Infer with { Namespace = "team" }).WriteToFolder(_folder);
        string[] Template(string values) => ["template", "infer", _folder, "--namespace", "team", "--set", values];

        HelmObjects.AssertSame(
            "a stateful set of AMD's",
            Infer with { Namespace = "team", Kind = NkeWorkloadKind.StatefulSet, GpuVendor = GpuVendor.Amd, GpuCount = 2, ServiceMonitor = true },
            await HelmProgram.RunAsync(Template("namespace.create=true,kind=StatefulSet,gpu.vendor=amd,gpu.count=2,serviceMonitor.enabled=true")));
        HelmObjects.AssertSame(
            "a cron job on the CPU",
            Infer with { Namespace = "team", Kind = NkeWorkloadKind.CronJob, Schedule = "@daily", Replicas = 2, GpuCount = 0 },
            await HelmProgram.RunAsync(Template("namespace.create=true,kind=CronJob,job.schedule=@daily,replicaCount=2,gpu.count=0")));
        var bare = YamlPath.Documents(await HelmProgram.RunAsync(Template(
            "podDisruptionBudget.enabled=false,networkPolicy.enabled=false,autoscaling.enabled=false,serviceAccount.create=false,persistence.existingClaim=mine,replicaCount=3,image.pullPolicy=Always")));
        Assert.Equal(["ConfigMap", "Deployment", "Service"], bare.Select(d => d.Text("kind")!).Order(StringComparer.Ordinal));
        var deployment = bare.Kind("Deployment");
        Assert.Equal(("3", "default", "Always"), (deployment.Text("spec", "replicas"), deployment.Text("spec", "template", "spec", "serviceAccountName"), deployment.Text("spec", "template", "spec", "containers", 0, "imagePullPolicy")));
        Assert.Contains("claimName: \"mine\"", await HelmProgram.RunAsync(Template("persistence.existingClaim=mine")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pinned_namespace_goes_before_the_releases()
    {
        Assert.SkipUnless(HelmProgram.IsInstalled, HelmProgram.Absent);
        var options = Infer with { Namespace = "team" };
        HelmChart.Create(options, pinNamespace: true).WriteToFolder(_folder);

        HelmObjects.AssertSame("pinned", options, await HelmProgram.RunAsync("template", "infer", _folder, "--namespace", "other", "--set", "namespace.create=true"));
    }

    [Fact]
    public async Task The_namespace_is_left_to_helm_unless_it_is_asked_for()
    {
        Assert.SkipUnless(HelmProgram.IsInstalled, HelmProgram.Absent);
        HelmChart.Create(Infer).WriteToFolder(_folder);

        var kinds = YamlPath.Documents(await HelmProgram.RunAsync("template", "infer", _folder)).Select(d => d.Text("kind")!);

        Assert.Equal(NkeManifest.Create(Infer).Objects.Select(o => o.Kind).Where(k => k != "Namespace").Order(StringComparer.Ordinal), kinds.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_releases_of_a_chart_share_no_name()
    {
        Assert.SkipUnless(HelmProgram.IsInstalled, HelmProgram.Absent);
        HelmChart.Create(Infer).WriteToFolder(_folder);

        var names = YamlPath.Documents(await HelmProgram.RunAsync("template", "blue", _folder)).Select(d => d.Text("metadata", "name")!);

        Assert.All(names, n => Assert.StartsWith("blue-infer", n, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_of_the_environment_replaces_the_pods_where_that_is_asked_for()
    {
        Assert.SkipUnless(HelmProgram.IsInstalled, HelmProgram.Absent);
        HelmChart.Create(Infer).WriteToFolder(_folder);
        async Task<string?> ChecksumAsync(string values) => YamlPath.Documents(await HelmProgram.RunAsync("template", "infer", _folder, "--set", values))
            .Kind("Deployment").Text("spec", "template", "metadata", "annotations", "checksum/config");

        var once = await ChecksumAsync("restartOnChange=true");

        Assert.Null(await ChecksumAsync("restartOnChange=false"));
        Assert.Equal(64, once?.Length);
        Assert.Equal(once, await ChecksumAsync("restartOnChange=true,replicaCount=2"));
        Assert.NotEqual(once, await ChecksumAsync("restartOnChange=true,environment.LEVEL=debug"));
        Assert.NotEqual(once, await ChecksumAsync("restartOnChange=true,files.a=b"));
    }

    [Theory]
    [InlineData("kind=Deployment", "kubectl port-forward --namespace team service/infer 8080:8080")]
    [InlineData("kind=Deployment,apiKeySecret=keys", "one of the API keys in the Secret keys")]
    [InlineData("kind=Job", "job/infer")]
    [InlineData("kind=CronJob,job.schedule=@daily", "--from=cronjob/infer infer-now")]
    [InlineData("kind=Job,gpu.count=0", "It runs on the CPU")]
    [InlineData("gpu.vendor=intel", "allocatable.gpu\\.intel\\.com/i915")]
    public async Task The_notes_say_what_to_do_next(string values, string advice)
    {
        Assert.SkipUnless(HelmProgram.IsInstalled, HelmProgram.Absent);
        HelmChart.Create(Infer).WriteToFolder(_folder);

        var (exitCode, output, errors) = await HelmProgram.TryRunAsync("install", "infer", _folder, "--namespace", "team", "--dry-run=client", "--set", values);

        Assert.SkipWhen(exitCode != 0 && errors.Contains("cluster unreachable", StringComparison.Ordinal), "Helm 3 asks a cluster before it writes notes: they were not looked at.");
        Assert.True(exitCode == 0, errors);
        Assert.Contains(advice, output, StringComparison.Ordinal);
    }
}
