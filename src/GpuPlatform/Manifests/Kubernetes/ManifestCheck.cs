using System.Globalization;
using GpuPlatform.Manifests.Schemas;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>
/// What a cluster would refuse of a manifest, and what would never run: fields that are misspelled or of another type, names, labels,
/// quantities, selectors, references among the documents, GPU resources, Pod Security. It needs no cluster; custom resources are
/// checked where their definitions are given.
/// </summary>
public static class ManifestCheck
{
    private static readonly HashSet<string> ServiceKinds = ["Service"];
    private static readonly HashSet<string> ClusterWide = ["Namespace", "PersistentVolume", "StorageClass", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "PriorityClass", "RuntimeClass"];

    /// <summary>Checks all documents of a text, together: they refer to each other.</summary>
    /// <param name="yaml">Documents.</param>
    /// <param name="definitions">CustomResourceDefinitions in YAML.</param>
    public static IReadOnlyList<ManifestFinding> Check(string yaml, IReadOnlyList<string>? definitions = null)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        var findings = new List<ManifestFinding>();
        IReadOnlyList<YamlNode> documents;
        try
        {
            documents = YamlPaths.Documents(yaml);
        }
        catch (YamlException e)
        {
            return [new ManifestFinding(FindingSeverity.Error, "", "", string.Create(CultureInfo.InvariantCulture, $"line {e.Start.Line}: this is no YAML: {e.Message}"))];
        }

        var objects = new List<ManifestObject>();
        foreach (var document in documents.SelectMany(Items).Where(d => d is not YamlScalarNode { Value: null or "" }))
        {
            var item = new ManifestObject(document);
            FieldCheck.Check(item, findings);
            CheckIdentity(item, findings);
            objects.Add(item);
        }

        foreach (var twice in objects.Where(o => o.Name is not null).GroupBy(o => (o.Kind, o.Namespace, o.Name)).Where(g => g.Count() > 1))
            findings.Add(twice.First().Error("metadata.name", "stands in the manifest more than once; the last one would win"));
        foreach (var item in objects)
        {
            CheckSelector(item, findings);
            if (item.PodSpec is not null)
                PodCheck.Check(item, findings);
        }

        ReferenceCheck.Check(objects, findings);
        findings.AddRange(OpenApiSchema.Check(yaml, definitions ?? []));
        return findings;
    }

    /// <summary>The objects of a List, as <c>kubectl get -o yaml</c> writes them; else the document itself.</summary>
    private static IEnumerable<YamlNode> Items(YamlNode document) =>
        YamlPaths.Text(document, "apiVersion") == "v1" && YamlPaths.Text(document, "kind") == "List" ? YamlPaths.Items(YamlPaths.At(document, "items")) : [document];

    private static void CheckIdentity(ManifestObject item, List<ManifestFinding> findings)
    {
        foreach (var field in new[] { "apiVersion", "kind" })
        {
            if (string.IsNullOrEmpty(YamlPaths.Text(item.Root, field)))
                findings.Add(item.Error(field, "is missing"));
        }

        if (item.Kind == "Kustomization")
            return;

        var rule = ServiceKinds.Contains(item.Kind) ? KubernetesRules.Dns1035Label : item.Kind == "Namespace" ? KubernetesRules.Dns1123Label : KubernetesRules.Dns1123Subdomain;
        if (item.Name is null)
            findings.Add(item.Error("metadata.name", "is missing"));
        else if (!rule.Holds(item.Name))
            findings.Add(item.Error("metadata.name", rule.Text));
        if (item.Namespace is { } space && !KubernetesRules.Dns1123Label.Holds(space))
            findings.Add(item.Error("metadata.namespace", KubernetesRules.Dns1123Label.Text));
        if (item.Namespace is not null && ClusterWide.Contains(item.Kind))
            findings.Add(item.Error("metadata.namespace", $"is not for a {item.Kind}, which belongs to the whole cluster"));

        CheckLabels(item, "metadata.labels", YamlPaths.At(item.Root, "metadata", "labels"), findings);
        CheckLabels(item, "spec.template.metadata.labels", YamlPaths.At(item.Root, "spec", "template", "metadata", "labels"), findings);
        foreach (var (key, _) in YamlPaths.Entries(YamlPaths.At(item.Root, "data")).Where(_ => item.Kind is "ConfigMap" or "Secret"))
        {
            if (!KubernetesRules.ConfigMapKey.Holds(key))
                findings.Add(item.Error($"data[{key}]", KubernetesRules.ConfigMapKey.Text));
        }
    }

    private static void CheckLabels(ManifestObject item, string field, YamlNode? labels, List<ManifestFinding> findings)
    {
        foreach (var (key, value) in YamlPaths.Entries(labels))
        {
            if (!KubernetesRules.QualifiedName.Holds(key))
                findings.Add(item.Error($"{field}[{key}]", KubernetesRules.QualifiedName.Text));
            if (value is YamlScalarNode scalar && !KubernetesRules.LabelValue.Holds(scalar.Value))
                findings.Add(item.Error($"{field}[{key}]", KubernetesRules.LabelValue.Text));
        }
    }

    private static void CheckSelector(ManifestObject item, List<ManifestFinding> findings)
    {
        if (item.Kind is not ("Deployment" or "StatefulSet" or "DaemonSet" or "ReplicaSet"))
            return;

        var selector = YamlPaths.Entries(YamlPaths.At(item.Root, "spec", "selector", "matchLabels")).ToList();
        if (selector.Count == 0 && YamlPaths.At(item.Root, "spec", "selector") is not null && YamlPaths.At(item.Root, "spec", "selector", "matchExpressions") is null)
            findings.Add(item.Error("spec.selector", "is empty"));
        foreach (var (key, value) in selector.Where(s => YamlPaths.Text(item.Root, "spec", "template", "metadata", "labels", s.Key) != (s.Value as YamlScalarNode)?.Value))
            findings.Add(item.Error($"spec.selector.matchLabels[{key}]", $"'{value}' is no label of the pods' template, so the pods would not be its own"));
    }
}

/// <summary>A document of a manifest.</summary>
internal sealed class ManifestObject(YamlNode root)
{
    public YamlNode Root { get; } = root;

    public string Kind { get; } = YamlPaths.Text(root, "kind") ?? "";

    public string? Name { get; } = YamlPaths.Text(root, "metadata", "name");

    public string? Namespace { get; } = YamlPaths.Text(root, "metadata", "namespace");

    /// <summary>The pods it makes; null for kinds that make none.</summary>
    public YamlNode? PodTemplate { get; } = YamlPaths.Text(root, "kind") switch
    {
        "Pod" => root,
        "CronJob" => YamlPaths.At(root, "spec", "jobTemplate", "spec", "template"),
        "Deployment" or "StatefulSet" or "DaemonSet" or "ReplicaSet" or "Job" => YamlPaths.At(root, "spec", "template"),
        _ => null,
    };

    public YamlNode? PodSpec => YamlPaths.At(PodTemplate, "spec");

    public string Title => $"{Kind}/{Name}";

    public ManifestFinding Error(string field, string message) => new(FindingSeverity.Error, Title, field, message);

    public ManifestFinding Warning(string field, string message) => new(FindingSeverity.Warning, Title, field, message);
}
