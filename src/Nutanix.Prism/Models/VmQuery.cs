namespace Nutanix.Prism;

/// <summary>Which virtual machines to list; what is not set does not restrict.</summary>
public sealed record VmQuery
{
    /// <summary>Exact names, compared as the server does, with case.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>extIds; one that does not exist is left out.</summary>
    public IReadOnlyList<string> ExtIds { get; init; } = [];

    /// <summary>extId of the host the machines run on.</summary>
    public string? HostId { get; init; }

    /// <summary>extId of the cluster.</summary>
    public string? ClusterId { get; init; }

    /// <summary>Only machines with at least one GPU.</summary>
    public bool GpuOnly { get; init; }
}
