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

public sealed record StatefulSet() : KubernetesObject("apps/v1", "StatefulSet")
{
    public required StatefulSetSpec Spec { get; init; }
}

public sealed record StatefulSetSpec
{
    /// <summary>Null where an autoscaler owns the number.</summary>
    public int? Replicas { get; init; }

    public required LabelSelector Selector { get; init; }

    /// <summary>The headless Service that gives each pod its DNS name.</summary>
    public required string ServiceName { get; init; }

    public string? PodManagementPolicy { get; init; }

    public required PodTemplateSpec Template { get; init; }

    public required IReadOnlyList<PersistentVolumeClaimTemplate> VolumeClaimTemplates { get; init; }

    public PersistentVolumeClaimRetentionPolicy? PersistentVolumeClaimRetentionPolicy { get; init; }
}

/// <summary>A claim that each pod of a StatefulSet gets of its own.</summary>
public sealed record PersistentVolumeClaimTemplate(ObjectMeta Metadata, PersistentVolumeClaimSpec Spec);

public sealed record PersistentVolumeClaimRetentionPolicy(string WhenDeleted, string WhenScaled);

public sealed record CronJob() : KubernetesObject("batch/v1", "CronJob")
{
    public required CronJobSpec Spec { get; init; }
}

public sealed record CronJobSpec
{
    /// <summary>Five fields: minute, hour, day of month, month, day of week; or a word such as <c>@daily</c>.</summary>
    public required string Schedule { get; init; }

    /// <summary>Name from the IANA time zone database; null for the time zone of the cluster's controller manager.</summary>
    public string? TimeZone { get; init; }

    /// <summary>What happens when a run is due while the one before still holds its GPUs.</summary>
    public string ConcurrencyPolicy { get; init; } = "Forbid";

    public required JobTemplateSpec JobTemplate { get; init; }
}

public sealed record JobTemplateSpec(ObjectMeta Metadata, JobSpec Spec);

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

    public long? ActiveDeadlineSeconds { get; init; }

    public int? TtlSecondsAfterFinished { get; init; }

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

public sealed record MetricSpec
{
    public required string Type { get; init; }

    public ResourceMetricSource? Resource { get; init; }

    public PodsMetricSource? Pods { get; init; }
}

public sealed record ResourceMetricSource(string Name, MetricTarget Target);

/// <summary>A metric of the pods themselves, served by an adapter of the custom metrics API.</summary>
public sealed record PodsMetricSource(MetricIdentifier Metric, MetricTarget Target);

public sealed record MetricIdentifier(string Name);

public sealed record MetricTarget
{
    public required string Type { get; init; }

    /// <summary>Percent of the request; for resources.</summary>
    public int? AverageUtilization { get; init; }

    /// <summary>A quantity, the mean over the pods.</summary>
    public string? AverageValue { get; init; }
}

public sealed record PodDisruptionBudget() : KubernetesObject("policy/v1", "PodDisruptionBudget")
{
    public required PodDisruptionBudgetSpec Spec { get; init; }
}

public sealed record PodDisruptionBudgetSpec
{
    public required int MaxUnavailable { get; init; }

    public required LabelSelector Selector { get; init; }
}
