using GpuPlatform.Manifests;
using GpuPlatform.Manifests.Kubernetes;
using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Tests.Manifests;

public sealed class NkeWorkloadKindTests : IDisposable
{
    private static readonly NkeManifestOptions Infer = new() { Name = "infer", Image = "registry.example/cuda-wasm:1.0" };

    private static readonly NkeManifestOptions Sweep = Infer with
    {
        Kind = NkeWorkloadKind.Job,
        Replicas = 4,
        Completions = 16,
        LaunchFile = "sweep.json",
        Files = new Dictionary<string, string> { ["sweep.json"] = "{}", ["k.cu"] = "__global__ void k() {}" },
        BinaryFiles = new Dictionary<string, byte[]> { ["x.bin"] = [0, 255, 1] },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("manifest-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static IReadOnlyList<YamlNode> Documents(NkeManifestOptions options) => YamlPath.Documents(NkeManifest.Create(options).ToYaml());

    private static ManifestError Fault(NkeManifestOptions options) =>
        Assert.Single(Assert.Throws<ManifestException>(() => NkeManifest.Create(options)).Errors);

    [Fact]
    public void A_stateful_set_has_a_volume_a_pod_and_a_headless_service()
    {
        var documents = Documents(Infer with { Kind = NkeWorkloadKind.StatefulSet });

        Assert.Equal(
            ["Namespace", "ServiceAccount", "ConfigMap", "StatefulSet", "Service", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy"],
            documents.Select(d => d.Text("kind")));
        var set = documents.Kind("StatefulSet");
        var headless = documents.First(d => d.Text("kind") == "Service");
        Assert.Equal("None", headless.Text("spec", "clusterIP"));
        Assert.Equal(headless.Text("metadata", "name"), set.Text("spec", "serviceName"));
        Assert.Equal("cache", set.Text("spec", "volumeClaimTemplates", 0, "metadata", "name"));
        Assert.Equal("nutanix-volume", set.Text("spec", "volumeClaimTemplates", 0, "spec", "storageClassName"));
        Assert.Contains((YamlSequenceNode)set.At("spec", "template", "spec", "containers", 0, "volumeMounts")!, m => m.Text("name") == "cache");
        Assert.DoesNotContain((YamlSequenceNode)set.At("spec", "template", "spec", "volumes")!, v => v.Text("name") == "cache");
        Assert.Null(set.At("spec", "template", "spec", "affinity", "podAffinity"));
        Assert.Equal("StatefulSet", documents.Kind("HorizontalPodAutoscaler").Text("spec", "scaleTargetRef", "kind"));
    }

    [Fact]
    public void A_job_splits_the_grid_of_a_launch_file_over_its_completions()
    {
        var documents = Documents(Sweep);
        var job = documents.Kind("Job");

        Assert.Equal(("16", "4", "Indexed"), (job.Text("spec", "completions"), job.Text("spec", "parallelism"), job.Text("spec", "completionMode")));
        Assert.Equal(
            ["run", "/etc/cuda-wasm/sweep.json", "--json", "--part", "$(JOB_COMPLETION_INDEX)/16", "--output-folder", "/var/cache/cuda-wasm/results/infer/$(JOB_COMPLETION_INDEX)"],
            ((YamlSequenceNode)job.At("spec", "template", "spec", "containers", 0, "args")!).Select(a => a.ToString()));
        var files = documents.Single(d => d.Text("metadata", "name") == "infer-files");
        Assert.Equal("AP8B", files.Text("binaryData", "x.bin"));
        Assert.Equal("__global__ void k() {}", files.Text("data", "k.cu"));
    }

    [Fact]
    public void A_single_completion_runs_the_whole_grid()
    {
        var args = (YamlSequenceNode)Documents(Sweep with { Completions = 1 }).Kind("Job").At("spec", "template", "spec", "containers", 0, "args")!;

        Assert.DoesNotContain("--part", args.Select(a => a.ToString()));
    }

    [Fact]
    public void A_cron_job_wraps_the_job()
    {
        var cron = Documents(Sweep with { Kind = NkeWorkloadKind.CronJob, Schedule = "30 2 * * mon-fri", TimeZone = "Europe/Zurich", TtlSecondsAfterFinished = 3600 }).Kind("CronJob");

        Assert.Equal(("30 2 * * mon-fri", "Europe/Zurich", "Forbid"), (cron.Text("spec", "schedule"), cron.Text("spec", "timeZone"), cron.Text("spec", "concurrencyPolicy")));
        Assert.Equal("16", cron.Text("spec", "jobTemplate", "spec", "completions"));
        Assert.Equal("3600", cron.Text("spec", "jobTemplate", "spec", "ttlSecondsAfterFinished"));
        Assert.Equal("Never", cron.Text("spec", "jobTemplate", "spec", "template", "spec", "restartPolicy"));
    }

    [Theory]
    [InlineData("* * * * *")]
    [InlineData("*/5 0-6,12 1,15 jan-mar sun")]
    [InlineData("0 3 ? * 1/2")]
    [InlineData("@daily")]
    public void Cron_schedules_are_taken(string schedule) =>
        Assert.Equal(schedule, Documents(Sweep with { Kind = NkeWorkloadKind.CronJob, Schedule = schedule }).Kind("CronJob").Text("spec", "schedule"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("0 3 * * * *")]
    [InlineData("60 * * * *")]
    [InlineData("5-1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("0 0 0 * *")]
    [InlineData("TZ=UTC 0 3 * * *")]
    [InlineData("@every 5m")]
    public void Other_schedules_are_refused(string? schedule) =>
        Assert.Equal("Schedule", Fault(Sweep with { Kind = NkeWorkloadKind.CronJob, Schedule = schedule }).Field);

    [Fact]
    public void What_is_for_jobs_is_refused_elsewhere()
    {
        Assert.Equal("Schedule", Fault(Sweep with { Schedule = "@daily" }).Field);
        Assert.Equal("Completions", Fault(Infer with { Completions = 2 }).Field);
        Assert.Equal("LaunchFile", Fault(Sweep with { Kind = NkeWorkloadKind.Deployment, Completions = null }).Field);
        Assert.Equal("LaunchFile", Fault(Sweep with { LaunchFile = "other.json" }).Field);
        Assert.Equal("Name", Fault(Sweep with { Kind = NkeWorkloadKind.CronJob, Schedule = "@daily", Name = new string('a', 53) }).Field);
        Assert.Equal("BinaryFiles name", Fault(Sweep with { BinaryFiles = new Dictionary<string, byte[]> { ["k.cu"] = [] } }).Field);
        Assert.Equal("Files", Fault(Sweep with { BinaryFiles = new Dictionary<string, byte[]> { ["x.bin"] = new byte[1 << 20] } }).Field);
    }

    [Theory]
    [InlineData(GpuVendor.Nvidia, "DCGM_FI_DEV_GPU_UTIL")]
    [InlineData(GpuVendor.Amd, "gpu_gfx_activity")]
    [InlineData(GpuVendor.Intel, "xpum_engine_ratio")]
    public void The_autoscaler_looks_at_the_gpu_by_its_vendors_metric(GpuVendor vendor, string metric)
    {
        var scaler = Documents(Infer with { GpuVendor = vendor, ScaleMetric = NkeScaleMetric.Gpu, TargetGpuUtilization = 60 }).Kind("HorizontalPodAutoscaler");

        Assert.Equal(("Pods", metric), (scaler.Text("spec", "metrics", 0, "type"), scaler.Text("spec", "metrics", 0, "pods", "metric", "name")));
        Assert.Equal(("AverageValue", "60"), (scaler.Text("spec", "metrics", 0, "pods", "target", "type"), scaler.Text("spec", "metrics", 0, "pods", "target", "averageValue")));
        Assert.Null(scaler.At("spec", "metrics", 0, "resource"));
    }

    [Fact]
    public void A_time_sliced_gpu_is_asked_for_by_strategy_number_and_shared_product()
    {
        var pod = Documents(Infer with { TimeSliceReplicas = 4, GpuProduct = "NVIDIA-A10" }).Kind("Deployment").At("spec", "template", "spec")!;
        var terms = (YamlSequenceNode)pod.At("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")!;
        var term = Assert.Single(terms);

        Assert.Equal("1", pod.Text("containers", 0, "resources", "limits", "nvidia.com/gpu"));
        Assert.Equal(
            [("nvidia.com/gpu.sharing-strategy", "time-slicing"), ("nvidia.com/gpu.replicas", "4"), ("nvidia.com/gpu.product", "NVIDIA-A10-SHARED")],
            ((YamlSequenceNode)term.At("matchExpressions")!).Select(e => (e.Text("key"), e.Text("values", 0))));
        Assert.Equal("TimeSliceReplicas", Fault(Infer with { TimeSliceReplicas = 4, GpuVendor = GpuVendor.Amd }).Field);
        Assert.Equal("GpuCount", Fault(Infer with { TimeSliceReplicas = 4, GpuCount = 2 }).Field);
    }

    [Theory]
    [InlineData("nvidia.com/mig-1g.10gb", true)]
    [InlineData("nvidia.com/mig-1g.10gb.me", true)]
    [InlineData("nvidia.com/mig-1g", false)]
    [InlineData("nvidia.com/mig-9g.10gb", false)]
    public void Mig_profiles_are_read(string resource, bool isTaken)
    {
        if (isTaken)
            NkeManifest.Create(Infer with { GpuResource = resource });
        else
            Assert.Equal("GpuResource", Fault(Infer with { GpuResource = resource }).Field);
    }

    [Fact]
    public void A_service_monitor_scrapes_the_service_and_prometheus_is_let_in()
    {
        var documents = Documents(Infer with { ServiceMonitor = true, MonitoringNamespace = "watch" });

        var monitor = documents.Kind("ServiceMonitor");
        Assert.Equal(("monitoring.coreos.com/v1", "/metrics"), (monitor.Text("apiVersion"), monitor.Text("spec", "endpoints", 0, "path")));
        Assert.Equal(documents.Kind("Service").Text("spec", "ports", 0, "name"), monitor.Text("spec", "endpoints", 0, "port"));
        Assert.Equal("watch", documents.Kind("NetworkPolicy").Text("spec", "ingress", 0, "from", 1, "namespaceSelector", "matchLabels", "kubernetes.io/metadata.name"));
    }

    [Fact]
    public void An_api_key_secret_closes_the_worker()
    {
        var open = Documents(Infer);
        var closed = Documents(Infer with { ApiKeySecret = "infer-keys" });

        Assert.Equal("true", open.Kind("ConfigMap").Text("data", "CUDA_WASM_ALLOW_ANONYMOUS"));
        Assert.Null(closed.Kind("ConfigMap").At("data", "CUDA_WASM_ALLOW_ANONYMOUS"));
        Assert.Equal("/etc/cuda-wasm-keys/keys", closed.Kind("ConfigMap").Text("data", "CUDA_WASM_API_KEY_FILE"));
        var pod = closed.Kind("Deployment").At("spec", "template", "spec")!;
        Assert.Equal("infer-keys", ((YamlSequenceNode)pod.At("volumes")!).Single(v => v.Text("name") == "keys").Text("secret", "secretName"));
    }

    [Fact]
    public void Probes_ask_the_worker_or_any_open_port()
    {
        var worker = Documents(Infer).Kind("Deployment").At("spec", "template", "spec", "containers", 0)!;
        var other = Documents(Infer with { HttpProbes = false }).Kind("Deployment").At("spec", "template", "spec", "containers", 0)!;

        Assert.Equal(("/readyz", "/healthz"), (worker.Text("readinessProbe", "httpGet", "path"), worker.Text("livenessProbe", "httpGet", "path")));
        Assert.Equal("http", other.Text("livenessProbe", "tcpSocket", "port"));
        Assert.Null(other.At("livenessProbe", "httpGet"));
    }

    [Fact]
    public void The_edge_profile_is_one_small_pod_on_the_nodes_own_disk()
    {
        var documents = Documents(NkeManifestOptions.ForEdge("edge", "cuda-wasm:1.0"));

        Assert.DoesNotContain(documents, d => d.Text("kind") == "HorizontalPodAutoscaler");
        Assert.Equal("1", documents.Kind("Deployment").Text("spec", "replicas"));
        Assert.Equal(("local-path", "1Gi"), (documents.Kind("PersistentVolumeClaim").Text("spec", "storageClassName"), documents.Kind("PersistentVolumeClaim").Text("spec", "resources", "requests", "storage")));
    }

    [Fact]
    public void A_kustomize_folder_lists_its_files_in_order()
    {
        var manifest = NkeManifest.Create(Infer with { Kind = NkeWorkloadKind.StatefulSet });
        var files = manifest.WriteToKustomization(_folder).Select(f => Path.GetFileName(f)).ToArray();

        Assert.Equal("kustomization.yaml", files[^1]);
        var list = Assert.Single(YamlPath.Documents(File.ReadAllText(Path.Combine(_folder, "kustomization.yaml"))));
        Assert.Equal(files[..^1], ((YamlSequenceNode)list.At("resources")!).Select(r => r.ToString()));
        Assert.Contains("04-service-pods.yaml", files);
    }
}
