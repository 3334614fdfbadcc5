using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>Checks the pods that an object makes, beyond what their fields tell (<see cref="FieldCheck"/>).</summary>
internal static class PodCheck
{
    public static void Check(ManifestObject item, List<ManifestFinding> findings)
    {
        var pod = item.PodSpec!;
        var restart = YamlPaths.Text(pod, "restartPolicy");
        if (item.Kind is "Job" or "CronJob" && restart is not ("Never" or "OnFailure"))
            findings.Add(item.Error("restartPolicy", "of a Job's pods must be Never or OnFailure"));
        if (item.Kind is "Deployment" or "StatefulSet" or "DaemonSet" && restart is not (null or "Always"))
            findings.Add(item.Error("restartPolicy", $"of a {item.Kind}'s pods must be Always"));
        if (item.Kind == "CronJob" && !KubernetesRules.CronSchedule.Holds(YamlPaths.Text(item.Root, "spec", "schedule")))
            findings.Add(item.Error("spec.schedule", KubernetesRules.CronSchedule.Text));

        var volumes = YamlPaths.Items(YamlPaths.At(pod, "volumes")).Select(v => YamlPaths.Text(v, "name"))
            .Concat(YamlPaths.Items(YamlPaths.At(item.Root, "spec", "volumeClaimTemplates")).Select(c => YamlPaths.Text(c, "metadata", "name"))).ToHashSet();
        var containers = YamlPaths.Items(YamlPaths.At(pod, "containers")).ToList();
        if (YamlPaths.At(pod, "containers") is YamlSequenceNode { Children.Count: 0 })
            findings.Add(item.Error("containers", "is empty"));
        var resources = new HashSet<string>(StringComparer.Ordinal);
        foreach (var container in containers.Concat(YamlPaths.Items(YamlPaths.At(pod, "initContainers"))))
            CheckContainer(item, pod, container, volumes, resources, findings);
        foreach (var name in containers.GroupBy(c => YamlPaths.Text(c, "name")).Where(g => g.Count() > 1).Select(g => g.Key))
            findings.Add(item.Error("containers", $"'{name}' is the name of several"));

        CheckVendors(item, pod, resources, findings);
    }

    private static void CheckContainer(ManifestObject item, YamlNode pod, YamlNode container, HashSet<string?> volumes, HashSet<string> resources, List<ManifestFinding> findings)
    {
        var name = YamlPaths.Text(container, "name");
        var field = $"containers[{name}]";
        if (name is not null && !KubernetesRules.Dns1123Label.Holds(name))
            findings.Add(item.Error($"{field}.name", KubernetesRules.Dns1123Label.Text));
        if (!KubernetesRules.ImageReference.Holds(YamlPaths.Text(container, "image")))
            findings.Add(item.Error($"{field}.image", KubernetesRules.ImageReference.Text));
        foreach (var mount in YamlPaths.Items(YamlPaths.At(container, "volumeMounts")).Select(m => YamlPaths.Text(m, "name")).Where(m => !volumes.Contains(m)))
            findings.Add(item.Error($"{field}.volumeMounts", $"there is no volume '{mount}'"));
        foreach (var variable in YamlPaths.Items(YamlPaths.At(container, "env")).Select(v => YamlPaths.Text(v, "name")).OfType<string>().Where(v => !KubernetesRules.EnvironmentName.Holds(v)))
            findings.Add(item.Error($"{field}.env[{variable}]", KubernetesRules.EnvironmentName.Text));
        foreach (var port in YamlPaths.Items(YamlPaths.At(container, "ports")).Select(p => YamlPaths.Text(p, "containerPort")).OfType<string>())
        {
            if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65535)
                findings.Add(item.Error($"{field}.ports", $"'{port}' is no port from 1 to 65535"));
        }

        CheckResources(item, field, container, resources, findings);
        CheckSecurity(item, field, pod, container, findings);
    }

    private static void CheckResources(ManifestObject item, string field, YamlNode container, HashSet<string> resources, List<ManifestFinding> findings)
    {
        var requests = YamlPaths.Entries(YamlPaths.At(container, "resources", "requests")).ToDictionary(r => r.Key, r => (r.Value as YamlScalarNode)?.Value ?? "", StringComparer.Ordinal);
        var limits = YamlPaths.Entries(YamlPaths.At(container, "resources", "limits")).ToDictionary(r => r.Key, r => (r.Value as YamlScalarNode)?.Value ?? "", StringComparer.Ordinal);
        foreach (var (key, limit) in limits)
        {
            if (requests.TryGetValue(key, out var request) && KubernetesQuantity.TryParse(request, out var low) && KubernetesQuantity.TryParse(limit, out var high) && low > high)
                findings.Add(item.Error($"{field}.resources.requests[{key}]", $"'{request}' is more than the limit '{limit}'"));
        }

        foreach (var key in requests.Keys.Concat(limits.Keys).Distinct().Where(k => k.Contains('/', StringComparison.Ordinal)))
        {
            resources.Add(key);
            if (!limits.TryGetValue(key, out var limit))
                findings.Add(item.Error($"{field}.resources.limits[{key}]", "is missing: extended resources have a limit"));
            else if (requests.TryGetValue(key, out var request) && request != limit)
                findings.Add(item.Error($"{field}.resources.requests[{key}]", "must be the same as the limit: extended resources are not overcommitted"));
            else if (KubernetesQuantity.TryParse(limit, out var amount) && amount != Math.Truncate(amount))
                findings.Add(item.Error($"{field}.resources.limits[{key}]", "must be a whole number"));
        }
    }

    private static void CheckSecurity(ManifestObject item, string field, YamlNode pod, YamlNode container, List<ManifestFinding> findings)
    {
        var own = YamlPaths.At(container, "securityContext");
        var shared = YamlPaths.At(pod, "securityContext");
        string? Setting(string name) => YamlPaths.Text(own, name) ?? YamlPaths.Text(shared, name);
        var missing = new List<string>();
        if (Setting("runAsNonRoot") != "true" || Setting("runAsUser") == "0")
            missing.Add("runAsNonRoot: true");
        if (YamlPaths.Text(own, "allowPrivilegeEscalation") != "false")
            missing.Add("allowPrivilegeEscalation: false");
        if (!YamlPaths.Items(YamlPaths.At(own, "capabilities", "drop")).Any(c => c.ToString() == "ALL"))
            missing.Add("capabilities.drop: [ALL]");
        if ((YamlPaths.Text(own, "seccompProfile", "type") ?? YamlPaths.Text(shared, "seccompProfile", "type")) is not ("RuntimeDefault" or "Localhost"))
            missing.Add("seccompProfile.type: RuntimeDefault");
        if (missing.Count > 0)
            findings.Add(item.Warning($"{field}.securityContext", $"is less than the Restricted Pod Security Standard wants: {string.Join(", ", missing)}"));
    }

    private static void CheckVendors(ManifestObject item, YamlNode pod, HashSet<string> resources, List<ManifestFinding> findings)
    {
        var vendors = resources.Select(GpuScheduling.ForResource).OfType<GpuScheduling>().Distinct().ToList();
        if (vendors.Count > 1)
            findings.Add(item.Error("resources", $"asks for GPUs of several vendors ({string.Join(", ", vendors.Select(v => v.Vendor))}), which no node has"));
        if (vendors is not [var vendor])
            return;

        var terms = YamlPaths.Items(YamlPaths.At(pod, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"))
            .SelectMany(t => YamlPaths.Items(YamlPaths.At(t, "matchExpressions"))).Select(e => YamlPaths.Text(e, "key"));
        var keys = terms.Concat(YamlPaths.Entries(YamlPaths.At(pod, "nodeSelector")).Select(s => (string?)s.Key)).OfType<string>();
        foreach (var key in keys.Where(k => GpuScheduling.OwnerOfLabel(k) is { } owner && owner != vendor.Vendor).Distinct())
            findings.Add(item.Error("nodeAffinity", $"{key} is a label of {GpuScheduling.OwnerOfLabel(key)}'s nodes, but the GPUs asked for are {vendor.Vendor}'s"));
    }
}
