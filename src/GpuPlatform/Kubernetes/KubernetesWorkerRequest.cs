using GpuPlatform.Manifests.Kubernetes;
using GpuPlatform.Workers;

namespace GpuPlatform.Kubernetes;

/// <summary>A worker of one or more pods behind a Service.</summary>
public sealed record KubernetesWorkerRequest : WorkerRequest
{
    /// <summary>The objects; a Deployment or a StatefulSet runs the pods.</summary>
    public required NkeManifestOptions Manifest { get; init; }
}
