namespace GpuPlatform.Toml;

/// <summary>A text that is not TOML 1.0, and where.</summary>
public sealed class TomlException(string message, int line, int column)
    : FormatException(FormattableString.Invariant($"line {line}, column {column}: {message}"))
{
    /// <summary>From 1.</summary>
    public int Line { get; } = line;

    /// <summary>From 1, in UTF-16 code units.</summary>
    public int Column { get; } = column;
}
