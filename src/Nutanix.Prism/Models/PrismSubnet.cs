namespace Nutanix.Prism;

/// <summary>A subnet (networking.v4.config.Subnet).</summary>
public sealed record PrismSubnet
{
    public required string ExtId { get; init; }

    public required string Name { get; init; }

    /// <summary><c>VLAN</c> or <c>OVERLAY</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The VLAN's number.</summary>
    public int? NetworkId { get; init; }

    /// <summary>extIds of the clusters it exists on; empty for an overlay subnet.</summary>
    public IReadOnlyList<string> ClusterIds { get; init; } = [];

    public string? VpcId { get; init; }
}
