using GpuPlatform.Manifests.Kubernetes;
using GpuPlatform.Tests.Manifests;

namespace GpuPlatform.Tests.Helm;

/// <summary>What charts are asked for: every vendor, every kind, every switch, and values that are hostile to YAML and to templates.</summary>
internal static class HelmCases
{
    private static readonly string[] Texts =
    [
        .. ManifestYamlTests.HostileTexts.Select(t => t.Data),
        "{{ .Values.image }}", "{{- fail \"no\" -}}", "{{/*", "}}", "$(HOME)", "%s %d", "\\n", "007", "0o7", "+1", "9007199254740993", "1e400",
    ];

    private static readonly NkeManifestOptions Plain = new() { Name = "infer", Image = "registry.example/cuda-wasm:1.0" };

    private static readonly NkeManifestOptions Service = Plain with
    {
        Name = "yes",
        Namespace = "null",
        Image = "registry.example:5000/a/b_c:007@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        Command = ["no", "~", "a: b"],
        Arguments = Texts,
        Environment = Texts.Select((text, i) => (text, i)).Append(("/elsewhere", -1)).ToDictionary(p => p.Item2 < 0 ? "HOME" : $"V{p.Item2}", p => p.Item1),
        Annotations = Texts.Select((text, i) => (text, i)).ToDictionary(p => $"v{p.i}", p => p.text),
        Labels = new Dictionary<string, string> { ["on"] = "1e3", ["y"] = "", ["true"] = "null", ["example.com/007"] = "007" },
        Files = new Dictionary<string, string> { ["1e3"] = "a\r\nb", ["yes"] = "{{ template }}", ["k.cu"] = "__global__ void k() { /* \u65e5\u672c \U0001F680 */ }\n" },
        BinaryFiles = new Dictionary<string, byte[]> { ["x.bin"] = [0, 255, 1], ["empty.bin"] = [] },
        CpuRequest = "250m",
        MemoryRequest = "1e9",
        CpuLimit = "010",
        EgressCidrs = ["10.0.0.0/8", "fd00::/8"],
        ImagePullSecrets = ["registry", "0"],
        SupplementalGroups = [109, 2147483647],
        RunAsUser = 2147483647,
        RuntimeClass = "1e3",
        ApiKeySecret = "1e3",
        ServiceMonitor = true,
        MonitoringNamespace = "0",
        Port = 65535,
        TerminationGraceSeconds = 3600,
    };

    private static readonly NkeManifestOptions Sweep = Service with
    {
        Kind = NkeWorkloadKind.Job,
        Replicas = 3,
        Completions = 16,
        LaunchFile = "yes",
        Arguments = ["--repeat", "1"],
        ActiveDeadlineSeconds = 3_000_000_000,
        TtlSecondsAfterFinished = 0,
    };

    private static readonly GpuVendor[] Vendors = [GpuVendor.Nvidia, GpuVendor.Amd, GpuVendor.Intel];

    /// <summary>Every kind for every vendor, with values that are hostile.</summary>
    public static TheoryData<string, NkeManifestOptions> Hostile
    {
        get
        {
            var cases = new TheoryData<string, NkeManifestOptions>();
            foreach (var (vendor, kind) in Vendors.SelectMany(v => Enum.GetValues<NkeWorkloadKind>().Select(k => (v, k))))
            {
                cases.Add(
                    $"hostile {vendor} {kind}",
                    Of(kind, kind is NkeWorkloadKind.Job or NkeWorkloadKind.CronJob ? Sweep : Service) with
                    {
                        GpuVendor = vendor,
                        GpuProduct = "1e3",
                        TimeZone = kind == NkeWorkloadKind.CronJob ? "Etc/GMT+1" : null,
                    });
            }

            return cases;
        }
    }

    public static TheoryData<string, NkeManifestOptions> All
    {
        get
        {
            var cases = Hostile;
            foreach (var kind in Enum.GetValues<NkeWorkloadKind>())
                cases.Add($"{kind}", Of(kind, Plain with { Replicas = 2 }));
            foreach (var vendor in Vendors)
            {
                cases.Add($"{vendor} wished labels", Plain with { GpuVendor = vendor, RequireNodeLabels = false, HttpProbes = false });
                cases.Add($"{vendor} spread", Plain with { GpuVendor = vendor, GpuCount = 8, CacheAccessMode = "ReadWriteMany", StorageClass = "nutanix-files" });
                cases.Add($"{vendor} scaled by GPU use", Plain with { GpuVendor = vendor, ScaleMetric = NkeScaleMetric.Gpu, TargetGpuUtilization = 55, Replicas = 3, MinReplicas = 2, MaxReplicas = 5 });
                cases.Add($"{vendor} fixed number", Plain with { GpuVendor = vendor, Kind = NkeWorkloadKind.StatefulSet, Replicas = 4, MaxReplicas = 4 });
            }

            cases.Add("MIG", Plain with { GpuResource = "nvidia.com/mig-1g.10gb", GpuVendor = GpuVendor.Unknown });
            cases.Add("xe", Plain with { GpuResource = "gpu.intel.com/xe", GpuVendor = GpuVendor.Unknown, RequireNodeLabels = false });
            cases.Add("partition", Plain with { GpuResource = "amd.com/cpx_nps4", GpuVendor = GpuVendor.Amd });
            cases.Add("time slices", Plain with { TimeSliceReplicas = 4 });
            cases.Add("time slices of a product", Plain with { TimeSliceReplicas = 4, GpuProduct = "NVIDIA-A10-SHARED", RequireNodeLabels = false });
            cases.Add("CPU", Plain with { GpuCount = 0 });
            cases.Add("CPU spread", Plain with { GpuCount = 0, GpuVendor = GpuVendor.Unknown, CacheAccessMode = "ReadWriteMany" });
            cases.Add("edge", NkeManifestOptions.ForEdge("edge", "cuda-wasm"));
            cases.Add("fewest without more", Plain with { Replicas = 6, MinReplicas = 3, MaxReplicas = 3 });
            cases.Add("job of one", Plain with { Kind = NkeWorkloadKind.Job, LaunchFile = "l.json", Files = new Dictionary<string, string> { ["l.json"] = "{}" } });
            cases.Add("job with more pods than work", Plain with { Kind = NkeWorkloadKind.Job, Replicas = 8, Completions = 3 });
            cases.Add("only inputs", Plain with { Kind = NkeWorkloadKind.Job, BinaryFiles = new Dictionary<string, byte[]> { ["x"] = [1] } });
            cases.Add("default namespace", Plain with { Namespace = "default" });
            cases.Add("digest only", Plain with { Image = "localhost:5000/x@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" });
            cases.Add("longest name", Plain with { Name = new string('a', 63) });
            cases.Add("longest name of a release", Plain with { Name = new string('b', 53) });
            return cases;
        }
    }

    private static NkeManifestOptions Of(NkeWorkloadKind kind, NkeManifestOptions options) =>
        options with { Kind = kind, Schedule = kind == NkeWorkloadKind.CronJob ? "*/5 0-3,22 * * mon" : null };
}
