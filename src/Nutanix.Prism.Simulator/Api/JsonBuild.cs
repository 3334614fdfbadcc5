using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Nutanix.Prism.Simulator.Api;

/// <summary>Short forms to build JSON trees; members that are null are left out, as Prism does.</summary>
internal static class JsonBuild
{
    /// <summary>An object that carries its type.</summary>
    public static JsonObject Typed(string objectType, params ReadOnlySpan<(string Name, JsonNode? Value)> members)
    {
        var result = new JsonObject { ["$objectType"] = objectType };
        foreach (var (name, value) in members)
        {
            if (value is not null) result[name] = value;
        }

        return result;
    }

    /// <summary>A whole number, whether it was parsed or built; a JsonValue made of an int does not convert to long itself.</summary>
    public static long? Integer(JsonNode? node) => node?.GetValueKind() == JsonValueKind.Number
        ? long.Parse(node.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
        : null;

    public static JsonArray Array(IEnumerable<JsonNode?> items) => [.. items];

    public static JsonArray Texts(IEnumerable<string> items) => [.. items.Select(i => (JsonNode?)i)];

    /// <summary><c>common.v1.config.IPAddress</c> with an IPv4 value.</summary>
    public static JsonObject IpAddress(string address) => Typed("common.v1.config.IPAddress", ("ipv4", Ipv4(address)));

    public static JsonObject Ipv4(string address) =>
        Typed("common.v1.config.IPv4Address", ("value", address), ("prefixLength", 32));
}
