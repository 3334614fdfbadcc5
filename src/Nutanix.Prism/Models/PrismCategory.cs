namespace Nutanix.Prism;

/// <summary>One value of a category key (prism.v4.config.Category).</summary>
public sealed record PrismCategory
{
    /// <summary>v4: the category's extId. v3, which has none: <c>key:value</c>.</summary>
    public required string ExtId { get; init; }

    public required string Key { get; init; }

    public required string Value { get; init; }

    public string? Description { get; init; }

    /// <summary><c>key:value</c>, as people write it.</summary>
    public string Name => $"{Key}:{Value}";
}
