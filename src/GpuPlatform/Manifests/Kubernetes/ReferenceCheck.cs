using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>Checks what the objects of a manifest say of each other. What they refer to may be in the cluster already: that is a warning.</summary>
internal static class ReferenceCheck
{
    public static void Check(IReadOnlyList<ManifestObject> objects, List<ManifestFinding> findings)
    {
        foreach (var item in objects)
        {
            switch (item.Kind)
            {
                case "Service":
                    CheckSelects(item, "spec.selector", YamlPaths.At(item.Root, "spec", "selector"), objects, findings);
                    CheckPorts(item, objects, findings);
                    break;
                case "PodDisruptionBudget":
                    CheckSelects(item, "spec.selector", YamlPaths.At(item.Root, "spec", "selector", "matchLabels"), objects, findings);
                    break;
                case "NetworkPolicy":
                    CheckSelects(item, "spec.podSelector", YamlPaths.At(item.Root, "spec", "podSelector", "matchLabels"), objects, findings);
                    break;
                case "HorizontalPodAutoscaler":
                    var target = YamlPaths.At(item.Root, "spec", "scaleTargetRef");
                    Expect(item, "spec.scaleTargetRef", YamlPaths.Text(target, "kind") ?? "", YamlPaths.Text(target, "name"), objects, findings);
                    break;
            }

            if (item.PodSpec is not null)
                CheckPod(item, objects, findings);
        }
    }

    private static void CheckPod(ManifestObject item, IReadOnlyList<ManifestObject> objects, List<ManifestFinding> findings)
    {
        if (YamlPaths.Text(item.PodSpec, "serviceAccountName") is { } account && account != "default")
            Expect(item, "serviceAccountName", "ServiceAccount", account, objects, findings);
        foreach (var volume in YamlPaths.Items(YamlPaths.At(item.PodSpec, "volumes")))
        {
            Expect(item, "volumes", "ConfigMap", YamlPaths.Text(volume, "configMap", "name"), objects, findings);
            Expect(item, "volumes", "PersistentVolumeClaim", YamlPaths.Text(volume, "persistentVolumeClaim", "claimName"), objects, findings);
        }

        foreach (var source in YamlPaths.Items(YamlPaths.At(item.PodSpec, "containers")).SelectMany(c => YamlPaths.Items(YamlPaths.At(c, "envFrom"))))
            Expect(item, "envFrom", "ConfigMap", YamlPaths.Text(source, "configMapRef", "name"), objects, findings);
    }

    private static void Expect(ManifestObject item, string field, string kind, string? name, IReadOnlyList<ManifestObject> objects, List<ManifestFinding> findings)
    {
        if (name is not null && !objects.Any(o => o.Kind == kind && o.Name == name && o.Namespace == item.Namespace))
            findings.Add(item.Warning(field, $"there is no {kind} '{name}' in the manifest; it must be in the cluster already"));
    }

    private static void CheckSelects(ManifestObject item, string field, YamlNode? labels, IReadOnlyList<ManifestObject> objects, List<ManifestFinding> findings)
    {
        if (YamlPaths.Entries(labels).Any() && !Selected(item, labels, objects).Any())
            findings.Add(item.Warning(field, "selects no pods of the manifest"));
    }

    private static void CheckPorts(ManifestObject service, IReadOnlyList<ManifestObject> objects, List<ManifestFinding> findings)
    {
        var names = Selected(service, YamlPaths.At(service.Root, "spec", "selector"), objects)
            .SelectMany(o => YamlPaths.Items(YamlPaths.At(o.PodSpec, "containers"))).SelectMany(c => YamlPaths.Items(YamlPaths.At(c, "ports"))).Select(p => YamlPaths.Text(p, "name")).ToHashSet();
        foreach (var target in YamlPaths.Items(YamlPaths.At(service.Root, "spec", "ports")).Select(p => YamlPaths.Text(p, "targetPort")).OfType<string>())
        {
            if (!int.TryParse(target, out _) && names.Count > 0 && !names.Contains(target))
                findings.Add(service.Error("spec.ports", $"no container has a port called '{target}'"));
        }
    }

    private static IEnumerable<ManifestObject> Selected(ManifestObject item, YamlNode? labels, IReadOnlyList<ManifestObject> objects) => objects.Where(o =>
        o.PodTemplate is not null && o.Namespace == item.Namespace
        && YamlPaths.Entries(labels).All(l => YamlPaths.Text(o.PodTemplate, "metadata", "labels", l.Key) == (l.Value as YamlScalarNode)?.Value));
}
