using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuPlatform.Toml;

/// <summary>What stands right of '='.</summary>
internal static partial class TomlValues
{
    public static object Read(TomlSource source)
    {
        switch (source.Peek())
        {
            case '"':
                return source.Peek(1) == '"' && source.Peek(2) == '"' ? TomlStrings.ReadBasicLines(source) : TomlStrings.ReadBasic(source);
            case '\'':
                return source.Peek(1) == '\'' && source.Peek(2) == '\'' ? TomlStrings.ReadLiteralLines(source) : TomlStrings.ReadLiteral(source);
            case '[':
                return ReadArray(source);
            case '{':
                return ReadInlineTable(source);
            default:
                return ReadWord(source);
        }
    }

    private static TomlArray ReadArray(TomlSource source)
    {
        source.Expect('[');
        var array = new TomlArray();
        while (true)
        {
            source.SkipLines();
            if (source.TryTake(']'))
                return array;
            array.Add(Read(source));
            source.SkipLines();
            if (source.TryTake(']'))
                return array;
            source.Expect(',');
        }
    }

    private static TomlTable ReadInlineTable(TomlSource source)
    {
        source.Expect('{');
        var table = new TomlTable { Origin = TomlTableOrigin.DottedKey };
        source.SkipBlank();
        if (!source.TryTake('}'))
        {
            while (true)
            {
                source.SkipBlank();
                TomlReader.ReadPair(source, table);
                source.SkipBlank();
                if (source.TryTake('}'))
                    break;
                source.Expect(',');
            }
        }

        Close(table);
        return table;
    }

    private static void Close(TomlTable table)
    {
        table.Origin = TomlTableOrigin.Inline;
        foreach (var inner in table.Values.Values.OfType<TomlTable>())
            Close(inner);
    }

    private static object ReadWord(TomlSource source)
    {
        var at = source.Position;
        var word = source.TakeWhile(static c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '_' or '.' or ':');
        // A date may be followed by a blank and a time.
        if (DateOnlyPattern().IsMatch(word) && source.Peek() == ' ' && char.IsAsciiDigit(source.Peek(1)))
        {
            source.Take();
            word += "T" + source.TakeWhile(static c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.' or ':');
        }

        return word switch
        {
            "" => throw source.Error("a value is due here", at),
            "true" => true,
            "false" => false,
            "inf" or "+inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            "nan" or "+nan" or "-nan" => double.NaN,
            _ => Integer(source, word, at) ?? Float(word) ?? Time(word) ?? throw source.Error($"'{word}' is no value; a text stands in quotes", at),
        };
    }

    private static object? Integer(TomlSource source, string word, int at)
    {
        var match = IntegerPattern().Match(word);
        if (!match.Success)
            return null;
        var digits = word.Replace("_", "", StringComparison.Ordinal);
        try
        {
            return digits switch
            {
                ['0', 'x', ..] => Checked(Convert.ToUInt64(digits[2..], 16)),
                ['0', 'o', ..] => Checked(Convert.ToUInt64(digits[2..], 8)),
                ['0', 'b', ..] => Checked(Convert.ToUInt64(digits[2..], 2)),
                _ => long.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
            };
        }
        catch (OverflowException)
        {
            throw source.Error($"{word} does not fit into 64 bits", at);
        }

        static long Checked(ulong value) => checked((long)value);
    }

    private static object? Float(string word) => FloatPattern().IsMatch(word)
        ? double.Parse(word.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture)
        : null;

    private static TomlTime? Time(string word)
    {
        var match = TimePattern().Match(word);
        if (!match.Success || !(match.Groups["date"].Success || match.Groups["time"].Success))
            return null;
        var (hasDate, hasTime, hasOffset) = (match.Groups["date"].Success, match.Groups["time"].Success, match.Groups["offset"].Success);
        if (hasDate && !DateOnly.TryParseExact(match.Groups["date"].ValueSpan, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            return null;
        if (hasTime && !IsTime(match))
            return null;
        if ((hasOffset && !(hasDate && hasTime)) || (hasDate && hasTime) != match.Groups["between"].Success)
            return null;
        var text = word.ToUpperInvariant();
        return new TomlTime(hasDate ? hasTime ? hasOffset ? TomlTimeKind.OffsetDateTime : TomlTimeKind.LocalDateTime : TomlTimeKind.LocalDate : TomlTimeKind.LocalTime, text);
    }

    // RFC 3339 knows the leap second.
    private static bool IsTime(Match match) =>
        Number(match, "h") <= 23 && Number(match, "m") <= 59 && Number(match, "s") <= 60
        && (!match.Groups["oh"].Success || (Number(match, "oh") <= 23 && Number(match, "om") <= 59));

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A(?:[+-]?(?:0|[1-9](?:_?[0-9])*)|0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex IntegerPattern();

    [GeneratedRegex(@"\A[+-]?(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*(?:[eE][+-]?[0-9](?:_?[0-9])*)?|[eE][+-]?[0-9](?:_?[0-9])*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex FloatPattern();

    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DateOnlyPattern();

    [GeneratedRegex(@"\A(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})?(?<between>[Tt])?(?<time>(?<h>[0-9]{2}):(?<m>[0-9]{2}):(?<s>[0-9]{2})(?:\.[0-9]+)?)?(?<offset>[Zz]|[+-](?<oh>[0-9]{2}):(?<om>[0-9]{2}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex TimePattern();
}
