using System.Text.Json;
using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Query;

namespace Nutanix.Prism.Simulator.Api;

/// <summary>One request on its way through a handler.</summary>
internal sealed class RequestContext
{
    public required SimulatorRequest Request { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required string Namespace { get; init; }

    /// <summary>The version in the path.</summary>
    public required ApiVersion Version { get; init; }

    /// <summary>The highest version the namespace serves: what a release knows shows in its replies whatever path was asked.</summary>
    public required ApiVersion Served { get; init; }

    public required string UserName { get; init; }

    /// <summary>Values of the route's placeholders, decoded.</summary>
    public IReadOnlyDictionary<string, string> Values { get; set; } = new Dictionary<string, string>();

    /// <summary>Decoded query options.</summary>
    public IReadOnlyDictionary<string, string> Options { get; set; } = new Dictionary<string, string>();

    /// <summary>A scripted fault: pages after the first begin with the last entity of the page before.</summary>
    public bool OverlapPages { get; init; }

    /// <summary>A scripted fault: somebody else changes the entity between this client's GET and its write.</summary>
    public bool LoseETagRace { get; init; }

    public string Value(string name) => Values[name];

    /// <summary>The body as a JSON object.</summary>
    /// <exception cref="SchemaException">The body is missing, no JSON, or no object.</exception>
    public JsonObject Body()
    {
        if (Request.Body.IsEmpty) throw new SchemaException("", "The request has no body; a JSON object is required.");
        try
        {
            var options = new JsonNodeOptions();
            var limits = new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false };
            return JsonNode.Parse(Request.Body.Span, options, limits) as JsonObject
                ?? throw new SchemaException("", "The body is not a JSON object.");
        }
        catch (JsonException e)
        {
            throw new SchemaException("", $"The body is not valid JSON: {e.Message}");
        }
    }

    /// <summary>Refuses query options with a dollar sign that an operation does not know.</summary>
    public void AllowOptions(params ReadOnlySpan<string> names)
    {
        foreach (var name in Options.Keys)
        {
            if (name.StartsWith('$') && !names.Contains(name)) throw new QueryException(name, $"The query option '{name}' is not supported by this operation.");
        }
    }
}
