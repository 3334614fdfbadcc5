namespace Nutanix.Prism.V3.Wire;

/// <summary>vm_host_affinity_policy_get_response: unlike other entities it has neither spec nor status.</summary>
internal sealed class V3HostAffinityPolicy
{
    public V3HostAffinityPolicyInfo? Info { get; set; }

    public V3Metadata? Metadata { get; set; }
}

internal sealed class V3HostAffinityPolicyInfo
{
    public V3HostAffinityPolicyConfig? Config { get; set; }
}

/// <summary>Categories are lists of values by key.</summary>
internal sealed class V3HostAffinityPolicyConfig
{
    public string? Name { get; set; }

    public string? Description { get; set; }

    public Dictionary<string, List<string>>? VmCategories { get; set; }

    public Dictionary<string, List<string>>? HostCategories { get; set; }
}
