using System.Globalization;
using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;

namespace Nutanix.Prism.Simulator.V3;

/// <summary>The <c>list</c> calls: offset, length, and the FIQL that real clients send.</summary>
internal static class V3Lists
{
    private const int DefaultLength = 20;
    private const int LongestPage = 500;

    /// <param name="context">The request.</param>
    /// <param name="kind">Kind of the entities.</param>
    /// <param name="items">All there is, in order.</param>
    /// <param name="render">The entity of an item.</param>
    /// <param name="fields">What can be filtered by, in FIQL's names.</param>
    public static SimulatorResponse Page<T>(
        V3Context context, string kind, IEnumerable<T> items, Func<T, JsonObject> render, params ReadOnlySpan<(string Name, Func<T, string> Value)> fields)
    {
        var body = context.Body();
        CheckKind(body, kind);
        var offset = Number(body, "offset", 0, int.MaxValue) ?? 0;
        var length = Math.Min(Number(body, "length", 1, int.MaxValue) ?? DefaultLength, LongestPage);
        var filter = (string?)body["filter"];
        var matching = Filter(items, filter, fields.ToArray());
        var page = matching.Skip(offset).Take(length).Select(render).ToList();
        var metadata = new JsonObject { ["kind"] = kind, ["total_matches"] = matching.Count, ["offset"] = offset, ["length"] = page.Count };
        if (filter is not null) metadata["filter"] = filter;
        return Reply(metadata, page);
    }

    /// <summary>A list that ignores offset and length, as hosts/list does.</summary>
    public static SimulatorResponse Whole(V3Context context, string kind, IEnumerable<JsonObject> items)
    {
        CheckKind(context.Body(), kind);
        var all = items.ToList();
        return Reply(new JsonObject { ["kind"] = kind, ["total_matches"] = all.Count, ["offset"] = 0, ["length"] = all.Count }, all);
    }

    private static SimulatorResponse Reply(JsonObject metadata, List<JsonObject> entities) => V3Context.Json(200, new JsonObject
    {
        ["api_version"] = "3.1",
        ["metadata"] = metadata,
        ["entities"] = JsonBuild.Array(entities),
    });

    private static void CheckKind(JsonObject body, string kind)
    {
        if (body["kind"] is { } given && (string?)given != kind) throw V3Exception.Invalid($"The kind is '{given}', expected '{kind}'.");
    }

    private static int? Number(JsonObject body, string name, int min, int max) => body[name] is not { } node ? null
        : JsonBuild.Integer(node) is { } value && value >= min && value <= max ? (int)value
        : throw V3Exception.Invalid(string.Create(CultureInfo.InvariantCulture, $"'{name}' must be a number from {min}."));

    /// <summary>Terms <c>name==value</c>, <c>,</c> for or, <c>;</c> for and; and binds closer.</summary>
    private static List<T> Filter<T>(IEnumerable<T> items, string? filter, (string Name, Func<T, string> Value)[] fields)
    {
        if (string.IsNullOrEmpty(filter)) return [.. items];
        var alternatives = filter.Split(',').Select(a => a.Split(';').Select(Term).ToList()).ToList();
        return [.. items.Where(item => alternatives.Any(all => all.All(term => term(item))))];

        Func<T, bool> Term(string text)
        {
            var parts = text.Split("==", 2);
            var field = fields.FirstOrDefault(f => f.Name == parts[0]);
            if (parts.Length != 2 || field.Value is null) throw V3Exception.Invalid($"The filter term '{text}' is not supported.");
            return item => field.Value(item) == parts[1];
        }
    }
}
