namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>Tells the Prometheus Operator what to scrape (github.com/prometheus-operator/prometheus-operator).</summary>
public sealed record ServiceMonitor() : KubernetesObject("monitoring.coreos.com/v1", "ServiceMonitor")
{
    public required ServiceMonitorSpec Spec { get; init; }
}

public sealed record ServiceMonitorSpec
{
    public required LabelSelector Selector { get; init; }

    public required IReadOnlyList<ServiceMonitorEndpoint> Endpoints { get; init; }
}

/// <param name="Port">The Service port's name.</param>
/// <param name="Path">Where the metrics are.</param>
/// <param name="Interval">A Prometheus duration.</param>
public sealed record ServiceMonitorEndpoint(string Port, string Path, string Interval);
