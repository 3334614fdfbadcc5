using System.Text.Json;

namespace Nutanix.Prism.Tests.V3;

/// <summary>Checks request bodies against the Swagger 2.0 description of v3. Members it does not know are violations too.</summary>
internal sealed class SwaggerSchema
{
    private const string Root = "/api/nutanix/v3";

    private readonly JsonElement _definitions;
    private readonly List<(string Method, string[] Template, JsonElement Operation)> _operations = [];

    public SwaggerSchema(string path)
    {
        JsonElement swagger = JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
        _definitions = swagger.GetProperty("definitions");
        foreach (JsonProperty template in swagger.GetProperty("paths").EnumerateObject())
        {
            foreach (JsonProperty operation in template.Value.EnumerateObject().Where(o => o.Name is "get" or "post" or "put" or "delete"))
            {
                _operations.Add((operation.Name.ToUpperInvariant(), template.Name.Split('/'), operation.Value));
            }
        }
    }

    /// <summary>What is wrong with a request; empty for nothing.</summary>
    public IReadOnlyList<string> Check(string method, string path, string body)
    {
        var violations = new List<string>();
        string[] segments = path[Root.Length..].Split('/');
        (string Method, string[] Template, JsonElement Operation)[] fitting = [.. _operations
            .Where(o => o.Method == method && Fits(o.Template, segments))
            .OrderBy(o => o.Template.Count(t => t.StartsWith('{')))];
        if (fitting.Length == 0)
        {
            return [$"{method} {path} is not in the specification."];
        }

        JsonElement? schema = null;
        if (fitting[0].Operation.TryGetProperty("parameters", out JsonElement parameters))
        {
            foreach (JsonElement parameter in parameters.EnumerateArray().Where(p => p.TryGetProperty("in", out JsonElement place) && place.GetString() == "body"))
            {
                schema = parameter.GetProperty("schema");
            }
        }

        if (schema is not { } found)
        {
            // An operation without a body takes an empty one at most.
            return body is "" or "{}" ? [] : [$"{method} {path} takes no body."];
        }

        using JsonDocument document = JsonDocument.Parse(body);
        Check(found, document.RootElement, "$", violations);
        return violations;
    }

    private static bool Fits(string[] template, string[] segments) =>
        template.Length == segments.Length && template.Zip(segments).All(p => p.First.StartsWith('{') || p.First == p.Second);

    private void Check(JsonElement schema, JsonElement value, string at, List<string> violations)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            Check(_definitions.GetProperty(reference.GetString()!["#/definitions/".Length..]), value, at, violations);
            return;
        }

        string? type = schema.TryGetProperty("type", out JsonElement named) ? named.GetString() : null;
        bool right = type switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            _ => true,
        };
        if (!right)
        {
            violations.Add($"{at}: {value.ValueKind} where {type} is due");
            return;
        }

        CheckLimits(schema, value, at, violations);
        if (value.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out JsonElement properties))
        {
            CheckMembers(schema, properties, value, at, violations);
        }

        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out JsonElement items))
        {
            int index = 0;
            foreach (JsonElement item in value.EnumerateArray())
            {
                Check(items, item, $"{at}[{index++}]", violations);
            }
        }
    }

    private void CheckMembers(JsonElement schema, JsonElement properties, JsonElement value, string at, List<string> violations)
    {
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (properties.TryGetProperty(member.Name, out JsonElement property))
            {
                Check(property, member.Value, $"{at}.{member.Name}", violations);
            }
            else
            {
                violations.Add($"{at}.{member.Name} is not in the specification");
            }
        }

        if (schema.TryGetProperty("required", out JsonElement required) && required.ValueKind == JsonValueKind.Array)
        {
            violations.AddRange(required.EnumerateArray()
                .Where(r => !value.TryGetProperty(r.GetString()!, out _))
                .Select(r => $"{at}.{r} is required"));
        }
    }

    private static void CheckLimits(JsonElement schema, JsonElement value, string at, List<string> violations)
    {
        foreach (string name in new[] { "enum", "x-ntnx-enum" })
        {
            if (schema.TryGetProperty(name, out JsonElement literals) && literals.ValueKind == JsonValueKind.Array
                && value.ValueKind == JsonValueKind.String
                && !literals.EnumerateArray().Any(l => l.ValueKind == JsonValueKind.String && l.GetString() == value.GetString()))
            {
                violations.Add($"{at}: '{value}' is none of {literals}");
            }
        }

        if (value.ValueKind == JsonValueKind.Number)
        {
            if (schema.TryGetProperty("minimum", out JsonElement least) && value.GetInt64() < least.GetDouble())
            {
                violations.Add($"{at}: {value} is less than {least}");
            }

            if (schema.TryGetProperty("format", out JsonElement format) && format.GetString() == "int32" && !value.TryGetInt32(out _))
            {
                violations.Add($"{at}: {value} is no int32");
            }
        }

        if (schema.TryGetProperty("maxLength", out JsonElement most) && value.ValueKind == JsonValueKind.String && value.GetString()!.Length > most.GetInt32())
        {
            violations.Add($"{at}: longer than {most}");
        }

        if (schema.TryGetProperty("pattern", out JsonElement pattern) && value.ValueKind == JsonValueKind.String
            && !System.Text.RegularExpressions.Regex.IsMatch(value.GetString()!, pattern.GetString()!))
        {
            violations.Add($"{at}: '{value}' does not match {pattern}");
        }
    }
}
