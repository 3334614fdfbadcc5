namespace GpuPlatform.Manifests.Kubernetes;

public sealed record Deployment() : KubernetesObject("apps/v1", "Deployment")
{
    public required DeploymentSpec Spec { get; init; }
}

public sealed record DeploymentSpec
{
    /// <summary>Null where an autoscaler owns the number: applying the document again must not scale back what it did.</summary>
    public int? Replicas { get; init; }

    public required LabelSelector Selector { get; init; }

    public required DeploymentStrategy Strategy { get; init; }

    public required PodTemplateSpec Template { get; init; }
}

public sealed record DeploymentStrategy
{
    public string Type { get; init; } = "RollingUpdate";

    public required RollingUpdateDeployment RollingUpdate { get; init; }
}

public sealed record RollingUpdateDeployment(int MaxSurge, int MaxUnavailable);

public sealed record Job() : KubernetesObject("batch/v1", "Job")
{
    public required JobSpec Spec { get; init; }
}

public sealed record JobSpec
{
    public required int Completions { get; init; }

    public required int Parallelism { get; init; }

    public string? CompletionMode { get; init; }

    public required int BackoffLimit { get; init; }

    public required PodTemplateSpec Template { get; init; }
}

public sealed record HorizontalPodAutoscaler() : KubernetesObject("autoscaling/v2", "HorizontalPodAutoscaler")
{
    public required HorizontalPodAutoscalerSpec Spec { get; init; }
}

public sealed record HorizontalPodAutoscalerSpec
{
    public required CrossVersionObjectReference ScaleTargetRef { get; init; }

    public required int MinReplicas { get; init; }

    public required int MaxReplicas { get; init; }

    public required IReadOnlyList<MetricSpec> Metrics { get; init; }
}

public sealed record CrossVersionObjectReference(string ApiVersion, string Kind, string Name);

public sealed record MetricSpec(string Type, ResourceMetricSource Resource);

public sealed record ResourceMetricSource(string Name, MetricTarget Target);

public sealed record MetricTarget(string Type, int AverageUtilization);

public sealed record PodDisruptionBudget() : KubernetesObject("policy/v1", "PodDisruptionBudget")
{
    public required PodDisruptionBudgetSpec Spec { get; init; }
}

public sealed record PodDisruptionBudgetSpec
{
    public required int MaxUnavailable { get; init; }

    public required LabelSelector Selector { get; init; }
}
