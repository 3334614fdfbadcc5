using System.Text.Json;
using System.Text.Json.Nodes;

namespace Nutanix.Prism.Simulator.Api;

/// <summary>
/// Writes entities as a Prism Central of a given release does: <c>$reserved</c> beside <c>$objectType</c>, both only on the
/// first element of an inner array, and no member that came with a later release.
/// </summary>
internal static class EntityWriter
{
    private const string Type = "$objectType";

    /// <summary>First release of members that were not in v4.0.</summary>
    private static readonly Dictionary<(string Type, string Member), ApiVersion> Since = new()
    {
        [("clustermgmt.v4.config.Host", "nodeSerial")] = new(4, 1),
        [("prism.v4.config.Task", "appName")] = new(4, 1),
        [("prism.v4.config.Task", "resourceLinks")] = new(4, 1),
        [("vmm.v4.ahv.config.Vm", "project")] = new(4, 1),
        [("vmm.v4.ahv.config.Vm", "customAttributes")] = new(4, 2),
        [("vmm.v4.ahv.config.Vm", "projectExtId")] = new(4, 3),
        [("vmm.v4.ahv.config.Nic", "nicBackingInfo")] = new(4, 1),
        [("vmm.v4.ahv.config.Nic", "nicNetworkInfo")] = new(4, 1),
        [("vmm.v4.ahv.config.Gpu", "assignedDeviceInfo")] = new(4, 3),
        [("vmm.v4.ahv.config.Gpu", "backingInfo")] = new(4, 3),
    };

    /// <param name="writer">Where to.</param>
    /// <param name="node">The entity or a part of it.</param>
    /// <param name="served">The highest version of the namespace.</param>
    /// <param name="select">Members of the top level to keep; null for all.</param>
    public static void Write(Utf8JsonWriter writer, JsonNode? node, ApiVersion served, IReadOnlySet<string>? select = null) =>
        Write(writer, node, served, select, showType: true);

    private static void Write(Utf8JsonWriter writer, JsonNode? node, ApiVersion served, IReadOnlySet<string>? select, bool showType)
    {
        switch (node)
        {
            case JsonObject value:
                WriteObject(writer, value, served, select, showType);
                break;
            case JsonArray items:
                writer.WriteStartArray();
                for (var i = 0; i < items.Count; i++) Write(writer, items[i], served, null, i == 0 || IsFlag(items[i]));
                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }

    /// <summary>Metadata flags keep their type on every element in recorded replies; other arrays do not.</summary>
    private static bool IsFlag(JsonNode? node) => node is JsonObject value && (string?)value[Type] == "common.v1.config.Flag";

    private static void WriteObject(Utf8JsonWriter writer, JsonObject value, ApiVersion served, IReadOnlySet<string>? select, bool showType)
    {
        writer.WriteStartObject();
        var type = (string?)value[Type];
        if (type is not null && showType)
        {
            writer.WriteStartObject("$reserved");
            writer.WriteString("$fv", Format(type, served));
            writer.WriteEndObject();
            writer.WriteString(Type, type);
        }

        foreach (var (name, member) in value)
        {
            if (name == Type || (select is not null && !select.Contains(name))) continue;
            if (type is not null && Since.TryGetValue((type, name), out var since) && served < since) continue;
            writer.WritePropertyName(name);
            Write(writer, member, served, null, showType: true);
        }

        writer.WriteEndObject();
    }

    private static string Format(string type, ApiVersion served) =>
        type.StartsWith("common.v1.", StringComparison.Ordinal) ? "v1.r0" : $"v4.r{served.Minor}";
}
