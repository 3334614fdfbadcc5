using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Nutanix.Prism.Simulator.Query;

namespace Nutanix.Prism.Simulator.Api;

/// <summary>Builds the envelopes: <c>data</c>, <c>metadata</c>, <c>$objectType</c>, <c>$reserved</c>.</summary>
internal static partial class Reply
{
    private static readonly ConditionalWeakTable<JsonObject, byte[]> Texts = [];

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One entity, with its ETag where it has one.</summary>
    public static SimulatorResponse Entity(RequestContext context, string responseType, JsonObject entity, string? etag = null, IReadOnlySet<string>? select = null, int status = 200)
    {
        var body = Write(context, responseType, w =>
        {
            w.WritePropertyName("data");
            EntityWriter.Write(w, entity, context.Served, select);
        }, Metadata(hasError: false, isPaginated: false, null, [("self", Self(context))]));
        var response = Json(status, body);
        return etag is null ? response : response.With("ETag", etag);
    }

    /// <summary>A page of a list. An empty page has no <c>data</c> at all, as on real systems.</summary>
    /// <param name="context">The request.</param>
    /// <param name="responseType">Type of the envelope.</param>
    /// <param name="items">All there is, in order.</param>
    /// <param name="render">The entity of an item; only the items that a filter, an order or the page needs are rendered.</param>
    /// <param name="fields">What the list can be filtered, ordered and reduced by.</param>
    /// <param name="complete">Adds to an entity of the page what is costly and cannot be filtered by; null for nothing.</param>
    /// <param name="clusterOf">The cluster of an item, to pass over those of clusters that the filter does not want; null for none.</param>
    /// <param name="memo">Where a filtered list is kept for its next page, of entities that stay the same as long as it; null where they change with time.</param>
    /// <param name="otherOptions">Further options with a dollar sign that the caller reads itself.</param>
    public static SimulatorResponse List<T>(
        RequestContext context, string responseType, IEnumerable<T> items, Func<T, JsonObject> render, FieldSet fields,
        Func<JsonObject, JsonObject>? complete = null, ReadOnlySpan<string> otherOptions = default, Func<T, string>? clusterOf = null, ListMemo? memo = null)
    {
        var query = ListQuery.Parse(context.Options, fields, otherOptions);
        if (clusterOf is not null && ClusterIn(context.Options.GetValueOrDefault("$filter")) is { } cluster)
        {
            items = items.Where(i => string.Equals(clusterOf(i), cluster, StringComparison.OrdinalIgnoreCase));
        }

        var step = context.OverlapPages ? Math.Max(1, query.Limit - 1) : query.Limit;
        var offset = (int)Math.Min((long)query.Page * step, int.MaxValue);
        int total;
        IEnumerable<JsonObject> page;
        if (query.KeepsAllInOrder)
        {
            var all = items.ToList();
            (total, page) = (all.Count, all.Skip(offset).Take(query.Limit).Select(render));
        }
        else
        {
            var key = $"{context.Request.Path}\n{context.Options.GetValueOrDefault("$filter")}\n{context.Options.GetValueOrDefault("$orderby")}";
            var matching = memo is null ? query.Apply(items.Select(render)) : memo.Get(key, () => query.Apply(items.Select(render)));
            (total, page) = (matching.Count, matching.Skip(offset).Take(query.Limit));
        }

        var body = Write(context, responseType, w =>
        {
            if (offset >= total) return;
            w.WriteStartArray("data");
            foreach (var entity in page)
            {
                if (memo is not null && complete is null && query.Select is null) w.WriteRawValue(Written(entity, context.Served), skipInputValidation: true);
                else EntityWriter.Write(w, complete is null ? entity : complete(entity), context.Served, query.Select);
            }

            w.WriteEndArray();
        }, Metadata(hasError: false, isPaginated: true, total, Links(context, query, total)));
        return Json(200, body);
    }

    /// <summary>The text of an entity whose tree is never changed; it goes with the tree.</summary>
    private static byte[] Written(JsonObject entity, ApiVersion served) => Texts.GetValue(entity, e =>
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) EntityWriter.Write(writer, e, served);
        return buffer.WrittenSpan.ToArray();
    });

    /// <summary>
    /// The cluster that a filter asks for in a term that all entities must meet, so that the others need not be rendered; the
    /// filter itself is applied all the same.
    /// </summary>
    private static string? ClusterIn(string? filter)
    {
        if (filter is null) return null;
        var outside = Parentheses().Replace(filter, "");
        var match = ClusterTerm().Match(outside);
        return match.Success && !outside.Contains(" or ", StringComparison.OrdinalIgnoreCase) && !outside.Contains("not ", StringComparison.OrdinalIgnoreCase) ? match.Groups[1].Value : null;
    }

    [GeneratedRegex(@"\([^()']*(?:'[^']*'[^()']*)*\)")]
    private static partial Regex Parentheses();

    [GeneratedRegex(@"(?:^|\sand\s)\s*(?:cluster/extId|clusterExtId) eq '([0-9A-Fa-f-]+)'\s*$")]
    private static partial Regex ClusterTerm();

    /// <summary>202 with the reference of the task that does the work.</summary>
    public static SimulatorResponse Task(RequestContext context, string responseType, string taskExtId)
    {
        var body = Write(context, responseType, w =>
        {
            w.WritePropertyName("data");
            EntityWriter.Write(w, JsonBuild.Typed("prism.v4.config.TaskReference", ("extId", taskExtId)), context.Served);
            w.WriteString("$dataItemDiscriminator", "prism.v4.config.TaskReference");
        }, Metadata(hasError: false, isPaginated: false, null, [("self", $"{Base(context)}/api/prism/{context.Version}/config/tasks/{taskExtId}")]));
        return Json(202, body);
    }

    /// <summary>A bare string as <c>data</c>, as the version call gives.</summary>
    public static SimulatorResponse Text(RequestContext context, string responseType, string text)
    {
        var body = Write(context, responseType, w => w.WriteString("data", text), Metadata(hasError: false, isPaginated: false, null, []));
        return Json(200, body);
    }

    public static SimulatorResponse Error(RequestContext context, ApiException error)
    {
        var message = AppMessage(context.Namespace, error.Code ?? ApiException.GenericCode(context.Namespace), error.Group, error.Message);
        return Error(context, error.Status, new JsonArray(message), $"List<{context.Namespace}.v4.error.AppMessage>");
    }

    public static SimulatorResponse Error(RequestContext context, SchemaException error)
    {
        var type = $"{context.Namespace}.v4.error.SchemaValidationError";
        var detail = JsonBuild.Typed(type,
            ("timestamp", WireFormat.Time(context.Now)),
            ("statusCode", 400),
            ("error", "Bad Request"),
            ("path", context.Request.Path),
            ("validationErrorMessages", JsonBuild.Array(error.Violations.Select(v => JsonBuild.Typed(
                $"{context.Namespace}.v4.error.SchemaValidationErrorMessage", ("location", v.Location), ("message", v.Message), ("attributePath", v.AttributePath))))));
        return Error(context, 400, detail, type);
    }

    /// <summary>An <c>AppMessage</c> of severity ERROR.</summary>
    public static JsonObject AppMessage(string name, string code, string group, string message, JsonObject? arguments = null) => JsonBuild.Typed(
        $"{name}.v4.error.AppMessage",
        ("message", message), ("severity", "ERROR"), ("code", code), ("locale", "en_US"), ("errorGroup", group), ("argumentsMap", arguments));

    private static SimulatorResponse Error(RequestContext context, int status, JsonNode error, string discriminator)
    {
        var type = $"{context.Namespace}.v4.error.ErrorResponse";
        var body = Write(context, null, w =>
        {
            w.WritePropertyName("data");
            EntityWriter.Write(w, JsonBuild.Typed(type, ("error", error), ("$errorItemDiscriminator", discriminator)), context.Served);
            w.WriteString("$dataItemDiscriminator", type);
        }, Metadata(hasError: true, isPaginated: false, null, [("self", Self(context))]));
        return Json(status, body);
    }

    private static byte[] Write(RequestContext context, string? responseType, Action<Utf8JsonWriter> data, JsonObject metadata)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            data(writer);
            writer.WriteStartObject("$reserved");
            writer.WriteString("$fv", $"v4.r{context.Served.Minor}");
            writer.WriteEndObject();
            if (responseType is not null) writer.WriteString("$objectType", responseType);
            writer.WritePropertyName("metadata");
            EntityWriter.Write(writer, metadata, context.Served);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static SimulatorResponse Json(int status, byte[] body) => new()
    {
        StatusCode = status,
        Headers = [new("Content-Type", "application/json")],
        Body = body,
    };

    private static JsonObject Metadata(bool hasError, bool isPaginated, int? total, IReadOnlyList<(string Rel, string Href)> links)
    {
        return JsonBuild.Typed("common.v1.response.ApiResponseMetadata",
            ("flags", new JsonArray(Flag("hasError", hasError), Flag("isPaginated", isPaginated), Flag("isTruncated", false))),
            ("links", links.Count == 0 ? null : JsonBuild.Array(links.Select(l => JsonBuild.Typed("common.v1.response.ApiLink", ("href", l.Href), ("rel", l.Rel))))),
            ("totalAvailableResults", total));
    }

    private static JsonObject Flag(string name, bool value) => JsonBuild.Typed("common.v1.config.Flag", ("name", name), ("value", value));

    private static List<(string Rel, string Href)> Links(RequestContext context, ListQuery query, int total)
    {
        var last = total == 0 ? 0 : (total - 1) / query.Limit;
        var links = new List<(string, string)> { ("first", Page(0)), ("self", Page(query.Page)) };
        if (query.Page > 0) links.Add(("prev", Page(Math.Min(query.Page - 1, last))));
        if (query.Page < last) links.Add(("next", Page(query.Page + 1)));
        links.Add(("last", Page(last)));
        return links;

        string Page(int page)
        {
            var others = context.Request.Query.Split('&', StringSplitOptions.RemoveEmptyEntries)
                .Where(p => Uri.UnescapeDataString(p.Split('=')[0]) is not ("$page" or "$limit"));
            return $"{Base(context)}{context.Request.Path}?{string.Join('&', others.Append(FormattableString.Invariant($"$limit={query.Limit}&$page={page}")))}";
        }
    }

    private static string Self(RequestContext context) =>
        Base(context) + context.Request.Path + (context.Request.Query.Length > 0 ? "?" + context.Request.Query : "");

    private static string Base(RequestContext context) => context.Request.BaseAddress.GetLeftPart(UriPartial.Authority);
}
