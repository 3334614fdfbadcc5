using GpuPlatform.Manifests.Kubernetes;
using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Tests.Manifests;

public class NkeManifestTests
{
    private static readonly NkeManifestOptions Infer = new() { Name = "infer", Image = "registry.example/cuda-wasm:1.0" };

    private static IReadOnlyList<YamlNode> Documents(NkeManifestOptions options) => YamlPath.Documents(NkeManifest.Create(options).ToYaml());

    private static YamlNode Pod(IReadOnlyList<YamlNode> documents) =>
        documents.Single(d => d.Text("kind") is "Deployment" or "Job").At("spec", "template", "spec")!;

    [Fact]
    public void A_deployment_has_all_its_objects_in_the_order_they_are_applied()
    {
        Assert.Equal(
            ["Namespace", "ServiceAccount", "ConfigMap", "PersistentVolumeClaim", "Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy"],
            Documents(Infer).Select(d => d.Text("kind")));
    }

    [Fact]
    public void A_job_has_no_service_and_no_autoscaler()
    {
        var documents = Documents(Infer with { Kind = NkeWorkloadKind.Job, Replicas = 3 });

        Assert.Equal(
            ["Namespace", "ServiceAccount", "ConfigMap", "PersistentVolumeClaim", "Job", "NetworkPolicy"],
            documents.Select(d => d.Text("kind")));
        Assert.Equal("Never", Pod(documents).Text("restartPolicy"));
        Assert.Equal("Indexed", documents.Kind("Job").Text("spec", "completionMode"));
        Assert.Equal("3", documents.Kind("Job").Text("spec", "parallelism"));
        Assert.Null(documents.Kind("NetworkPolicy").At("spec", "ingress"));
    }

    [Theory]
    [InlineData(GpuVendor.Nvidia, "nvidia.com/gpu")]
    [InlineData(GpuVendor.Amd, "amd.com/gpu")]
    [InlineData(GpuVendor.Intel, "gpu.intel.com/i915")]
    public void Requests_and_limits_name_the_vendors_resource(GpuVendor vendor, string resource)
    {
        var container = Pod(Documents(Infer with { GpuVendor = vendor, GpuCount = 2 })).At("containers", 0)!;

        Assert.Equal("2", container.Text("resources", "requests", resource));
        Assert.Equal("2", container.Text("resources", "limits", resource));
    }

    [Theory]
    [InlineData(GpuVendor.Nvidia, "amd", "intel", "1002.", "8086.")]
    [InlineData(GpuVendor.Amd, "nvidia", "intel", "10de.", "8086.", "CUDA_CACHE_PATH")]
    [InlineData(GpuVendor.Intel, "nvidia", "amd.com", "amd-gpu", "10de.", "1002.", "CUDA_CACHE_PATH")]
    public void Nothing_of_another_vendor_is_in_the_documents(GpuVendor vendor, params string[] foreign)
    {
        var yaml = NkeManifest.Create(Infer with { GpuVendor = vendor }).ToYaml();

        Assert.All(foreign, word => Assert.DoesNotContain(word, yaml, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(GpuVendor.Nvidia, "nvidia.com/gpu.present", "feature.node.kubernetes.io/pci-0302_10de.present")]
    [InlineData(GpuVendor.Amd, "feature.node.kubernetes.io/amd-gpu", "feature.node.kubernetes.io/pci-1200_1002.present")]
    [InlineData(GpuVendor.Intel, "intel.feature.node.kubernetes.io/gpu", "feature.node.kubernetes.io/pci-0380_8086.present")]
    public void Any_one_label_of_the_vendor_admits_a_node(GpuVendor vendor, params string[] labels)
    {
        var terms = (YamlSequenceNode)Pod(Documents(Infer with { GpuVendor = vendor }))
            .At("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")!;

        Assert.All(terms, t => Assert.Single((YamlSequenceNode)t.At("matchExpressions")!));
        var keys = terms.Select(t => t.Text("matchExpressions", 0, "key")).ToArray();
        Assert.All(labels, label => Assert.Contains(label, keys));
    }

    [Fact]
    public void Node_labels_can_be_a_wish()
    {
        var affinity = Pod(Documents(Infer with { RequireNodeLabels = false })).At("affinity", "nodeAffinity")!;

        Assert.Null(affinity.At("requiredDuringSchedulingIgnoredDuringExecution"));
        Assert.Equal("100", affinity.Text("preferredDuringSchedulingIgnoredDuringExecution", 0, "weight"));
    }

    [Theory]
    [InlineData(GpuVendor.Nvidia, "NVIDIA-A100-SXM4-80GB", "nvidia.com/gpu.product")]
    [InlineData(GpuVendor.Amd, "AMD_Instinct_MI300X_OAM", "amd.com/gpu.product-name")]
    [InlineData(GpuVendor.Intel, "Max_1550", "gpu.intel.com/product")]
    public void A_product_is_asked_for_by_the_vendors_own_label(GpuVendor vendor, string product, string label)
    {
        var term = Pod(Documents(Infer with { GpuVendor = vendor, GpuProduct = product }))
            .At("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms", 0, "matchExpressions", 0)!;

        Assert.Equal(label, term.Text("key"));
        Assert.Equal(product, term.Text("values", 0));
    }

    [Fact]
    public void A_mig_slice_tolerates_the_whole_devices_taint_too()
    {
        var pod = Pod(Documents(Infer with { GpuResource = "nvidia.com/mig-1g.5gb" }));

        Assert.Equal("1", pod.Text("containers", 0, "resources", "limits", "nvidia.com/mig-1g.5gb"));
        Assert.Null(pod.At("containers", 0, "resources", "limits", "nvidia.com/gpu"));
        Assert.Equal(
            ["nvidia.com/gpu", "nvidia.com/mig-1g.5gb"],
            ((YamlSequenceNode)pod.At("tolerations")!).Select(t => t.Text("key")));
    }

    [Fact]
    public void The_vendor_is_known_from_the_resource()
    {
        var pod = Pod(Documents(Infer with { GpuVendor = GpuVendor.Unknown, GpuResource = "gpu.intel.com/xe" }));

        Assert.Equal("1", pod.Text("containers", 0, "resources", "limits", "gpu.intel.com/xe"));
        Assert.Equal(["gpu.intel.com/i915", "gpu.intel.com/xe"], ((YamlSequenceNode)pod.At("tolerations")!).Select(t => t.Text("key")));
    }

    [Fact]
    public void A_pod_without_gpus_goes_to_any_node()
    {
        var pod = Pod(Documents(Infer with { GpuCount = 0 }));

        Assert.Null(pod.At("tolerations"));
        Assert.Null(pod.At("affinity", "nodeAffinity"));
        Assert.Equal(["cpu", "memory"], ((YamlMappingNode)pod.At("containers", 0, "resources", "limits")!).Children.Keys.Select(k => k.ToString()));
    }

    [Fact]
    public void Pods_meet_the_restricted_standard()
    {
        var documents = Documents(Infer);
        var pod = Pod(documents);
        var container = pod.At("containers", 0, "securityContext")!;

        Assert.Equal("true", pod.Text("securityContext", "runAsNonRoot"));
        Assert.Equal("RuntimeDefault", pod.Text("securityContext", "seccompProfile", "type"));
        Assert.Equal("false", pod.Text("automountServiceAccountToken"));
        Assert.Equal("false", container.Text("allowPrivilegeEscalation"));
        Assert.Equal("true", container.Text("readOnlyRootFilesystem"));
        Assert.Equal("ALL", container.Text("capabilities", "drop", 0));
        Assert.Equal("false", documents.Kind("ServiceAccount").Text("automountServiceAccountToken"));
        Assert.Equal("restricted", documents.Kind("Namespace").Text("metadata", "labels", "pod-security.kubernetes.io/enforce"));
    }

    [Fact]
    public void Every_mount_has_its_volume_and_scratch_is_an_emptyDir()
    {
        var pod = Pod(Documents(Infer with { Files = new Dictionary<string, string> { ["launch.json"] = "{}" } }));
        var volumes = (YamlSequenceNode)pod.At("volumes")!;

        Assert.Equal(volumes.Select(v => v.Text("name")), ((YamlSequenceNode)pod.At("containers", 0, "volumeMounts")!).Select(m => m.Text("name")));
        Assert.Equal("1Gi", volumes.Single(v => v.Text("name") == "scratch").Text("emptyDir", "sizeLimit"));
        Assert.Equal("infer-cache", volumes.Single(v => v.Text("name") == "cache").Text("persistentVolumeClaim", "claimName"));
        Assert.Equal("infer-files", volumes.Single(v => v.Text("name") == "files").Text("configMap", "name"));
    }

    [Fact]
    public void The_cache_claim_has_nutanix_volumes_as_its_class()
    {
        var claim = Documents(Infer).Kind("PersistentVolumeClaim");

        Assert.Equal("nutanix-volume", claim.Text("spec", "storageClassName"));
        Assert.Equal("10Gi", claim.Text("spec", "resources", "requests", "storage"));
    }

    [Fact]
    public void Pods_share_a_node_with_a_single_node_volume_and_spread_with_a_shared_one()
    {
        var once = Pod(Documents(Infer)).At("affinity")!;
        var many = Pod(Documents(Infer with { CacheAccessMode = "ReadWriteMany", StorageClass = "nutanix-files" }));

        Assert.Equal("kubernetes.io/hostname", once.Text("podAffinity", "requiredDuringSchedulingIgnoredDuringExecution", 0, "topologyKey"));
        Assert.Null(Pod(Documents(Infer)).At("topologySpreadConstraints"));
        Assert.Null(many.At("affinity", "podAffinity"));
        Assert.Equal(
            ["topology.kubernetes.io/zone", "kubernetes.io/hostname"],
            ((YamlSequenceNode)many.At("topologySpreadConstraints")!).Select(c => c.Text("topologyKey")));
        Assert.Equal("infer", many.Text("topologySpreadConstraints", 0, "labelSelector", "matchLabels", "app.kubernetes.io/name"));
    }

    [Fact]
    public void Selectors_of_all_objects_choose_the_pods()
    {
        var documents = Documents(Infer with { Labels = new Dictionary<string, string> { ["team"] = "1e3" } });
        var labels = documents.Kind("Deployment").At("spec", "template", "metadata", "labels")!;

        Assert.Equal("1e3", labels.Text("team"));
        foreach (var selector in new[]
        {
            documents.Kind("Deployment").At("spec", "selector", "matchLabels"),
            documents.Kind("Service").At("spec", "selector"),
            documents.Kind("PodDisruptionBudget").At("spec", "selector", "matchLabels"),
            documents.Kind("NetworkPolicy").At("spec", "podSelector", "matchLabels"),
        })
        {
            var pair = Assert.Single(((YamlMappingNode)selector!).Children);
            Assert.Equal(labels.Text(pair.Key.ToString()), pair.Value.ToString());
        }
    }

    [Fact]
    public void An_autoscaled_deployment_leaves_the_number_of_pods_to_the_autoscaler()
    {
        var scaled = Documents(Infer with { Replicas = 2, MaxReplicas = 4 });
        var steady = Documents(Infer with { Replicas = 2, MaxReplicas = 2 });

        Assert.Null(scaled.Kind("Deployment").At("spec", "replicas"));
        Assert.Equal("autoscaling/v2", scaled.Kind("HorizontalPodAutoscaler").Text("apiVersion"));
        Assert.Equal("2", scaled.Kind("HorizontalPodAutoscaler").Text("spec", "minReplicas"));
        Assert.Equal("4", scaled.Kind("HorizontalPodAutoscaler").Text("spec", "maxReplicas"));
        Assert.Equal("2", steady.Kind("Deployment").Text("spec", "replicas"));
        Assert.DoesNotContain(steady, d => d.Text("kind") == "HorizontalPodAutoscaler");
    }

    [Fact]
    public void The_service_answers_on_the_port_the_container_names()
    {
        var documents = Documents(Infer with { Port = 9000 });

        Assert.Equal("9000", documents.Kind("Service").Text("spec", "ports", 0, "port"));
        Assert.Equal(Pod(documents).Text("containers", 0, "ports", 0, "name"), documents.Kind("Service").Text("spec", "ports", 0, "targetPort"));
        Assert.Equal("9000", Pod(documents).Text("containers", 0, "ports", 0, "containerPort"));
        Assert.Equal("9000", documents.Kind("NetworkPolicy").Text("spec", "ingress", 0, "ports", 0, "port"));
    }

    [Fact]
    public void The_default_namespace_is_not_written_over()
    {
        Assert.DoesNotContain(Documents(Infer with { Namespace = "default" }), d => d.Text("kind") == "Namespace");
    }

    [Fact]
    public void Egress_is_dns_and_the_networks_named()
    {
        var egress = (YamlSequenceNode)Documents(Infer with { EgressCidrs = ["10.1.0.0/16"] }).Kind("NetworkPolicy").At("spec", "egress")!;

        Assert.Equal("53", egress[0].Text("ports", 0, "port"));
        Assert.Equal("10.1.0.0/16", egress[1].Text("to", 0, "ipBlock", "cidr"));
    }

    [Fact]
    public void Environment_and_annotations_survive_whatever_they_hold()
    {
        var texts = ManifestYamlTests.HostileTexts.Select(t => t.Data).ToArray();
        var environment = texts.Select((t, i) => (t, i)).ToDictionary(p => $"V{p.i}", p => p.t);

        var documents = Documents(Infer with { Environment = environment, Annotations = environment });

        foreach (var (name, value) in environment)
        {
            Assert.Equal(value, documents.Kind("ConfigMap").Text("data", name));
            Assert.Equal(value, documents.Kind("Deployment").Text("metadata", "annotations", name));
        }
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("e3")]
    public void Names_that_yaml_would_take_for_something_else_stay_names(string name)
    {
        var yaml = NkeManifest.Create(Infer with { Name = name, Namespace = name }).ToYaml();

        Assert.Equal(name, YamlPath.Documents(yaml).Kind("Service").Text("metadata", "name"));
        if (name != "e3")
            Assert.Contains($"name: \"{name}\"", yaml, StringComparison.Ordinal);
    }
}
