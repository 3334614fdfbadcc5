using System.Globalization;

namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>How a GPU vendor's pods find their node: resource, labels and taint, each vendor's own and no other's.</summary>
/// <param name="Vendor">Whose GPUs.</param>
/// <param name="ResourceDomain">Domain of the extended resources the vendor's device plugin announces.</param>
/// <param name="DefaultResource">The whole-device resource.</param>
/// <param name="PresenceLabels">
/// Node labels that say "such a GPU is here", any one of which will do: the vendor's own labeller first, then what Node Feature
/// Discovery writes by itself for the vendor's PCI id (with the class, its default, and without, as the vendor's chart sets it).
/// </param>
/// <param name="ProductLabel">Node label with the product's name.</param>
/// <param name="UtilizationMetric">
/// GPU use in percent as the vendor's own Prometheus exporter calls it: DCGM exporter, AMD Device Metrics Exporter, Intel XPU Manager.
/// </param>
internal sealed record GpuScheduling(
    GpuVendor Vendor,
    string ResourceDomain,
    string DefaultResource,
    IReadOnlyList<string> PresenceLabels,
    string ProductLabel,
    string UtilizationMetric)
{
    private const string SharingStrategyLabel = "nvidia.com/gpu.sharing-strategy";
    private const string SharingReplicasLabel = "nvidia.com/gpu.replicas";
    private const string SharedProductSuffix = "-SHARED";

    private static readonly GpuScheduling[] Vendors =
    [
        // Device plugin and GPU Feature Discovery (github.com/NVIDIA/k8s-device-plugin).
        new(
            GpuVendor.Nvidia,
            "nvidia.com",
            "nvidia.com/gpu",
            ["nvidia.com/gpu.present", .. NfdPci("10de", "0300", "0302")],
            "nvidia.com/gpu.product",
            "DCGM_FI_DEV_GPU_UTIL"),

        // Device plugin and node labeller (github.com/ROCm/k8s-device-plugin), NFD rule of the AMD GPU Operator. The labeller
        // writes values only (product, memory), so presence is the operator's rule or the PCI id: display class 0380 up to
        // MI250X, processing accelerator 1200 for MI300X.
        new(
            GpuVendor.Amd,
            "amd.com",
            "amd.com/gpu",
            ["feature.node.kubernetes.io/amd-gpu", .. NfdPci("1002", "0300", "0380", "1200")],
            "amd.com/gpu.product-name",
            "gpu_gfx_activity"),

        // GPU plugin and its NFD rules (github.com/intel/intel-device-plugins-for-kubernetes).
        new(
            GpuVendor.Intel,
            "gpu.intel.com",
            "gpu.intel.com/i915",
            ["intel.feature.node.kubernetes.io/gpu", .. NfdPci("8086", "0300", "0380")],
            "gpu.intel.com/product",
            "xpum_engine_ratio"),
    ];

    public static IReadOnlyList<GpuScheduling> All => Vendors;

    public static GpuScheduling? For(GpuVendor vendor) => Array.Find(Vendors, v => v.Vendor == vendor);

    /// <summary>The vendor whose device plugin announces <paramref name="resource"/>, if it is one of those known here.</summary>
    public static GpuScheduling? ForResource(string resource) =>
        Array.Find(Vendors, v => resource.StartsWith(v.ResourceDomain + "/", StringComparison.Ordinal));

    /// <summary>The vendor whose nodes a label marks; null for labels that no vendor's own are.</summary>
    public static GpuVendor? OwnerOfLabel(string key) =>
        Array.Find(Vendors, v => key.StartsWith(v.ResourceDomain + "/", StringComparison.Ordinal) || v.PresenceLabels.Contains(key))?.Vendor;

    /// <summary>
    /// Tolerations for the taint GPU nodes carry: keyed by the resource (the convention of the ExtendedResourceToleration
    /// admission plugin), and by the whole-device resource where a share such as a MIG slice is asked for.
    /// </summary>
    public IReadOnlyList<Toleration> Tolerations(string resource) =>
        [.. new[] { DefaultResource, resource }.Distinct(StringComparer.Ordinal).Select(key => new Toleration { Key = key })];

    /// <summary>Affinity to the vendor's nodes.</summary>
    /// <param name="product">As the vendor's labeller writes it; null for any.</param>
    /// <param name="timeSliceReplicas">
    /// Pods that share one GPU by turns; null for GPUs of one's own. GPU Feature Discovery labels such nodes with the strategy and the
    /// number, and appends <c>-SHARED</c> to the product.
    /// </param>
    /// <param name="required">False: such nodes are preferred only.</param>
    public NodeAffinity NodeAffinity(string? product, int? timeSliceReplicas, bool required)
    {
        var terms = Terms(product, timeSliceReplicas);

        return required
            ? new NodeAffinity { RequiredDuringSchedulingIgnoredDuringExecution = new NodeSelector([.. terms]) }
            : new NodeAffinity { PreferredDuringSchedulingIgnoredDuringExecution = [.. terms.Select(t => new PreferredSchedulingTerm(100, t))] };
    }

    private IEnumerable<NodeSelectorTerm> Terms(string? product, int? timeSliceReplicas)
    {
        if (timeSliceReplicas is { } replicas)
        {
            List<NodeSelectorRequirement> shared =
            [
                Equal(SharingStrategyLabel, "time-slicing"),
                Equal(SharingReplicasLabel, replicas.ToString(CultureInfo.InvariantCulture)),
            ];
            if (product is not null)
                shared.Add(Equal(ProductLabel, product.EndsWith(SharedProductSuffix, StringComparison.Ordinal) ? product : product + SharedProductSuffix));
            return [new NodeSelectorTerm(shared)];
        }

        return product is null
            ? PresenceLabels.Select(label => new NodeSelectorTerm([Equal(label, "true")]))
            : [new NodeSelectorTerm([Equal(ProductLabel, product)])];
    }

    private static NodeSelectorRequirement Equal(string key, string value) => new() { Key = key, Values = [value] };

    private static IEnumerable<string> NfdPci(string vendorId, params string[] classes) =>
        classes.Select(c => $"feature.node.kubernetes.io/pci-{c}_{vendorId}.present")
            .Prepend($"feature.node.kubernetes.io/pci-{vendorId}.present");
}
