namespace Nutanix.Prism.Simulator.Query;

internal enum FieldType
{
    Text,
    Number,
    Boolean,
    Enum,
    Time,
}

/// <summary>What the list of one resource can be filtered, ordered and reduced by.</summary>
internal sealed class FieldSet
{
    /// <summary>Filterable fields: path with slashes, through collections too (<c>gpus/vendor</c>), to the type.</summary>
    public IReadOnlyDictionary<string, FieldType> Filterable { get; init; } = new Dictionary<string, FieldType>();

    /// <summary>Orderable paths.</summary>
    public IReadOnlyList<string> Orderable { get; init; } = [];

    /// <summary>Top-level properties that <c>$select</c> may name; empty where the resource has no <c>$select</c>.</summary>
    public IReadOnlyList<string> Selectable { get; init; } = [];

    public static FieldSet None { get; } = new();

    /// <summary>Builds the table of filterable fields from lists by type, each blank separated.</summary>
    public static Dictionary<string, FieldType> Fields(string text = "", string number = "", string boolean = "", string enumeration = "", string time = "")
    {
        var fields = new Dictionary<string, FieldType>(StringComparer.Ordinal);
        Add(text, FieldType.Text);
        Add(number, FieldType.Number);
        Add(boolean, FieldType.Boolean);
        Add(enumeration, FieldType.Enum);
        Add(time, FieldType.Time);
        return fields;

        void Add(string names, FieldType type)
        {
            foreach (var name in Names(names)) fields.Add(name, type);
        }
    }

    public static string[] Names(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
