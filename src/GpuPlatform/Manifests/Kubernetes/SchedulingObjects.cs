namespace GpuPlatform.Manifests.Kubernetes;

public sealed record Toleration
{
    public required string Key { get; init; }

    public string Operator { get; init; } = "Exists";

    public string Effect { get; init; } = "NoSchedule";
}

public sealed record Affinity
{
    public NodeAffinity? NodeAffinity { get; init; }

    public PodAffinity? PodAffinity { get; init; }

    public PodAffinity? PodAntiAffinity { get; init; }
}

public sealed record NodeAffinity
{
    public NodeSelector? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }

    public IReadOnlyList<PreferredSchedulingTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; init; }
}

/// <param name="NodeSelectorTerms">Alternatives: a node that meets any one of them will do.</param>
public sealed record NodeSelector(IReadOnlyList<NodeSelectorTerm> NodeSelectorTerms);

/// <param name="MatchExpressions">A node must meet all of them.</param>
public sealed record NodeSelectorTerm(IReadOnlyList<NodeSelectorRequirement> MatchExpressions);

public sealed record NodeSelectorRequirement
{
    public required string Key { get; init; }

    public string Operator { get; init; } = "In";

    public required IReadOnlyList<string> Values { get; init; }
}

public sealed record PreferredSchedulingTerm(int Weight, NodeSelectorTerm Preference);

public sealed record PodAffinity
{
    public IReadOnlyList<PodAffinityTerm>? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }

    public IReadOnlyList<WeightedPodAffinityTerm>? PreferredDuringSchedulingIgnoredDuringExecution { get; init; }
}

public sealed record PodAffinityTerm(LabelSelector LabelSelector, string TopologyKey);

public sealed record WeightedPodAffinityTerm(int Weight, PodAffinityTerm PodAffinityTerm);

public sealed record TopologySpreadConstraint
{
    public int MaxSkew { get; init; } = 1;

    public required string TopologyKey { get; init; }

    /// <summary>A wish: pods that cannot be spread run all the same.</summary>
    public string WhenUnsatisfiable { get; init; } = "ScheduleAnyway";

    public required LabelSelector LabelSelector { get; init; }
}
