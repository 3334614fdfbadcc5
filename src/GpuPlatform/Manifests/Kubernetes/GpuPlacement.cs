namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>Whose GPUs a pod gets, and the resource it asks for.</summary>
internal sealed record GpuPlacement(GpuScheduling Scheduling, string Resource)
{
    /// <summary>The placement that checked options mean; null for pods without GPUs.</summary>
    public static GpuPlacement? Of(NkeManifestOptions options)
    {
        if (options.GpuCount == 0)
            return null;

        var scheduling = options.GpuResource is { } resource ? GpuScheduling.ForResource(resource) : GpuScheduling.For(options.GpuVendor);
        return new GpuPlacement(scheduling!, options.GpuResource ?? scheduling!.DefaultResource);
    }
}
