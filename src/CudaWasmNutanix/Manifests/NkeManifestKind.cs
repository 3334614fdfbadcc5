using GpuPlatform.Manifests.Kubernetes;

namespace CudaWasmNutanix.Manifests;

/// <summary>What New-CudaWasmNkeManifest writes.</summary>
public enum NkeManifestKind
{
    Deployment = NkeWorkloadKind.Deployment,
    StatefulSet = NkeWorkloadKind.StatefulSet,
    Job = NkeWorkloadKind.Job,
    CronJob = NkeWorkloadKind.CronJob,

    /// <summary>A Helm chart, whose values choose among the others.</summary>
    Helm,
}
