using System.Text.Json.Nodes;

namespace Nutanix.Prism.Simulator.Estates;

/// <summary>An AHV cluster, or Prism Central's own registration as one.</summary>
internal sealed class Cluster
{
    public required string ExtId { get; init; }

    public required string Name { get; init; }

    public required int Index { get; init; }

    public bool IsPrismCentral { get; init; }

    public required string StorageContainerExtId { get; init; }

    public List<Host> Hosts { get; } = [];

    /// <summary>The affinity policies of the estate, which bind the machines of all clusters.</summary>
    public required IReadOnlyList<AffinityPolicy> Policies { get; init; }

    /// <summary>Address of the cluster's own interface: 10.(cluster).0.10.</summary>
    public string Address => $"10.{Index}.0.10";
}

/// <summary>A disk or ISO image.</summary>
internal sealed class Image
{
    public required string ExtId { get; init; }

    public required string Name { get; init; }

    public required string Type { get; init; }

    public required long SizeBytes { get; init; }

    public required DateTimeOffset CreateTime { get; init; }
}

/// <summary>A VLAN subnet of one cluster.</summary>
internal sealed class Subnet
{
    public required string ExtId { get; init; }

    public required string Name { get; init; }

    public required int VlanId { get; init; }

    public required Cluster Cluster { get; init; }

    /// <summary>The third octet of the subnet's /24: 10.(cluster).(octet).0.</summary>
    public required int Octet { get; init; }

    public required string VirtualSwitchExtId { get; init; }

    private int _nextAddress = 20;

    /// <summary>The next address of the pool; the pool starts over when it is used up.</summary>
    public string NextAddress()
    {
        var host = _nextAddress;
        _nextAddress = _nextAddress >= 250 ? 20 : _nextAddress + 1;
        return $"10.{Cluster.Index}.{Octet}.{host}";
    }
}

/// <summary>A category: one value of one key.</summary>
internal sealed class Category
{
    public required string ExtId { get; init; }

    public required string Key { get; init; }

    public required string Value { get; set; }

    public required string Type { get; init; }

    public string? Description { get; set; }

    public JsonNode? OwnerUuid { get; set; }

    public long Revision { get; set; }
}

/// <summary>Machines with one of the machine categories run only on hosts with one of the host categories; both are extIds.</summary>
internal sealed class AffinityPolicy
{
    public required string ExtId { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    public required IReadOnlyList<string> VmCategories { get; init; }

    public required IReadOnlyList<string> HostCategories { get; init; }

    public long Revision { get; } = 1;
}

/// <summary>A project.</summary>
internal sealed record Project(string ExtId, string Name);
