using System.Text.Json.Nodes;
using GpuPlatform.Manifests.Kubernetes;
using GpuPlatform.Tests.Manifests;
using GpuPlatform.Tests.Schemas;

namespace GpuPlatform.Tests.Helm;

/// <summary>Compares objects by what they hold: types of values count, the order of keys does not.</summary>
internal static class HelmObjects
{
    /// <summary>Fails with the first object that differs, both versions of it told.</summary>
    public static void AssertSame(string name, NkeManifestOptions options, string rendered)
    {
        var wanted = Parse(NkeManifest.Create(options).ToYaml());
        var got = Parse(rendered);

        Assert.Equal(wanted.Keys.Order(StringComparer.Ordinal), got.Keys.Order(StringComparer.Ordinal));
        Assert.All(wanted, o => Assert.True(
            JsonNode.DeepEquals(o.Value, got[o.Key]),
            $"{name}: {o.Key}\nmanifest: {o.Value.ToJsonString()}\nchart:    {got[o.Key].ToJsonString()}"));
    }

    private static Dictionary<string, JsonNode> Parse(string yaml) =>
        YamlPath.Documents(yaml).Select(d => OfficialSchemas.ToJson(d)).OfType<JsonObject>().ToDictionary(o => $"{o["kind"]}/{o["metadata"]!["name"]}", o => (JsonNode)o);
}
