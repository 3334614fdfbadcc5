namespace Nutanix.Prism;

/// <summary>What of a machine is to change; what is not set stays.</summary>
public sealed record VmChange
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public int? NumSockets { get; init; }

    /// <summary>Can change only while the machine is off.</summary>
    public int? NumCoresPerSocket { get; init; }

    public long? MemoryBytes { get; init; }

    /// <summary>True where nothing is set.</summary>
    public bool IsEmpty => Name is null && Description is null && NumSockets is null && NumCoresPerSocket is null && MemoryBytes is null;
}
