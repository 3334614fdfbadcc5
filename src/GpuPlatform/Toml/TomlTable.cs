namespace GpuPlatform.Toml;

/// <summary>How a table came to be, which decides what may still be added to it.</summary>
internal enum TomlTableOrigin
{
    /// <summary>A header of a table below it made it; a header of its own may follow.</summary>
    Implied,

    /// <summary>A header of its own, or an element of an array of tables.</summary>
    Header,

    /// <summary>A dotted key.</summary>
    DottedKey,

    /// <summary>Braces: nothing can be added.</summary>
    Inline,
}

/// <summary>
/// A TOML table. Values are <see cref="string"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>,
/// <see cref="TomlTime"/>, <see cref="TomlArray"/> and <see cref="TomlTable"/>.
/// </summary>
public sealed class TomlTable
{
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);

    internal TomlTableOrigin Origin { get; set; }

    public IReadOnlyDictionary<string, object> Values => _values;

    /// <summary>The line a key was written on, from 1.</summary>
    public int LineOf(string key) => _lines.GetValueOrDefault(key);

    internal bool TryGet(string key, out object? value) => _values.TryGetValue(key, out value);

    internal bool TryAdd(string key, object value, int line)
    {
        _lines.TryAdd(key, line);
        return _values.TryAdd(key, value);
    }
}

/// <summary>A TOML array.</summary>
public sealed class TomlArray
{
    private readonly List<object> _items = [];

    public IReadOnlyList<object> Items => _items;

    /// <summary>Made by <c>[[header]]</c>, so that more tables can follow.</summary>
    internal bool IsOfTables { get; init; }

    internal void Add(object item) => _items.Add(item);
}

/// <summary>Which of TOML's four kinds of time.</summary>
public enum TomlTimeKind
{
    OffsetDateTime,
    LocalDateTime,
    LocalDate,
    LocalTime,
}

/// <summary>A date, a time, or both.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Text">As RFC 3339 writes it, with 'T' and 'Z' in capitals.</param>
public sealed record TomlTime(TomlTimeKind Kind, string Text);
