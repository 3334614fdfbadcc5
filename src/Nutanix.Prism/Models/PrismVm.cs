namespace Nutanix.Prism;

/// <summary>A virtual machine on AHV (vmm.v4.ahv.config.Vm).</summary>
public sealed record PrismVm
{
    public required string ExtId { get; init; }

    /// <summary>Not unique in Prism.</summary>
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary><c>ON</c>, <c>OFF</c>, <c>PAUSED</c>, <c>UNDETERMINED</c>, or what a newer server says.</summary>
    public string PowerState { get; init; } = "UNDETERMINED";

    public string? ClusterId { get; init; }

    public string? ClusterName { get; init; }

    /// <summary>The host it runs on; null while it is off.</summary>
    public string? HostId { get; init; }

    public string? HostName { get; init; }

    public int NumSockets { get; init; }

    public int NumCoresPerSocket { get; init; }

    public long MemoryBytes { get; init; }

    /// <summary><c>PC</c>, <c>Q35</c> or <c>PSERIES</c>.</summary>
    public string? MachineType { get; init; }

    public IReadOnlyList<VmGpu> Gpus { get; init; } = [];

    public DateTimeOffset? CreateTime { get; init; }

    public DateTimeOffset? UpdateTime { get; init; }

    /// <summary>extIds of the categories.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Addresses the machine was given or has shown, without duplicates.</summary>
    public IReadOnlyList<string> IpAddresses { get; init; } = [];

    /// <summary>False for a machine with passthrough devices.</summary>
    public bool? IsLiveMigrateCapable { get; init; }

    public bool IsPoweredOn => PowerState == "ON";

    public int GpuCount => Gpus.Count;
}
