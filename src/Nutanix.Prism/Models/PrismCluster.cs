namespace Nutanix.Prism;

/// <summary>A cluster registered at the Prism Central (clustermgmt.v4.config.Cluster).</summary>
public sealed record PrismCluster
{
    public required string ExtId { get; init; }

    public required string Name { get; init; }

    /// <summary>Version of AOS, for example <c>7.3</c>.</summary>
    public string? Version { get; init; }

    /// <summary><c>X86_64</c> or <c>PPC64LE</c>.</summary>
    public string? Architecture { get; init; }

    /// <summary><c>AOS</c>, <c>PRISM_CENTRAL</c>, <c>ONE_NODE</c>, …; values this version does not know are kept as they are.</summary>
    public IReadOnlyList<string> Functions { get; init; } = [];

    /// <summary><c>AHV</c>, <c>ESX</c>, …</summary>
    public IReadOnlyList<string> HypervisorTypes { get; init; } = [];

    public int? NodeCount { get; init; }

    public long? VmCount { get; init; }

    public bool? IsAvailable { get; init; }

    /// <summary>True for the entry by which a Prism Central lists itself: it has no hosts and no GPUs.</summary>
    public bool IsPrismCentral => Functions.Count > 0 && Functions.All(f => f == "PRISM_CENTRAL");
}
