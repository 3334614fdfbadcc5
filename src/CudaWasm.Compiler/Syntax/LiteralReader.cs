using System.Globalization;
using System.Text;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Syntax;

/// <summary>An integer literal's value and suffix.</summary>
internal readonly record struct IntegerValue(ulong Value, bool IsUnsigned, int LongCount, bool IsDecimal);

/// <summary>Turns the text of literals into values.</summary>
internal static class LiteralReader
{
    /// <summary>Reads a decimal, hexadecimal, octal or binary integer; false where the text is none or passes 64 bits.</summary>
    public static bool TryReadInteger(string text, out IntegerValue value)
    {
        value = default;
        var digits = text.Replace("'", "", StringComparison.Ordinal).AsSpan();
        var end = digits.Length;
        var isHex = digits is ['0', 'x' or 'X', ..];
        while (end > 0 && digits[end - 1] is 'u' or 'U' or 'l' or 'L' or 'z' or 'Z') end--;
        if (!TryReadSuffix(digits[end..], out var isUnsigned, out var longCount)) return false;
        digits = digits[..end];
        var radix = isHex ? 16u : digits is ['0', 'b' or 'B', ..] ? 2u : digits.Length > 1 && digits[0] == '0' ? 8u : 10u;
        digits = digits[(radix is 16 or 2 ? 2 : radix == 8 ? 1 : 0)..];
        if (digits.Length == 0) return false;
        UInt128 sum = 0;
        foreach (var c in digits)
        {
            if (!char.IsAsciiHexDigit(c)) return false;
            var digit = HexDigit(c);
            if (digit >= radix) return false;
            sum = (sum * radix) + digit;
            if (sum > ulong.MaxValue) return false;
        }

        value = new IntegerValue((ulong)sum, isUnsigned, longCount, radix == 10);
        return true;
    }

    /// <summary>Reads a floating literal, decimal or hexadecimal. One too large for its type is infinite, as gcc has it.</summary>
    public static bool TryReadFloat(string text, out double value, out bool isFloat)
    {
        var digits = text.Replace("'", "", StringComparison.Ordinal);
        var isHex = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var suffix = digits.Length > 1 && (!isHex || digits.Contains('p', StringComparison.OrdinalIgnoreCase)) ? digits[^1] : '\0';
        isFloat = suffix is 'f' or 'F';
        if (isFloat || suffix is 'l' or 'L') digits = digits[..^1];
        if (!isHex && digits.AsSpan().IndexOfAny('.', 'e', 'E') < 0)
        {
            value = 0;
            return false; // An integer that is none: bad digits, or past 64 bits.
        }

        if (isHex) return TryReadHexFloat(digits.AsSpan(2), isFloat, out value);
        const NumberStyles Styles = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!isFloat) return double.TryParse(digits, Styles, CultureInfo.InvariantCulture, out value);
        var isValid = float.TryParse(digits, Styles, CultureInfo.InvariantCulture, out var single);
        value = single;
        return isValid;
    }

    /// <summary>The text of a string literal, escapes resolved, one char a byte of its UTF-8.</summary>
    public static string ReadString(Token token, DiagnosticBag diagnostics)
    {
        var text = token.Raw;
        var quote = text.IndexOf('"');
        if (quote > 0 && text[quote - 1] == 'R')
        {
            var open = text.IndexOf('(');
            var close = text.LastIndexOf(')');
            return open >= 0 && close > open ? ToBytes(text[(open + 1)..close]) : "";
        }

        var clean = token.Text.AsSpan();
        var content = clean[(clean.IndexOf('"') + 1)..];
        if (content.EndsWith("\"", StringComparison.Ordinal)) content = content[..^1];
        if (!content.Contains('\\')) return ToBytes(content);
        var result = new StringBuilder(content.Length);
        for (var i = 0; i < content.Length;)
        {
            var next = content[i..].IndexOf('\\');
            if (next != 0)
            {
                var plain = next < 0 ? content[i..] : content.Slice(i, next);
                result.Append(ToBytes(plain));
                i += plain.Length;
                continue;
            }

            var value = ReadEscape(content, ref i, out var isUniversal, token, diagnostics);
            if (isUniversal && Rune.IsValid((int)value)) result.Append(ToBytes(new Rune((int)value).ToString()));
            else result.Append((char)(value & 0xFF));
        }

        return result.ToString();
    }

    /// <summary>The value of a character literal with its type; several characters give an int, first character highest.</summary>
    public static (int Value, BuiltinTypeKind Type) ReadCharacter(Token token, DiagnosticBag diagnostics)
    {
        var text = token.Text.AsSpan();
        var quote = text.IndexOf('\'');
        var type = text[..quote] switch
        {
            "L" => BuiltinTypeKind.WChar,
            "u" => BuiltinTypeKind.Char16,
            "U" => BuiltinTypeKind.Char32,
            _ => BuiltinTypeKind.Char,
        };
        var content = text[(quote + 1)..];
        if (content.EndsWith("'", StringComparison.Ordinal)) content = content[..^1];
        if (content.IsEmpty)
        {
            diagnostics.Error(DiagnosticCodes.UnterminatedLiteral, token.Span, "empty character literal");
            return (0, type);
        }

        var count = 0;
        uint value = 0;
        for (var i = 0; i < content.Length;)
        {
            if (content[i] == '\\')
            {
                Add(ReadEscape(content, ref i, out _, token, diagnostics));
            }
            else
            {
                Rune.DecodeFromUtf16(content[i..], out var rune, out var length);
                i += length;
                if (type != BuiltinTypeKind.Char) Add((uint)rune.Value);
                else foreach (var c in ToBytes(rune.ToString())) Add(c);
            }
        }

        if (type != BuiltinTypeKind.Char) return ((int)value, type);
        return count == 1 ? ((sbyte)value, type) : ((int)value, BuiltinTypeKind.Int);

        void Add(uint unit)
        {
            value = type == BuiltinTypeKind.Char ? (value << 8) | (unit & 0xFF) : unit;
            count++;
        }
    }

    private static bool TryReadSuffix(ReadOnlySpan<char> suffix, out bool isUnsigned, out int longCount)
    {
        isUnsigned = suffix.ContainsAny('u', 'U');
        longCount = suffix.Count('l') + suffix.Count('L');
        var isSize = suffix.ContainsAny('z', 'Z');
        var units = suffix.Count('u') + suffix.Count('U');
        var isValid = units <= 1 && longCount <= 2 && (!isSize || (longCount == 0 && suffix.Length - units == 1)) && (longCount < 2 || suffix.IndexOf("ll", StringComparison.OrdinalIgnoreCase) >= 0);
        if (isSize) longCount = 1;
        return isValid;
    }

    private static bool TryReadHexFloat(ReadOnlySpan<char> text, bool isFloat, out double value)
    {
        value = 0;
        var mark = text.IndexOfAny('p', 'P');
        if (mark < 1 || !int.TryParse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)) return false;
        ulong mantissa = 0;
        var hasDigit = false;
        var inFraction = false;
        foreach (var c in text[..mark])
        {
            if (c == '.' && !inFraction)
            {
                inFraction = true;
                continue;
            }

            if (!char.IsAsciiHexDigit(c)) return false;
            hasDigit = true;
            var digit = (ulong)HexDigit(c);
            if (mantissa >> 60 == 0)
            {
                mantissa = (mantissa << 4) | digit;
                if (inFraction) exponent -= 4;
            }
            else
            {
                // Further digits only decide a tie of the rounding.
                if (digit != 0) mantissa |= 1;
                if (!inFraction) exponent += 4;
            }
        }

        exponent = Math.Clamp(exponent, -5000, 5000);
        value = isFloat ? (float)Math.ScaleB((double)mantissa, exponent) : Math.ScaleB((double)mantissa, exponent);
        return hasDigit;
    }

    private static uint ReadEscape(ReadOnlySpan<char> text, ref int i, out bool isUniversal, Token token, DiagnosticBag diagnostics)
    {
        isUniversal = false;
        i++;
        if (i >= text.Length) return '\\';
        var c = text[i++];
        switch (c)
        {
            case 'n': return '\n';
            case 't': return '\t';
            case 'r': return '\r';
            case 'a': return '\a';
            case 'b': return '\b';
            case 'f': return '\f';
            case 'v': return '\v';
            case 'e': return 27;
            case '\\' or '\'' or '"' or '?': return c;
            case 'x': return ReadDigits(text, ref i, 16, int.MaxValue);
            case 'u' or 'U':
                isUniversal = true;
                return ReadDigits(text, ref i, 16, c == 'u' ? 4 : 8);
            case >= '0' and <= '7':
                i--;
                return ReadDigits(text, ref i, 8, 3);
            default:
                diagnostics.Warning(DiagnosticCodes.UnexpectedCharacter, token.Span, $"unknown escape '\\{c}'");
                return c;
        }
    }

    private static uint ReadDigits(ReadOnlySpan<char> text, ref int i, uint radix, int limit)
    {
        uint value = 0;
        for (var n = 0; n < limit && i < text.Length && char.IsAsciiHexDigit(text[i]); n++, i++)
        {
            var digit = HexDigit(text[i]);
            if (digit >= radix) break;
            value = (value * radix) + digit;
        }

        return value;
    }

    private static uint HexDigit(char c) => (uint)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);

    private static string ToBytes(ReadOnlySpan<char> text)
    {
        if (Ascii.IsValid(text)) return text.ToString();
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return Encoding.Latin1.GetString(bytes);
    }
}
