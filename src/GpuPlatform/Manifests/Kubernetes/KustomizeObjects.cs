namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>The <c>kustomization.yaml</c> of a folder, as <c>kubectl apply -k</c> reads it.</summary>
public sealed record Kustomization
{
    public string ApiVersion { get; } = "kustomize.config.k8s.io/v1beta1";

    public string Kind { get; } = "Kustomization";

    /// <summary>Files of the folder, in the order they are applied.</summary>
    public required IReadOnlyList<string> Resources { get; init; }
}
