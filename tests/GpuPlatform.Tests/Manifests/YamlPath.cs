using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Tests.Manifests;

/// <summary>Walks parsed YAML by path, so that tests look at documents as a reader of them does.</summary>
internal static class YamlPath
{
    public static IReadOnlyList<YamlNode> Documents(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return [.. stream.Documents.Select(d => d.RootNode)];
    }

    /// <summary>The node at <paramref name="path"/>: keys by name, items by number; null where there is none.</summary>
    public static YamlNode? At(this YamlNode node, params object[] path)
    {
        YamlNode? at = node;
        foreach (var step in path)
        {
            at = (at, step) switch
            {
                (YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null,
                (YamlSequenceNode list, int index) => index < list.Children.Count ? list.Children[index] : null,
                _ => null,
            };
        }

        return at;
    }

    public static string? Text(this YamlNode node, params object[] path) => (node.At(path) as YamlScalarNode)?.Value;

    public static YamlNode Kind(this IEnumerable<YamlNode> documents, string kind) => documents.Single(d => d.Text("kind") == kind);
}
