using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Nutanix.Prism.Simulator.V3;

/// <summary>One v3 request on its way through a handler, and the shapes of its answers.</summary>
internal sealed record V3Context(SimulatorRequest Request, DateTimeOffset Now, string UserName, IReadOnlyList<string> Path, bool LoseRace)
{
    private static readonly JsonSerializerOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The body as an object; empty where there is none.</summary>
    /// <exception cref="V3Exception">It is no JSON object.</exception>
    public JsonObject Body()
    {
        if (Request.Body.IsEmpty) return [];
        try
        {
            return JsonNode.Parse(Request.Body.Span) as JsonObject ?? throw V3Exception.Invalid("The body is not a JSON object.");
        }
        catch (JsonException e)
        {
            throw V3Exception.Invalid($"The body is not valid JSON: {e.Message}");
        }
    }

    public static SimulatorResponse Json(int status, JsonNode body) => new()
    {
        StatusCode = status,
        Headers = [new("Content-Type", "application/json")],
        Body = JsonSerializer.SerializeToUtf8Bytes(body, Format),
    };

    public static SimulatorResponse Error(V3Exception error) => Json(error.Status, new JsonObject
    {
        ["api_version"] = "3.1",
        ["code"] = error.Status,
        ["state"] = "ERROR",
        ["message_list"] = new JsonArray(new JsonObject { ["message"] = error.Message, ["reason"] = error.Reason, ["details"] = new JsonObject() }),
    });

    public static JsonObject Reference(string kind, string uuid, string? name = null)
    {
        var reference = new JsonObject { ["kind"] = kind, ["uuid"] = uuid };
        if (name is not null) reference["name"] = name;
        return reference;
    }

    /// <summary>Second precision, as recorded.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
