namespace Nutanix.Prism;

/// <summary>An image (vmm.v4.content.Image).</summary>
public sealed record PrismImage
{
    public required string ExtId { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary><c>DISK_IMAGE</c> or <c>ISO_IMAGE</c>.</summary>
    public string? Type { get; init; }

    public long? SizeBytes { get; init; }

    /// <summary>extIds of the clusters that hold a copy.</summary>
    public IReadOnlyList<string> ClusterIds { get; init; } = [];

    public DateTimeOffset? CreateTime { get; init; }
}
