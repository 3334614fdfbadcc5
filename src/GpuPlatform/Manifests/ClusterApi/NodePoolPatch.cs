using GpuPlatform.Manifests.Kubernetes;

namespace GpuPlatform.Manifests.ClusterApi;

/// <summary>Which machines of a cluster get the GPUs.</summary>
public enum NodePoolKind
{
    /// <summary>Workers.</summary>
    MachineDeployment,

    /// <summary>The control plane, of clusters with one node: then its taint goes, so that GPU pods run there.</summary>
    KubeadmControlPlane,
}

/// <summary>
/// A merge patch that has a cluster's machines made from a template: <c>kubectl patch --type merge --patch-file</c>. The GPU Operator
/// finds the nodes by itself (Node Feature Discovery), and installs the driver where the image has none.
/// </summary>
public static class NodePoolPatch
{
    public static string ToYaml(NodePoolKind kind, KubernetesObject template)
    {
        ArgumentNullException.ThrowIfNull(template);
        var reference = new Dictionary<string, object>
        {
            ["apiVersion"] = template.ApiVersion,
            ["kind"] = template.Kind,
            ["name"] = template.Metadata.Name!,
        };
        object spec = kind == NodePoolKind.MachineDeployment
            ? Map("template", Map("spec", Map("infrastructureRef", reference)))
            : new Dictionary<string, object>
            {
                ["machineTemplate"] = Map("infrastructureRef", reference),
                // An explicit empty list, since a list that is left out means the control plane's usual taint.
                ["kubeadmConfigSpec"] = new Dictionary<string, object>
                {
                    ["initConfiguration"] = Map("nodeRegistration", Map("taints", EmptyList)),
                    ["joinConfiguration"] = Map("nodeRegistration", Map("taints", EmptyList)),
                },
            };
        return ManifestYaml.SerializeVerbatim(Map("spec", spec));
    }

    private static readonly object[] EmptyList = [];

    private static Dictionary<string, object> Map(string key, object value) => new() { [key] = value };
}
