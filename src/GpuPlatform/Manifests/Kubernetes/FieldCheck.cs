using System.Globalization;
using GpuPlatform.Manifests.Schemas;
using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>
/// Checks the fields of Kubernetes' own kinds as the API server does: names it does not know, values of another type than the field's,
/// and what must be there. Of other kinds the metadata is checked.
/// </summary>
internal sealed class FieldCheck
{
    private readonly ManifestObject _item;
    private readonly List<ManifestFinding> _findings;
    private readonly BuiltInKinds _kinds = BuiltInKinds.Instance;

    private FieldCheck(ManifestObject item, List<ManifestFinding> findings)
    {
        _item = item;
        _findings = findings;
    }

    public static void Check(ManifestObject item, List<ManifestFinding> findings)
    {
        var check = new FieldCheck(item, findings);
        var apiVersion = YamlPaths.Text(item.Root, "apiVersion") ?? "";
        if (check._kinds.TypeOf(apiVersion, item.Kind) is { } type)
            check.CheckValue(item.Root, type, "");
        else if (YamlPaths.At(item.Root, "metadata") is { } metadata)
            check.CheckValue(metadata, BuiltInKinds.ObjectMeta, "metadata");

        check.CheckKind(apiVersion);
    }

    /// <summary>Of kinds that are not known, tells those that are misspelled or in another version.</summary>
    private void CheckKind(string apiVersion)
    {
        if (apiVersion.Length == 0 || _item.Kind.Length == 0 || _kinds.TypeOf(apiVersion, _item.Kind) is not null || !_kinds.IsOwnGroup(apiVersion))
            return;

        if (_kinds.VersionsOf(_item.Kind).ToList() is { Count: > 0 } versions)
            Report("apiVersion", $"there is no {_item.Kind} in '{apiVersion}'; it is in {string.Join(" and ", versions)}");
        else if (NearestName.Find(_item.Kind, _kinds.KindsOf(apiVersion)) is { } near)
            Report("kind", $"'{_item.Kind}' is no kind of {apiVersion}; did you mean '{near}'?");
    }

    private void CheckField(YamlNode node, FieldType type, string path)
    {
        switch (type.Shape, node)
        {
            case (FieldShape.List, YamlSequenceNode list):
                for (var i = 0; i < list.Children.Count; i++)
                    CheckItem(list.Children[i], type, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"));
                break;
            case (FieldShape.Map, YamlMappingNode):
                foreach (var (key, value) in YamlPaths.Entries(node))
                    CheckItem(value, type, $"{path}[{key}]");
                break;
            case (FieldShape.List, _):
                Report(path, "must be a list: '- ' before each item");
                break;
            case (FieldShape.Map, _):
                Report(path, "must be a map of keys and values");
                break;
            default:
                CheckItem(node, type, path);
                break;
        }
    }

    private void CheckItem(YamlNode node, FieldType type, string path)
    {
        if (type.Choices.Count > 0 && node is YamlScalarNode { Value: var word } && !type.Choices.Contains(word))
            Report(path, $"must be one of {string.Join(", ", type.Choices)}, not '{word}'");
        else
            CheckValue(node, type.Item, path);
    }

    private void CheckValue(YamlNode node, string type, string path)
    {
        if (_kinds.FieldsOf(type) is { } fields)
            CheckObject(node, type, fields, path);
        else if (Problem(node, type) is { } problem)
            Report(path, problem);
    }

    private void CheckObject(YamlNode node, string type, IReadOnlyDictionary<string, FieldType> fields, string path)
    {
        if (node is not YamlMappingNode map)
        {
            Report(path, $"must be a {BuiltInKinds.Title(type)}: fields with their values");
            return;
        }

        var present = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in YamlPaths.Entries(map))
        {
            if (fields.TryGetValue(key, out var field))
            {
                // A field that holds nothing is as good as left out.
                if (YamlScalars.IsNull(value))
                    continue;

                present.Add(key);
                CheckField(value, field, Join(path, key));
            }
            else
            {
                var hint = NearestName.Find(key, fields.Keys) is { } near ? $"; did you mean '{near}'?" : "";
                Report(Join(path, key), $"'{key}' is no field of a {BuiltInKinds.Title(type)} in Kubernetes {_kinds.Version}{hint}");
            }
        }

        foreach (var (key, _) in fields.Where(f => f.Value.IsRequired && !present.Contains(f.Key)))
            Report(Join(path, key), "is missing");
    }

    private static string? Problem(YamlNode node, string type)
    {
        if (type == "any")
            return null;
        if (node is not YamlScalarNode scalar)
            return type is "string" or "quantity" ? "must be text" : $"must be a single value, {Words(type)}";

        var value = scalar.Value ?? "";
        var isText = !YamlScalars.IsNull(node) && !YamlScalars.IsBoolean(node) && !YamlScalars.IsNumber(node);
        return type switch
        {
            "string" => isText ? null : $"must be text; quote it: \"{value}\"",
            "time" => isText ? null : $"must be {Words(type)}, not {value}",
            "quantity" => KubernetesQuantity.TryParse(value, out _) ? null : $"'{value}' is no quantity such as 500m, 4 or 16Gi",
            "boolean" => YamlScalars.IsBoolean(node) ? null : $"must be {Words(type)}, not {Shown(scalar)}",
            "integer" => YamlScalars.IsInteger(node) ? null : $"must be {Words(type)}, not {Shown(scalar)}",
            "number" => YamlScalars.IsNumber(node) ? null : $"must be {Words(type)}, not {Shown(scalar)}",
            "int-or-string" => isText || YamlScalars.IsInteger(node) ? null : $"must be {Words(type)}, not {Shown(scalar)}",
            _ => null,
        };
    }

    private static string Words(string type) => type switch
    {
        "time" => "a time such as 2030-01-31T12:00:00Z",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "int-or-string" => "a whole number or text",
        _ => type,
    };

    private static string Shown(YamlScalarNode scalar) =>
        scalar.Style == YamlDotNet.Core.ScalarStyle.Plain ? scalar.Value ?? "" : $"the text \"{scalar.Value}\"";

    private void Report(string path, string message) => _findings.Add(_item.Error(path, message));

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
