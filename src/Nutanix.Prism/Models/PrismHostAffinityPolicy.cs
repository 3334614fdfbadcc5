namespace Nutanix.Prism;

/// <summary>
/// A VM-host affinity policy (vmm.v4.ahv.policies.VmHostAffinityPolicy): AHV runs a machine that has one of the policy's
/// machine categories only on hosts that have one of its host categories.
/// </summary>
public sealed record PrismHostAffinityPolicy
{
    public required string ExtId { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>extIds of categories; <c>key:value</c> on v3, which has no ids for them.</summary>
    public IReadOnlyList<string> VmCategories { get; init; } = [];

    /// <inheritdoc cref="VmCategories"/>
    public IReadOnlyList<string> HostCategories { get; init; } = [];
}
