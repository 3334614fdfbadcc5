namespace Nutanix.Prism.Simulator.Estates;

/// <summary>An exact estate for tests and rehearsals. Identifiers that are left out come from the seed.</summary>
public sealed record EstateDescription
{
    public required IReadOnlyList<ClusterDescription> Clusters { get; init; }

    /// <summary>Images every cluster holds; null for the usual few.</summary>
    public IReadOnlyList<ImageDescription>? Images { get; init; }

    /// <summary>Categories that exist at the start as <c>key:value</c>; null for the usual few.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    public IReadOnlyList<AffinityPolicyDescription> AffinityPolicies { get; init; } = [];

    public IReadOnlyList<string> Projects { get; init; } = ["default", "gpu-research"];
}

/// <summary>A VM-host affinity policy; its categories, as <c>key:value</c>, must exist in the estate.</summary>
/// <param name="Name">The policy's name.</param>
/// <param name="VmCategories">Machines with one of these are bound.</param>
/// <param name="HostCategories">Hosts with one of these may run them.</param>
public sealed record AffinityPolicyDescription(string Name, IReadOnlyList<string> VmCategories, IReadOnlyList<string> HostCategories);

public sealed record ClusterDescription
{
    public required string Name { get; init; }

    public string? ExtId { get; init; }

    public IReadOnlyList<HostDescription> Hosts { get; init; } = [];

    public IReadOnlyList<VmDescription> Vms { get; init; } = [];

    /// <summary>Names of the VLAN subnets of the cluster; null for the usual two.</summary>
    public IReadOnlyList<string>? Subnets { get; init; }
}

public sealed record HostDescription
{
    public required string Name { get; init; }

    public string? ExtId { get; init; }

    public IReadOnlyList<GpuDescription> Gpus { get; init; } = [];

    public long MemoryBytes { get; init; } = 1L << 40;

    public int CpuSockets { get; init; } = 2;

    public int CoresPerSocket { get; init; } = 32;

    public long CpuFrequencyHz { get; init; } = 2_600_000_000;

    public string CpuModel { get; init; } = "Intel(R) Xeon(R) Gold 6548Y+";

    /// <summary>Hardware model; <c>AWS.z1d.metal</c> and the like for NC2.</summary>
    public string BlockModel { get; init; } = "NX-3155G-G9";

    /// <summary>Categories of the host as <c>key:value</c>; they must exist in the estate.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];
}

public sealed record GpuDescription
{
    /// <summary>A model of <see cref="Gpus.GpuCatalogue"/>, by its short name or its device name.</summary>
    public required string Model { get; init; }

    /// <summary>True when the host may cut the device into vGPUs.</summary>
    public bool Shared { get; init; }

    /// <summary>PCI bus number; null for the next free one.</summary>
    public int? Bus { get; init; }

    public int? NumaNode { get; init; }
}

public sealed record VmDescription
{
    public required string Name { get; init; }

    public string? ExtId { get; init; }

    /// <summary>True for a running VM; the estate must have room for it.</summary>
    public bool PowerOn { get; init; }

    /// <summary>Name of the host it runs on; null for the placement's choice.</summary>
    public string? Host { get; init; }

    /// <summary>One entry a GPU: a model's name for passthrough, or a vGPU profile's name.</summary>
    public IReadOnlyList<string> Gpus { get; init; } = [];

    public int NumSockets { get; init; } = 2;

    public int NumCoresPerSocket { get; init; } = 4;

    public long MemoryBytes { get; init; } = 32L << 30;

    public string Description { get; init; } = "";

    /// <summary>Categories of the VM as <c>key:value</c>; they must exist in the estate.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];
}

/// <param name="Name">The image's name.</param>
/// <param name="Type"><c>DISK_IMAGE</c> or <c>ISO_IMAGE</c>.</param>
/// <param name="SizeBytes">Size in bytes.</param>
/// <param name="ExtId">Identifier; null to take one from the seed.</param>
public sealed record ImageDescription(string Name, string Type, long SizeBytes, string? ExtId = null);
