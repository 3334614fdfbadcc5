namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>Who may talk to the pods, and to whom they may talk.</summary>
internal static class NkeNetworkPolicy
{
    private const string NamespaceNameLabel = "kubernetes.io/metadata.name";

    /// <summary>In: pods of the same namespace, and Prometheus, on the port. Out: DNS, and the networks named.</summary>
    public static NetworkPolicy Create(NkeManifestOptions options, ObjectMeta metadata, LabelSelector pods, bool isService)
    {
        var dns = new NetworkPolicyEgressRule
        {
            To = [InNamespace("kube-system")],
            Ports = [new NetworkPolicyPort("UDP", 53), new NetworkPolicyPort("TCP", 53)],
        };
        var networks = options.EgressCidrs.Select(c => new NetworkPolicyPeer { IpBlock = new IpBlock(c) }).ToArray();
        List<NetworkPolicyPeer> callers = [new NetworkPolicyPeer { PodSelector = new LabelSelector() }];
        if (options.ServiceMonitor)
            callers.Add(InNamespace(options.MonitoringNamespace));

        return new NetworkPolicy
        {
            Metadata = metadata,
            Spec = new NetworkPolicySpec
            {
                PodSelector = pods,
                PolicyTypes = ["Ingress", "Egress"],
                Ingress = isService ? [new NetworkPolicyIngressRule(callers, [new NetworkPolicyPort("TCP", options.Port)])] : null,
                Egress = networks.Length > 0 ? [dns, new NetworkPolicyEgressRule { To = networks }] : [dns],
            },
        };
    }

    private static NetworkPolicyPeer InNamespace(string name) => new()
    {
        NamespaceSelector = new LabelSelector { MatchLabels = new Dictionary<string, string> { [NamespaceNameLabel] = name } },
    };
}
