using System.Globalization;
using System.Text;

namespace GpuPlatform.Toml;

/// <summary>TOML's four kinds of strings.</summary>
internal static class TomlStrings
{
    /// <summary><c>"…"</c></summary>
    public static string ReadBasic(TomlSource source)
    {
        source.Expect('"');
        var result = new StringBuilder();
        while (true)
        {
            var at = source.Position;
            var c = source.Take();
            switch (c)
            {
                case '"':
                    return result.ToString();
                case '\\':
                    ReadEscape(source, result);
                    break;
                default:
                    if (TomlSource.IsForbidden(c))
                        throw source.Error(c is '\n' or '\r' ? "the string does not end on its line" : "a control character must be escaped", at);
                    result.Append(c);
                    break;
            }
        }
    }

    /// <summary><c>'…'</c></summary>
    public static string ReadLiteral(TomlSource source)
    {
        source.Expect('\'');
        var start = source.Position;
        var text = source.TakeWhile(static c => c != '\'' && !TomlSource.IsForbidden(c));
        return source.TryTake('\'') ? text : throw source.Error("the string does not end, or holds a control character", start);
    }

    /// <summary><c>"""…"""</c></summary>
    public static string ReadBasicLines(TomlSource source)
    {
        source.TryTake("\"\"\"");
        source.TryTakeLineEnd();
        var result = new StringBuilder();
        while (true)
        {
            if (TryEnd(source, '"', result))
                return result.ToString();
            if (TakeLineEnd(source, result))
                continue;
            var at = source.Position;
            var c = source.Take();
            if (c == '\\')
            {
                if (!TrySkipToText(source))
                    ReadEscape(source, result);
            }
            else
            {
                result.Append(TomlSource.IsForbidden(c) ? throw source.Error("a control character must be escaped", at) : c);
            }
        }
    }

    /// <summary><c>'''…'''</c></summary>
    public static string ReadLiteralLines(TomlSource source)
    {
        source.TryTake("'''");
        source.TryTakeLineEnd();
        var result = new StringBuilder();
        while (true)
        {
            if (TryEnd(source, '\'', result))
                return result.ToString();
            if (TakeLineEnd(source, result))
                continue;
            var at = source.Position;
            var c = source.Take();
            result.Append(TomlSource.IsForbidden(c) ? throw source.Error("a control character cannot stand in a string", at) : c);
        }
    }

    // Up to two quotes may stand before the three that end it.
    private static bool TryEnd(TomlSource source, char quote, StringBuilder result)
    {
        var count = 0;
        while (count < 6 && source.Peek(count) == quote)
            count++;
        if (count < 3)
            return false;
        if (count > 5)
            throw source.Error("too many quotes", source.Position);
        result.Append(quote, count - 3);
        source.Position += count;
        return true;
    }

    private static bool TakeLineEnd(TomlSource source, StringBuilder result)
    {
        if (!source.TryTakeLineEnd())
            return false;
        result.Append('\n');
        return true;
    }

    /// <summary>A backslash at the end of a line joins it with the next text.</summary>
    private static bool TrySkipToText(TomlSource source)
    {
        var start = source.Position;
        source.SkipBlank();
        if (!source.TryTakeLineEnd())
        {
            source.Position = start;
            return false;
        }

        do
        {
            source.SkipBlank();
        }
        while (source.TryTakeLineEnd());
        return true;
    }

    private static void ReadEscape(TomlSource source, StringBuilder result)
    {
        var at = source.Position - 1;
        switch (source.Take())
        {
            case 'b': result.Append('\b'); break;
            case 't': result.Append('\t'); break;
            case 'n': result.Append('\n'); break;
            case 'f': result.Append('\f'); break;
            case 'r': result.Append('\r'); break;
            case '"': result.Append('"'); break;
            case '\\': result.Append('\\'); break;
            case 'u': AppendCodePoint(source, result, 4, at); break;
            case 'U': AppendCodePoint(source, result, 8, at); break;
            default: throw source.Error("there is no such escape; write \\\\ for a backslash, or use a 'literal string'", at);
        }
    }

    private static void AppendCodePoint(TomlSource source, StringBuilder result, int digits, int at)
    {
        var value = 0L;
        for (var i = 0; i < digits; i++)
        {
            var c = source.Take();
            value = char.IsAsciiHexDigit(c)
                ? (value << 4) + int.Parse([c], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : throw source.Error($"\\{(digits == 4 ? 'u' : 'U')} needs {digits} hexadecimal digits", at);
        }

        result.Append(value <= 0x10FFFF && Rune.IsValid((int)value) ? new Rune((int)value).ToString() : throw source.Error("there is no such Unicode character", at));
    }
}
