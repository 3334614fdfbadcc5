using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Manifests.Schemas;

/// <summary>
/// Checks documents against the OpenAPI v3 schema of a CustomResourceDefinition: types, fields, required ones, enums, patterns, bounds.
/// Rules in CEL (<c>x-kubernetes-validations</c>) are left to the cluster.
/// </summary>
public static class OpenApiSchema
{
    private static readonly TimeSpan PatternTime = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with the objects of a YAML text that CRDs describe; other objects are passed over.</summary>
    /// <param name="yaml">Documents.</param>
    /// <param name="definitions">CustomResourceDefinitions in YAML.</param>
    public static IReadOnlyList<ManifestFinding> Check(string yaml, IEnumerable<string> definitions)
    {
        var crds = definitions.SelectMany(YamlPaths.Documents).Where(d => YamlPaths.Text(d, "kind") == "CustomResourceDefinition").ToList();
        var findings = new List<ManifestFinding>();
        foreach (var document in YamlPaths.Documents(yaml))
        {
            if (FindSchema(crds, document) is { } schema)
                Check(document, schema, "", $"{YamlPaths.Text(document, "kind")}/{YamlPaths.Text(document, "metadata", "name")}", findings);
        }

        return findings;
    }

    private static YamlNode? FindSchema(IEnumerable<YamlNode> crds, YamlNode document)
    {
        var version = YamlPaths.Text(document, "apiVersion") ?? "";
        var crd = crds.FirstOrDefault(c =>
            YamlPaths.Text(c, "spec", "names", "kind") == YamlPaths.Text(document, "kind")
            && version.StartsWith(YamlPaths.Text(c, "spec", "group") + "/", StringComparison.Ordinal));
        var entry = YamlPaths.Items(YamlPaths.At(crd, "spec", "versions")).FirstOrDefault(v => version.EndsWith("/" + YamlPaths.Text(v, "name"), StringComparison.Ordinal));
        return YamlPaths.At(entry, "schema", "openAPIV3Schema");
    }

    private static void Check(YamlNode node, YamlNode schema, string path, string name, List<ManifestFinding> findings)
    {
        if (TypeProblem(node, schema) is { } problem)
        {
            findings.Add(new ManifestFinding(FindingSeverity.Error, name, path, problem));
            return;
        }

        switch (node)
        {
            case YamlMappingNode map:
                CheckMap(map, schema, path, name, findings);
                break;
            case YamlSequenceNode list:
                CheckLength(list.Children.Count, "minItems", "maxItems", "items", schema, path, name, findings);
                if (YamlPaths.At(schema, "items") is { } item)
                {
                    for (var i = 0; i < list.Children.Count; i++)
                        Check(list.Children[i], item, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), name, findings);
                }

                break;
            case YamlScalarNode scalar:
                CheckScalar(scalar, schema, path, name, findings);
                break;
        }
    }

    private static void CheckMap(YamlMappingNode map, YamlNode schema, string path, string name, List<ManifestFinding> findings)
    {
        foreach (var required in YamlPaths.Items(YamlPaths.At(schema, "required")))
        {
            if (!map.Children.ContainsKey(required))
                findings.Add(new ManifestFinding(FindingSeverity.Error, name, Join(path, required.ToString()), "is missing"));
        }

        var isOpen = YamlPaths.Text(schema, "x-kubernetes-preserve-unknown-fields") == "true" || path == "metadata";
        foreach (var (key, value) in YamlPaths.Entries(map))
        {
            if ((YamlPaths.At(schema, "properties", key) ?? YamlPaths.At(schema, "additionalProperties")) is { } inner)
                Check(value, inner, Join(path, key), name, findings);
            else if (!isOpen)
                findings.Add(new ManifestFinding(FindingSeverity.Error, name, Join(path, key), $"'{key}' is no field of this object{Hint(key, schema)}"));
        }
    }

    private static string Hint(string key, YamlNode schema) =>
        NearestName.Find(key, YamlPaths.Entries(YamlPaths.At(schema, "properties")).Select(p => p.Key)) is { } near ? $"; did you mean '{near}'?" : "";

    private static string? TypeProblem(YamlNode node, YamlNode schema)
    {
        if (YamlPaths.Text(schema, "x-kubernetes-int-or-string") == "true")
            return node is YamlScalarNode ? null : "must be a number or text";

        var type = YamlPaths.Text(schema, "type");
        var fits = (type, node) switch
        {
            (null, _) => true,
            ("object", YamlMappingNode) or ("array", YamlSequenceNode) => true,
            ("string", YamlScalarNode scalar) => scalar.Style != ScalarStyle.Plain || !(IsNumber(scalar.Value!) || scalar.Value is "true" or "false"),
            ("integer", YamlScalarNode { Style: ScalarStyle.Plain } scalar) => long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            ("number", YamlScalarNode { Style: ScalarStyle.Plain } scalar) => IsNumber(scalar.Value!),
            ("boolean", YamlScalarNode { Style: ScalarStyle.Plain } scalar) => scalar.Value is "true" or "false",
            _ => false,
        };
        return fits ? null : $"must be of type {type}";
    }

    private static void CheckScalar(YamlScalarNode scalar, YamlNode schema, string path, string name, List<ManifestFinding> findings)
    {
        var value = scalar.Value ?? "";
        var choices = YamlPaths.Items(YamlPaths.At(schema, "enum")).Select(e => e.ToString()).ToList();
        if (choices.Count > 0 && !choices.Contains(value))
            findings.Add(new ManifestFinding(FindingSeverity.Error, name, path, $"must be one of {string.Join(", ", choices)}, not '{value}'"));
        if (YamlPaths.Text(schema, "pattern") is { } pattern && !Regex.IsMatch(value, pattern, RegexOptions.CultureInvariant, PatternTime))
            findings.Add(new ManifestFinding(FindingSeverity.Error, name, path, $"'{value}' does not match {pattern}"));
        if (YamlPaths.Text(schema, "type") == "string")
            CheckLength(value.Length, "minLength", "maxLength", "characters", schema, path, name, findings);
        if (decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            if (Bound(schema, "minimum") is { } least && number < least)
                findings.Add(new ManifestFinding(FindingSeverity.Error, name, path, string.Create(CultureInfo.InvariantCulture, $"must be {least} or more, not {value}")));
            if (Bound(schema, "maximum") is { } most && number > most)
                findings.Add(new ManifestFinding(FindingSeverity.Error, name, path, string.Create(CultureInfo.InvariantCulture, $"must be {most} or less, not {value}")));
        }
    }

    private static void CheckLength(int count, string least, string most, string what, YamlNode schema, string path, string name, List<ManifestFinding> findings)
    {
        if (count < Bound(schema, least) || count > Bound(schema, most))
            findings.Add(new ManifestFinding(FindingSeverity.Error, name, path, string.Create(CultureInfo.InvariantCulture, $"has {count} {what}; {Bound(schema, least) ?? 0} to {Bound(schema, most)?.ToString(CultureInfo.InvariantCulture) ?? "any number"} are allowed")));
    }

    private static decimal? Bound(YamlNode schema, string key) =>
        decimal.TryParse(YamlPaths.Text(schema, key), NumberStyles.Float, CultureInfo.InvariantCulture, out var bound) ? bound : null;

    private static bool IsNumber(string text) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
