using GpuPlatform.Manifests.CloudInit;
using GpuPlatform.Workers;

namespace Nutanix.Prism.Workers;

/// <summary>A worker on a machine of its own.</summary>
public sealed record NutanixWorkerRequest : WorkerRequest
{
    /// <summary>The machine; its user data and its power state are the provider's business.</summary>
    public required GpuVmRequest Machine { get; init; }

    /// <summary>What is set up in it on the first boot, the worker with API keys included.</summary>
    public required GpuCloudInitOptions Guest { get; init; }
}
