using System.Text;

namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>Checks options against the rules the API server would apply, and against each other.</summary>
internal static class NkeManifestValidator
{
    private const int MaximumConfigMapBytes = 1 << 20;
    private const int MaximumAnnotationBytes = 256 << 10;

    public static void Validate(NkeManifestOptions options)
    {
        var errors = new ManifestErrors();
        CheckNames(options, errors);
        CheckGpu(options, errors);
        CheckScale(options, errors);
        CheckResources(options, errors);
        CheckTexts(options, errors);
        errors.ThrowIfAny();
    }

    private static void CheckNames(NkeManifestOptions o, ManifestErrors errors)
    {
        errors.Check(nameof(o.Name), o.Name, KubernetesRules.Dns1035Label);
        errors.Check(nameof(o.Namespace), o.Namespace, KubernetesRules.Dns1123Label);
        errors.Check(
            o.Namespace?.StartsWith("kube-", StringComparison.Ordinal) != true,
            nameof(o.Namespace),
            o.Namespace,
            "is kept for the system; choose a namespace that does not begin with 'kube-'");
        errors.Check(nameof(o.Image), o.Image, KubernetesRules.ImageReference);
        errors.Check(nameof(o.StorageClass), o.StorageClass, KubernetesRules.Dns1123Subdomain);
        if (o.RuntimeClass is not null)
            errors.Check(nameof(o.RuntimeClass), o.RuntimeClass, KubernetesRules.Dns1123Subdomain);

        foreach (var secret in o.ImagePullSecrets)
            errors.Check(nameof(o.ImagePullSecrets), secret, KubernetesRules.Dns1123Subdomain);
    }

    private static void CheckGpu(NkeManifestOptions o, ManifestErrors errors)
    {
        errors.Check(o.GpuCount is >= 0 and <= 64, nameof(o.GpuCount), o.GpuCount, "must be 0 to 64");
        errors.Check(Enum.IsDefined(o.GpuVendor), nameof(o.GpuVendor), o.GpuVendor, "must be Nvidia, Amd or Intel");
        if (o.GpuCount == 0)
        {
            errors.Check(o.GpuResource is null, nameof(o.GpuResource), o.GpuResource, "needs GpuCount 1 or more");
            errors.Check(o.GpuProduct is null, nameof(o.GpuProduct), o.GpuProduct, "needs GpuCount 1 or more");
            return;
        }

        if (o.GpuResource is null)
        {
            errors.Check(o.GpuVendor != GpuVendor.Unknown, nameof(o.GpuVendor), o.GpuVendor, "must be Nvidia, Amd or Intel, or GpuResource must tell");
        }
        else
        {
            errors.Check(nameof(o.GpuResource), o.GpuResource, KubernetesRules.ExtendedResource);
            var owner = GpuScheduling.ForResource(o.GpuResource);
            errors.Check(owner is not null, nameof(o.GpuResource), o.GpuResource, "must be a resource of nvidia.com, amd.com or gpu.intel.com");
            errors.Check(
                owner is null || o.GpuVendor == GpuVendor.Unknown || owner.Vendor == o.GpuVendor,
                nameof(o.GpuResource),
                o.GpuResource,
                $"belongs to {owner?.Vendor}, but GpuVendor is {o.GpuVendor}");
        }

        if (o.GpuProduct is not null)
            errors.Check(o.GpuProduct.Length > 0 && KubernetesRules.LabelValue.Holds(o.GpuProduct), nameof(o.GpuProduct), o.GpuProduct, KubernetesRules.LabelValue.Text);
    }

    private static void CheckScale(NkeManifestOptions o, ManifestErrors errors)
    {
        errors.Check(Enum.IsDefined(o.Kind), nameof(o.Kind), o.Kind, "must be Deployment or Job");
        errors.Check(o.Replicas is >= 1 and <= 1000, nameof(o.Replicas), o.Replicas, "must be 1 to 1000");
        errors.Check(o.MinReplicas is null or >= 1, nameof(o.MinReplicas), o.MinReplicas, "must be 1 or more");
        errors.Check(
            o.Kind == NkeWorkloadKind.Job || o.MaxReplicas >= (o.MinReplicas ?? o.Replicas),
            nameof(o.MaxReplicas),
            o.MaxReplicas,
            $"must not be less than the fewest replicas, {o.MinReplicas ?? o.Replicas}");
        errors.Check(o.TargetCpuUtilization is >= 1 and <= 100, nameof(o.TargetCpuUtilization), o.TargetCpuUtilization, "must be 1 to 100 percent");
        errors.Check(o.Port is >= 1 and <= 65535, nameof(o.Port), o.Port, "must be 1 to 65535");
        errors.Check(o.RunAsUser is > 0 and <= int.MaxValue, nameof(o.RunAsUser), o.RunAsUser, "must be 1 to 2147483647: restricted pods do not run as root");
        foreach (var group in o.SupplementalGroups)
            errors.Check(group is > 0 and <= int.MaxValue, nameof(o.SupplementalGroups), group, "must be 1 to 2147483647");
    }

    private static void CheckResources(NkeManifestOptions o, ManifestErrors errors)
    {
        errors.Check(nameof(o.CacheSize), o.CacheSize, KubernetesRules.Quantity);
        errors.Check(nameof(o.ScratchSize), o.ScratchSize, KubernetesRules.Quantity);
        errors.Check(
            o.CacheAccessMode is NkeManifest.ReadWriteOnce or NkeManifest.ReadWriteMany,
            nameof(o.CacheAccessMode),
            o.CacheAccessMode,
            "must be ReadWriteOnce or ReadWriteMany");
        CheckPair(nameof(o.CpuRequest), o.CpuRequest, nameof(o.CpuLimit), o.CpuLimit);
        CheckPair(nameof(o.MemoryRequest), o.MemoryRequest, nameof(o.MemoryLimit), o.MemoryLimit);

        void CheckPair(string requestField, string request, string limitField, string limit)
        {
            errors.Check(requestField, request, KubernetesRules.Quantity);
            errors.Check(limitField, limit, KubernetesRules.Quantity);
            if (KubernetesRules.Quantity.Holds(request) && KubernetesRules.Quantity.Holds(limit))
            {
                KubernetesQuantity.TryParse(request, out var low);
                KubernetesQuantity.TryParse(limit, out var high);
                errors.Check(low <= high, requestField, request, $"must not be more than {limitField} '{limit}'");
            }
        }
    }

    private static void CheckTexts(NkeManifestOptions o, ManifestErrors errors)
    {
        foreach (var (key, value) in o.Labels)
        {
            errors.Check($"{nameof(o.Labels)} key", key, KubernetesRules.QualifiedName);
            errors.Check($"{nameof(o.Labels)}[{key}]", value, KubernetesRules.LabelValue);
            errors.Check(!NkeManifest.OwnLabels.Contains(key), $"{nameof(o.Labels)} key", key, "is set by the manifest itself, which selects pods by it");
        }

        foreach (var (key, value) in o.Annotations)
        {
            // Annotation keys follow the label rule, but may be in upper case.
            errors.Check($"{nameof(o.Annotations)} key", key?.ToLowerInvariant(), KubernetesRules.QualifiedName);
            errors.Check($"{nameof(o.Annotations)}[{key}]", value, KubernetesRules.PlainText);
        }

        errors.Check(Bytes(o.Annotations) <= MaximumAnnotationBytes, nameof(o.Annotations), $"{Bytes(o.Annotations)} bytes", "must not be more than 256 KiB together");

        foreach (var (key, value) in o.Environment)
        {
            errors.Check($"{nameof(o.Environment)} name", key, KubernetesRules.EnvironmentName);
            errors.Check($"{nameof(o.Environment)}[{key}]", value, KubernetesRules.PlainText);
        }

        foreach (var (key, value) in o.Files)
        {
            errors.Check($"{nameof(o.Files)} name", key, KubernetesRules.ConfigMapKey);
            errors.Check($"{nameof(o.Files)}[{key}]", value, KubernetesRules.PlainText);
        }

        // A ConfigMap holds at most 1 MiB.
        errors.Check(Bytes(o.Environment) <= MaximumConfigMapBytes, nameof(o.Environment), $"{Bytes(o.Environment)} bytes", "must not be more than 1 MiB together");
        errors.Check(Bytes(o.Files) <= MaximumConfigMapBytes, nameof(o.Files), $"{Bytes(o.Files)} bytes", "must not be more than 1 MiB together");

        foreach (var text in o.Command)
            errors.Check(nameof(o.Command), text, KubernetesRules.PlainText);
        foreach (var text in o.Arguments)
            errors.Check(nameof(o.Arguments), text, KubernetesRules.PlainText);
        foreach (var cidr in o.EgressCidrs)
            errors.Check(nameof(o.EgressCidrs), cidr, KubernetesRules.Cidr);
    }

    private static int Bytes(IReadOnlyDictionary<string, string> texts) =>
        texts.Sum(t => Encoding.UTF8.GetByteCount(t.Key) + Encoding.UTF8.GetByteCount(t.Value ?? ""));
}
