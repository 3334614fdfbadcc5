using System.Text;

namespace GpuPlatform.Toml;

/// <summary>
/// Reads TOML 1.0. This file holds lines, keys and tables; <see cref="TomlValues"/> holds what stands right of '='.
/// </summary>
public static class TomlReader
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="TomlException">It is not UTF-8 or not TOML.</exception>
    public static TomlTable Read(ReadOnlySpan<byte> utf8)
    {
        string text;
        try
        {
            text = Utf8.GetString(utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8);
        }
        catch (DecoderFallbackException)
        {
            throw new TomlException("the file is not UTF-8", 1, 1);
        }

        return Read(text);
    }

    /// <exception cref="TomlException">It is not TOML.</exception>
    public static TomlTable Read(string text)
    {
        var root = new TomlTable { Origin = TomlTableOrigin.Header };
        var source = new TomlSource(text);
        var current = root;
        while (true)
        {
            source.SkipBlank();
            if (source.AtEnd)
                return root;
            if (source.Peek() is '\n' or '\r' or '#')
            {
                source.EndLine();
                continue;
            }

            if (source.Peek() == '[')
                current = ReadHeader(source, root);
            else
                ReadPair(source, current);
            source.EndLine();
        }
    }

    /// <summary><c>key = value</c>; the key may be dotted.</summary>
    internal static void ReadPair(TomlSource source, TomlTable table)
    {
        var at = source.Position;
        var key = ReadKey(source);
        source.SkipBlank();
        source.Expect('=');
        source.SkipBlank();
        for (var i = 0; i < key.Count - 1; i++)
        {
            if (!table.TryGet(key[i], out var existing))
            {
                var made = new TomlTable { Origin = TomlTableOrigin.DottedKey };
                table.TryAdd(key[i], made, source.LineOf(at));
                table = made;
            }
            else
            {
                // A table that a header or braces made is defined there and nowhere else.
                table = existing is TomlTable { Origin: TomlTableOrigin.DottedKey } dotted
                    ? dotted
                    : throw source.Error($"'{string.Join('.', key.Take(i + 1))}' is defined already and cannot be added to", at);
            }
        }

        var value = TomlValues.Read(source);
        if (!table.TryAdd(key[^1], value, source.LineOf(at)))
            throw source.Error($"'{string.Join('.', key)}' is there already", at);
    }

    private static TomlTable ReadHeader(TomlSource source, TomlTable root)
    {
        var at = source.Position;
        source.Expect('[');
        var isArray = source.TryTake('[');
        source.SkipBlank();
        var key = ReadKey(source);
        source.SkipBlank();
        source.Expect(']');
        if (isArray)
            source.Expect(']');

        var table = root;
        foreach (var part in key.Take(key.Count - 1))
            table = Enter(source, table, part, at);
        return isArray ? Append(source, table, key, at) : Define(source, table, key, at);
    }

    private static TomlTable Enter(TomlSource source, TomlTable table, string part, int at)
    {
        if (!table.TryGet(part, out var existing))
        {
            var made = new TomlTable { Origin = TomlTableOrigin.Implied };
            table.TryAdd(part, made, source.LineOf(at));
            return made;
        }

        return existing switch
        {
            TomlTable { Origin: not TomlTableOrigin.Inline } found => found,
            TomlArray { IsOfTables: true } array => (TomlTable)array.Items[^1],
            _ => throw source.Error($"'{part}' is a value and no table that could be added to", at),
        };
    }

    private static TomlTable Define(TomlSource source, TomlTable parent, List<string> key, int at)
    {
        if (!parent.TryGet(key[^1], out var existing))
        {
            var made = new TomlTable { Origin = TomlTableOrigin.Header };
            parent.TryAdd(key[^1], made, source.LineOf(at));
            return made;
        }

        if (existing is not TomlTable { Origin: TomlTableOrigin.Implied } implied)
            throw source.Error($"'{string.Join('.', key)}' is there already", at);
        implied.Origin = TomlTableOrigin.Header;
        return implied;
    }

    private static TomlTable Append(TomlSource source, TomlTable parent, List<string> key, int at)
    {
        if (!parent.TryGet(key[^1], out var existing))
        {
            existing = new TomlArray { IsOfTables = true };
            parent.TryAdd(key[^1], existing, source.LineOf(at));
        }

        if (existing is not TomlArray { IsOfTables: true } array)
            throw source.Error($"'{string.Join('.', key)}' is there already and no array of tables", at);
        var element = new TomlTable { Origin = TomlTableOrigin.Header };
        array.Add(element);
        return element;
    }

    private static List<string> ReadKey(TomlSource source)
    {
        var parts = new List<string>();
        while (true)
        {
            parts.Add(ReadKeyPart(source));
            source.SkipBlank();
            if (!source.TryTake('.'))
                return parts;
            source.SkipBlank();
        }
    }

    private static string ReadKeyPart(TomlSource source)
    {
        switch (source.Peek())
        {
            case '"':
                return TomlStrings.ReadBasic(source);
            case '\'':
                return TomlStrings.ReadLiteral(source);
            default:
                var bare = source.TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
                return bare.Length > 0 ? bare : throw source.Error("a key is due here", source.Position);
        }
    }
}
