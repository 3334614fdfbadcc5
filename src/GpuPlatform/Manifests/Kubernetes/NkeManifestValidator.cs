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
        CheckJob(options, errors);
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

        if (o.ApiKeySecret is not null)
            errors.Check(nameof(o.ApiKeySecret), o.ApiKeySecret, KubernetesRules.Dns1123Subdomain);
        errors.Check(nameof(o.MonitoringNamespace), o.MonitoringNamespace, KubernetesRules.Dns1123Label);
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
            errors.Check(o.TimeSliceReplicas is null, nameof(o.TimeSliceReplicas), o.TimeSliceReplicas, "needs GpuCount 1 or more");
            errors.Check(o.ScaleMetric == NkeScaleMetric.Cpu, nameof(o.ScaleMetric), o.ScaleMetric, "needs GpuCount 1 or more");
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
            errors.Check(
                !o.GpuResource.StartsWith("nvidia.com/mig-", StringComparison.Ordinal) || KubernetesRules.MigResource.Holds(o.GpuResource),
                nameof(o.GpuResource),
                o.GpuResource,
                KubernetesRules.MigResource.Text);
        }

        CheckTimeSlicing(o, errors);

        if (o.GpuProduct is not null)
            errors.Check(o.GpuProduct.Length > 0 && KubernetesRules.LabelValue.Holds(o.GpuProduct), nameof(o.GpuProduct), o.GpuProduct, KubernetesRules.LabelValue.Text);
    }

    private static void CheckTimeSlicing(NkeManifestOptions o, ManifestErrors errors)
    {
        if (o.TimeSliceReplicas is not { } replicas)
            return;

        errors.Check(replicas is >= 2 and <= 100, nameof(o.TimeSliceReplicas), replicas, "must be 2 to 100");
        errors.Check(
            (o.GpuResource is null ? o.GpuVendor : GpuScheduling.ForResource(o.GpuResource)?.Vendor) == GpuVendor.Nvidia,
            nameof(o.TimeSliceReplicas),
            replicas,
            "is a setting of NVIDIA's device plugin; other vendors' GPUs are not shared this way");
        // More than one replica gives no more of the GPU, and the device plugin may be told to refuse it.
        errors.Check(o.GpuCount == 1, nameof(o.GpuCount), o.GpuCount, "must be 1 with TimeSliceReplicas: two turns on one GPU are no more than one");
    }

    private static void CheckJob(NkeManifestOptions o, ManifestErrors errors)
    {
        var isJob = o.Kind is NkeWorkloadKind.Job or NkeWorkloadKind.CronJob;
        if (o.Kind == NkeWorkloadKind.CronJob)
            errors.Check(nameof(o.Schedule), o.Schedule, KubernetesRules.CronSchedule);
        else
            errors.Check(o.Schedule is null, nameof(o.Schedule), o.Schedule, "is for CronJobs");
        if (o.Kind == NkeWorkloadKind.CronJob)
            // The controller appends 11 characters to the names of its Jobs.
            errors.Check(o.Name.Length <= 52, nameof(o.Name), o.Name, "must not be longer than 52 characters for a CronJob");
        if (o.Kind == NkeWorkloadKind.StatefulSet)
            // Its pods have a label with the name and 11 characters of a revision.
            errors.Check(o.Name.Length <= 52, nameof(o.Name), o.Name, "must not be longer than 52 characters for a StatefulSet");

        errors.Check(o.TimeZone is null || (o.Kind == NkeWorkloadKind.CronJob && KubernetesRules.TimeZone.Holds(o.TimeZone)), nameof(o.TimeZone), o.TimeZone, "must be an IANA time zone such as 'Europe/Zurich', and is for CronJobs");
        errors.Check(o.Completions is null || (isJob && o.Completions is >= 1 and <= 100_000), nameof(o.Completions), o.Completions, "must be 1 to 100000, and is for Jobs");
        errors.Check(o.ActiveDeadlineSeconds is null || (isJob && o.ActiveDeadlineSeconds > 0), nameof(o.ActiveDeadlineSeconds), o.ActiveDeadlineSeconds, "must be 1 or more, and is for Jobs");
        errors.Check(o.TtlSecondsAfterFinished is null || (isJob && o.TtlSecondsAfterFinished >= 0), nameof(o.TtlSecondsAfterFinished), o.TtlSecondsAfterFinished, "must be 0 or more, and is for Jobs");
        errors.Check(o.LaunchFile is null || (isJob && o.Files.ContainsKey(o.LaunchFile)), nameof(o.LaunchFile), o.LaunchFile, "must be the name of one of Files, and is for Jobs");
    }

    private static void CheckScale(NkeManifestOptions o, ManifestErrors errors)
    {
        errors.Check(Enum.IsDefined(o.Kind), nameof(o.Kind), o.Kind, "must be Deployment, StatefulSet, Job or CronJob");
        errors.Check(o.Replicas is >= 1 and <= 1000, nameof(o.Replicas), o.Replicas, "must be 1 to 1000");
        errors.Check(o.MinReplicas is null or >= 1, nameof(o.MinReplicas), o.MinReplicas, "must be 1 or more");
        errors.Check(
            o.Kind is NkeWorkloadKind.Job or NkeWorkloadKind.CronJob || o.MaxReplicas >= (o.MinReplicas ?? o.Replicas),
            nameof(o.MaxReplicas),
            o.MaxReplicas,
            $"must not be less than the fewest replicas, {o.MinReplicas ?? o.Replicas}");
        errors.Check(o.TargetCpuUtilization is >= 1 and <= 100, nameof(o.TargetCpuUtilization), o.TargetCpuUtilization, "must be 1 to 100 percent");
        errors.Check(o.TargetGpuUtilization is >= 1 and <= 100, nameof(o.TargetGpuUtilization), o.TargetGpuUtilization, "must be 1 to 100 percent");
        errors.Check(Enum.IsDefined(o.ScaleMetric), nameof(o.ScaleMetric), o.ScaleMetric, "must be Cpu or Gpu");
        errors.Check(o.TerminationGraceSeconds is >= 1 and <= 3600, nameof(o.TerminationGraceSeconds), o.TerminationGraceSeconds, "must be 1 to 3600 seconds");
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
            errors.Check(!NkeWorkload.OwnLabels.Contains(key), $"{nameof(o.Labels)} key", key, "is set by the manifest itself, which selects pods by it");
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

        foreach (var (key, _) in o.BinaryFiles)
        {
            errors.Check($"{nameof(o.BinaryFiles)} name", key, KubernetesRules.ConfigMapKey);
            errors.Check(!o.Files.ContainsKey(key), $"{nameof(o.BinaryFiles)} name", key, "is the name of one of Files too");
        }

        // A ConfigMap holds at most 1 MiB.
        errors.Check(Bytes(o.Environment) <= MaximumConfigMapBytes, nameof(o.Environment), $"{Bytes(o.Environment)} bytes", "must not be more than 1 MiB together");
        var fileBytes = Bytes(o.Files) + o.BinaryFiles.Sum(f => (long)f.Key.Length + f.Value.Length);
        errors.Check(fileBytes <= MaximumConfigMapBytes, nameof(o.Files), $"{fileBytes} bytes", "must not be more than 1 MiB together");

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
