using GpuPlatform.Manifests.Kubernetes;

namespace GpuPlatform.Manifests.Helm;

/// <summary>The chart's <c>gpu-vendors.yaml</c>: how each vendor's pods find their node, for the templates to read.</summary>
internal static class GpuVendors
{
    /// <summary>What <c>gpu.vendor</c> says of a vendor; NVIDIA's for pods without GPUs that name none.</summary>
    public static string KeyOf(GpuVendor vendor) => (vendor == GpuVendor.Unknown ? GpuVendor.Nvidia : vendor).ToString().ToLowerInvariant();

    public static string ToYaml() => ManifestYaml.SerializeWhole(GpuScheduling.All.ToDictionary(v => KeyOf(v.Vendor), v => new Entry
    {
        Resource = v.DefaultResource,
        PresenceLabels = v.PresenceLabels,
        ProductLabel = v.ProductLabel,
        UtilizationMetric = v.UtilizationMetric,
    }));

    private sealed record Entry
    {
        public required string Resource { get; init; }

        public required IReadOnlyList<string> PresenceLabels { get; init; }

        public required string ProductLabel { get; init; }

        public required string UtilizationMetric { get; init; }
    }
}
