using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Manifests;

/// <summary>Walks parsed YAML by keys.</summary>
internal static class YamlPaths
{
    /// <exception cref="YamlException">It is no YAML.</exception>
    public static IReadOnlyList<YamlNode> Documents(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var seen = new HashSet<YamlNode>(ReferenceEqualityComparer.Instance);
        foreach (var document in stream.Documents)
            ResolveMergeKeys(document.RootNode, seen);

        return [.. stream.Documents.Select(d => d.RootNode)];
    }

    /// <summary>The node at the keys; null where there is none.</summary>
    public static YamlNode? At(YamlNode? node, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            node = node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

        return node;
    }

    public static string? Text(YamlNode? node, params ReadOnlySpan<string> keys) => (At(node, keys) as YamlScalarNode)?.Value;

    /// <summary>The entries of a map; none for anything else.</summary>
    public static IEnumerable<(string Key, YamlNode Value)> Entries(YamlNode? node) =>
        node is YamlMappingNode map ? map.Children.Select(c => ((c.Key as YamlScalarNode)?.Value ?? "", c.Value)) : [];

    /// <summary>The items of a list; none for anything else.</summary>
    public static IEnumerable<YamlNode> Items(YamlNode? node) => node is YamlSequenceNode list ? list.Children : [];

    /// <summary>The same content, whatever the order of keys and the way of writing.</summary>
    public static bool AreEqual(YamlNode? a, YamlNode? b) => (a, b) switch
    {
        (null, null) => true,
        (YamlScalarNode x, YamlScalarNode y) => x.Value == y.Value,
        (YamlSequenceNode x, YamlSequenceNode y) => x.Children.Count == y.Children.Count && x.Children.Zip(y.Children).All(p => AreEqual(p.First, p.Second)),
        (YamlMappingNode x, YamlMappingNode y) => x.Children.Count == y.Children.Count && x.Children.All(c => y.Children.TryGetValue(c.Key, out var other) && AreEqual(c.Value, other)),
        _ => false,
    };

    /// <summary>Puts what a bare <c>&lt;&lt;</c> refers to in its place, as Kubernetes' reader does; keys that are there already stay.</summary>
    private static void ResolveMergeKeys(YamlNode node, HashSet<YamlNode> seen)
    {
        if (!seen.Add(node))
            return;

        foreach (var child in node is YamlMappingNode map ? map.Children.Values : Items(node))
            ResolveMergeKeys(child, seen);
        if (node is not YamlMappingNode merging || merging.Children.Keys.FirstOrDefault(k => k is YamlScalarNode { Value: "<<", Style: ScalarStyle.Plain }) is not { } key)
            return;

        YamlNode[] sources = merging.Children[key] is YamlSequenceNode list ? [.. list.Children] : [merging.Children[key]];
        merging.Children.Remove(key);
        foreach (var entry in sources.OfType<YamlMappingNode>().SelectMany(s => s.Children))
            merging.Children.TryAdd(entry.Key, entry.Value);
    }
}
