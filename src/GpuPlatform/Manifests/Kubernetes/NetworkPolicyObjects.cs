namespace GpuPlatform.Manifests.Kubernetes;

public sealed record NetworkPolicy() : KubernetesObject("networking.k8s.io/v1", "NetworkPolicy")
{
    public required NetworkPolicySpec Spec { get; init; }
}

public sealed record NetworkPolicySpec
{
    public required LabelSelector PodSelector { get; init; }

    /// <summary>A direction named here without rules is closed.</summary>
    public required IReadOnlyList<string> PolicyTypes { get; init; }

    public IReadOnlyList<NetworkPolicyIngressRule>? Ingress { get; init; }

    public IReadOnlyList<NetworkPolicyEgressRule>? Egress { get; init; }
}

public sealed record NetworkPolicyIngressRule(IReadOnlyList<NetworkPolicyPeer> From, IReadOnlyList<NetworkPolicyPort> Ports);

public sealed record NetworkPolicyEgressRule
{
    public IReadOnlyList<NetworkPolicyPeer>? To { get; init; }

    public IReadOnlyList<NetworkPolicyPort>? Ports { get; init; }
}

public sealed record NetworkPolicyPeer
{
    public LabelSelector? PodSelector { get; init; }

    public LabelSelector? NamespaceSelector { get; init; }

    public IpBlock? IpBlock { get; init; }
}

public sealed record IpBlock(string Cidr);

public sealed record NetworkPolicyPort(string Protocol, int Port);
