namespace Nutanix.Prism;

/// <summary>A project, which machines can belong to.</summary>
public sealed record PrismProject
{
    public required string ExtId { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }
}
