using System.Text.Json;

namespace GpuPlatform.Manifests.Schemas;

/// <summary>
/// The fields of Kubernetes' own kinds, as the official OpenAPI document has them (<c>kubernetes-fields.json</c>, written by
/// <c>tests/kubernetes-schemas/fields.mjs</c>).
/// </summary>
internal sealed class BuiltInKinds
{
    /// <summary>Type of every object's metadata.</summary>
    public const string ObjectMeta = "V1ObjectMeta";

    private static readonly Lazy<BuiltInKinds> Loaded = new(() => new BuiltInKinds());

    private readonly Dictionary<string, Dictionary<string, string>> _kinds;
    private readonly Dictionary<string, Dictionary<string, FieldType>> _types;

    private BuiltInKinds()
    {
        using var stream = typeof(BuiltInKinds).Assembly.GetManifestResourceStream("kubernetes-fields.json")!;
        using var document = JsonDocument.Parse(stream);
        Version = document.RootElement.GetProperty("version").GetString()!;
        _kinds = document.RootElement.GetProperty("kinds").EnumerateObject().ToDictionary(
            v => v.Name,
            v => v.Value.EnumerateObject().ToDictionary(k => k.Name, k => k.Value.GetString()!, StringComparer.Ordinal),
            StringComparer.Ordinal);
        _types = document.RootElement.GetProperty("types").EnumerateObject().ToDictionary(
            t => t.Name,
            t => t.Value.EnumerateObject().ToDictionary(f => f.Name, f => FieldType.Parse(f.Value.GetString()!), StringComparer.Ordinal),
            StringComparer.Ordinal);
    }

    public static BuiltInKinds Instance => Loaded.Value;

    /// <summary>Release of Kubernetes the fields are of: <c>1.36</c>.</summary>
    public string Version { get; }

    /// <summary>The type of a kind's objects; null for kinds not known here.</summary>
    public string? TypeOf(string apiVersion, string kind) => _kinds.GetValueOrDefault(apiVersion)?.GetValueOrDefault(kind);

    /// <summary>The kinds known of an API version; none where it is not known.</summary>
    public IEnumerable<string> KindsOf(string apiVersion) => _kinds.GetValueOrDefault(apiVersion)?.Keys ?? Enumerable.Empty<string>();

    /// <summary>The API versions a kind is in.</summary>
    public IEnumerable<string> VersionsOf(string kind) => _kinds.Where(v => v.Value.ContainsKey(kind)).Select(v => v.Key);

    /// <summary>True for the API groups of the kinds known here, and for those they were in once.</summary>
    public bool IsOwnGroup(string apiVersion) => Group(apiVersion) is var group && (group == "extensions" || _kinds.Keys.Any(v => Group(v) == group));

    /// <summary>The fields of a type by name; null for types of values, such as <c>string</c>.</summary>
    public IReadOnlyDictionary<string, FieldType>? FieldsOf(string type) => _types.GetValueOrDefault(type);

    /// <summary>A type's name as people know it: <c>PodSpec</c>.</summary>
    public static string Title(string type) => type is ['V', >= '0' and <= '9', ..] ? type[2..] : type;

    /// <summary>The part before the slash; empty for the core group.</summary>
    private static string Group(string apiVersion) => apiVersion.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? apiVersion[..slash] : "";
}

/// <summary>What a field holds.</summary>
/// <param name="Item">A type's name: that of each item in lists and maps.</param>
/// <param name="Choices">The words it may be; none for any.</param>
/// <param name="Shape">One, many in a list, or many by key.</param>
/// <param name="IsRequired">It must be there.</param>
internal sealed record FieldType(string Item, IReadOnlyList<string> Choices, FieldShape Shape, bool IsRequired)
{
    /// <summary>Reads <c>string</c>, <c>string=A|B</c>, <c>V1Container[]!</c> (a list, required), <c>quantity{}</c> (a map).</summary>
    public static FieldType Parse(string text)
    {
        var isRequired = text.EndsWith('!');
        var type = isRequired ? text[..^1] : text;
        var shape = type.EndsWith("[]", StringComparison.Ordinal) ? FieldShape.List : type.EndsWith("{}", StringComparison.Ordinal) ? FieldShape.Map : FieldShape.One;
        var item = (shape == FieldShape.One ? type : type[..^2]).Split('=');
        return new FieldType(item[0], item.Length > 1 ? item[1].Split('|') : [], shape, isRequired);
    }
}

internal enum FieldShape
{
    One,
    List,
    Map,
}
