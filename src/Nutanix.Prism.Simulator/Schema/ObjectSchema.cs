using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;

namespace Nutanix.Prism.Simulator.Schema;

/// <summary>
/// The shape of an object clients may write. Reading a body against it checks types, literals and ranges, drops what is
/// read-only, unknown or a discriminator, and adds <c>$objectType</c> where the client left it out.
/// </summary>
internal sealed class ObjectSchema(string objectType, params Field[] fields)
{
    public string ObjectType { get; } = objectType;

    public IReadOnlyList<Field> Fields { get; } = fields;

    /// <summary>Reads an object; what is wrong is added to the list, with its JSON path.</summary>
    public JsonObject Read(JsonObject source, string path, List<SchemaException.Violation> violations)
    {
        var result = new JsonObject { ["$objectType"] = ObjectType };
        foreach (var field in Fields)
        {
            var node = source[field.Name];
            var at = $"{path}/{field.Name}";
            if (node is null)
            {
                if (field.IsRequired) violations.Add(new("REQUEST_BODY", $"The field '{field.Name}' is required.", at));
                continue;
            }

            if (!field.IsReadOnly && field.Read(node, at, violations) is { } value) result[field.Name] = value;
        }

        return result;
    }
}

/// <summary>One member of an <see cref="ObjectSchema"/>.</summary>
internal abstract record Field(string Name)
{
    public bool IsRequired { get; init; }

    /// <summary>The server owns it: what a client sends is ignored.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The checked copy of a value, or null after a violation.</summary>
    public abstract JsonNode? Read(JsonNode node, string path, List<SchemaException.Violation> violations);

    protected static JsonNode? Wrong(string path, string message, List<SchemaException.Violation> violations)
    {
        violations.Add(new("REQUEST_BODY", message, path));
        return null;
    }

    public static Field Text(string name, int maxLength = 10_000, bool required = false) => new TextField(name, maxLength) { IsRequired = required };

    public static Field Uuid(string name, bool required = false) => new UuidField(name) { IsRequired = required };

    public static Field Enum(string name, string literals, bool required = false) => new EnumField(name, literals.Split('|')) { IsRequired = required };

    public static Field Int(string name, long min = 0, long max = int.MaxValue, bool required = false) => new IntField(name, min, max) { IsRequired = required };

    public static Field Bool(string name) => new BoolField(name);

    public static Field Object(string name, ObjectSchema schema, bool required = false) => new ObjectField(name, schema) { IsRequired = required };

    public static Field OneOf(string name, params ObjectSchema[] branches) => new OneOfField(name, branches);

    public static Field List(string name, Field element) => new ListField(name, element);

    public static Field List(string name, ObjectSchema element) => new ListField(name, new ObjectField("", element));

    /// <summary>Anything, kept as it is: for parts whose inside the simulator does not use.</summary>
    public static Field Any(string name) => new AnyField(name);

    public static Field ReadOnly(string name) => new AnyField(name) { IsReadOnly = true };

    private sealed record TextField(string Name, int MaxLength) : Field(Name)
    {
        public override JsonNode? Read(JsonNode node, string path, List<SchemaException.Violation> violations)
        {
            if (node.GetValueKind() != JsonValueKind.String) return Wrong(path, $"'{Name}' must be a string.", violations);
            var text = node.GetValue<string>();
            if (text.Length > MaxLength) return Wrong(path, string.Create(CultureInfo.InvariantCulture, $"'{Name}' has {text.Length} characters; at most {MaxLength} are allowed."), violations);
            return text.Length == 0 && IsRequired ? Wrong(path, $"'{Name}' is empty.", violations) : node.DeepClone();
        }
    }

    private sealed record UuidField(string Name) : Field(Name)
    {
        public override JsonNode? Read(JsonNode node, string path, List<SchemaException.Violation> violations) =>
            node.GetValueKind() == JsonValueKind.String && Guid.TryParseExact(node.GetValue<string>(), "D", out _)
                ? node.DeepClone()
                : Wrong(path, $"'{Name}' must be a UUID.", violations);
    }

    private sealed record EnumField(string Name, IReadOnlyList<string> Literals) : Field(Name)
    {
        public override JsonNode? Read(JsonNode node, string path, List<SchemaException.Violation> violations) =>
            node.GetValueKind() == JsonValueKind.String && Literals.Contains(node.GetValue<string>())
                ? node.DeepClone()
                : Wrong(path, $"'{Name}' must be one of {string.Join(", ", Literals)}, not {node.ToJsonString()}.", violations);
    }

    private sealed record IntField(string Name, long Min, long Max) : Field(Name)
    {
        public override JsonNode? Read(JsonNode node, string path, List<SchemaException.Violation> violations)
        {
            if (node.GetValueKind() != JsonValueKind.Number || !long.TryParse(node.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            {
                return Wrong(path, $"'{Name}' must be a whole number, not {node.ToJsonString()}.", violations);
            }

            return value >= Min && value <= Max
                ? value
                : Wrong(path, string.Create(CultureInfo.InvariantCulture, $"'{Name}' must be between {Min} and {Max}, not {value}."), violations);
        }
    }

    private sealed record BoolField(string Name) : Field(Name)
    {
        public override JsonNode? Read(JsonNode node, string path, List<SchemaException.Violation> violations) =>
            node.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? node.DeepClone() : Wrong(path, $"'{Name}' must be true or false.", violations);
    }

    private sealed record AnyField(string Name) : Field(Name)
    {
        public override JsonNode? Read(JsonNode node, string path, List<SchemaException.Violation> violations) => node.DeepClone();
    }

    private sealed record ObjectField(string Name, ObjectSchema Schema) : Field(Name)
    {
        public override JsonNode? Read(JsonNode node, string path, List<SchemaException.Violation> violations) =>
            node is JsonObject value ? Schema.Read(value, path, violations) : Wrong(path, $"'{Name}' must be an object.", violations);
    }

    private sealed record ListField(string Name, Field Element) : Field(Name)
    {
        public override JsonNode? Read(JsonNode node, string path, List<SchemaException.Violation> violations)
        {
            if (node is not JsonArray items) return Wrong(path, $"'{Name}' must be an array.", violations);
            var result = new JsonArray();
            for (var i = 0; i < items.Count; i++)
            {
                var at = string.Create(CultureInfo.InvariantCulture, $"{path}/{i}");
                if (items[i] is not { } item) Wrong(at, $"'{Name}' has an element that is null.", violations);
                else if (Element.Read(item, at, violations) is { } value) result.Add(value);
            }

            return result;
        }
    }

    /// <summary>One of several types; the inner <c>$objectType</c> says which.</summary>
    private sealed record OneOfField(string Name, IReadOnlyList<ObjectSchema> Branches) : Field(Name)
    {
        public override JsonNode? Read(JsonNode node, string path, List<SchemaException.Violation> violations)
        {
            if (node is not JsonObject value) return Wrong(path, $"'{Name}' must be an object.", violations);
            var type = value["$objectType"] is JsonValue text && text.GetValueKind() == JsonValueKind.String ? text.GetValue<string>() : null;
            var branch = Branches.FirstOrDefault(b => b.ObjectType == type);
            return branch is not null
                ? branch.Read(value, path, violations)
                : Wrong($"{path}/$objectType", $"'{Name}' needs an $objectType, one of {string.Join(", ", Branches.Select(b => b.ObjectType))}.", violations);
        }
    }
}
