using System.Globalization;
using System.Text;

namespace CudaWasm.Runtime;

/// <summary>
/// Formats as C's printf does: flags, width, precision and lengths of d i u x X o c s f F e E g G a A p %. Anything else is printed
/// as it stands, and a conversion without an argument prints nothing, as on the device.
/// </summary>
public static class PrintfFormatter
{
    /// <param name="output">Gets the text.</param>
    /// <param name="format">As in the source, escapes resolved.</param>
    /// <param name="arguments">Integers extended to 64 bits, floats as the bits of a double, strings as an index.</param>
    /// <param name="strings">The strings that <c>%s</c> prints.</param>
    /// <param name="textAt">The text that a pointer given to <c>%s</c> points to.</param>
    public static void Append(StringBuilder output, string format, ReadOnlySpan<long> arguments, IReadOnlyList<string> strings, Func<long, string>? textAt = null)
    {
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                output.Append(format[i]);
                continue;
            }

            var start = i++;
            var spec = Specification.Parse(format, ref i, arguments, ref next);
            if (spec.Conversion == '%')
            {
                output.Append('%');
            }
            else if (spec.Conversion == '\0' || !"diuxXocsfFeEgGaAp".Contains(spec.Conversion, StringComparison.Ordinal))
            {
                output.Append(format.AsSpan(start, Math.Min(i + 1, format.Length) - start));
            }
            else if (next < arguments.Length)
            {
                Convert(output, spec, arguments[next++], strings, textAt);
            }
        }
    }

    private static void Convert(StringBuilder output, Specification spec, long argument, IReadOnlyList<string> strings, Func<long, string>? textAt)
    {
        switch (spec.Conversion)
        {
            case 'd' or 'i':
                var signed = Narrow(argument, spec.Bits, true);
                var magnitude = signed < 0 ? (ulong)-(signed + 1) + 1 : (ulong)signed;
                Integer(output, spec, magnitude.ToString(CultureInfo.InvariantCulture), signed < 0 ? "-" : spec.Plus);
                break;
            case 'u':
                Integer(output, spec, ((ulong)Narrow(argument, spec.Bits, false)).ToString(CultureInfo.InvariantCulture), "");
                break;
            case 'x' or 'X' or 'o':
                Unsigned(output, spec, (ulong)Narrow(argument, spec.Bits, false));
                break;
            case 'p':
                spec.Pad(output, "0x" + argument.ToString("x", CultureInfo.InvariantCulture));
                break;
            case 'c':
                spec.Pad(output, ((char)(byte)argument).ToString());
                break;
            case 's':
                var text = argument >= 0 && argument < strings.Count ? strings[(int)argument] : textAt?.Invoke(argument) ?? "";
                spec.Pad(output, spec.Precision is { } most && most < text.Length ? text[..most] : text);
                break;
            default:
                Float(output, spec, BitConverter.Int64BitsToDouble(argument));
                break;
        }
    }

    private static long Narrow(long value, int bits, bool signed) => bits == 64 ? value : signed ? value << (64 - bits) >> (64 - bits) : (long)((ulong)value << (64 - bits) >> (64 - bits));

    private static void Unsigned(StringBuilder output, Specification spec, ulong value)
    {
        if (spec.Conversion == 'o')
        {
            var octal = "";
            for (var rest = value; rest != 0; rest >>= 3) octal = (char)('0' + (rest & 7)) + octal;
            if (spec.Alternate && (spec.Precision ?? 0) <= octal.Length) octal = "0" + octal;
            Integer(output, spec, octal.Length == 0 ? "0" : octal, "");
            return;
        }

        var digits = value.ToString(spec.Conversion == 'x' ? "x" : "X", CultureInfo.InvariantCulture);
        Integer(output, spec, digits, spec.Alternate && value != 0 ? "0" + spec.Conversion : "");
    }

    private static void Integer(StringBuilder output, Specification spec, string digits, string prefix)
    {
        if (spec.Precision == 0 && digits == "0") digits = "";
        if (spec.Precision is { } least) digits = digits.PadLeft(least, '0');
        else if (spec.Zero && !spec.Left) digits = digits.PadLeft(Math.Max(0, spec.Width - prefix.Length), '0');
        spec.Pad(output, prefix + digits);
    }

    private static void Float(StringBuilder output, Specification spec, double value)
    {
        var isUpper = char.IsUpper(spec.Conversion);
        // The NaN of a GPU has no sign; that of x86 processors has one.
        var sign = double.IsNegative(value) && !double.IsNaN(value) ? "-" : spec.Plus;
        string digits;
        if (!double.IsFinite(value))
        {
            digits = double.IsNaN(value) ? "nan" : "inf";
            spec = spec with { Zero = false };
        }
        else
        {
            value = Math.Abs(value);
            digits = char.ToLowerInvariant(spec.Conversion) switch
            {
                'f' => DecimalDigits.Fixed(value, spec.Precision ?? 6, spec.Alternate),
                'e' => DecimalDigits.Exponential(value, spec.Precision ?? 6, spec.Alternate),
                'g' => DecimalDigits.General(value, spec.Precision ?? 6, spec.Alternate),
                _ => HexadecimalFloat(value, spec.Precision, spec.Alternate),
            };
        }

        if (isUpper) digits = digits.ToUpperInvariant();
        var prefix = sign;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            prefix += digits[..2];
            digits = digits[2..];
        }

        if (spec.Zero && !spec.Left) digits = digits.PadLeft(Math.Max(0, spec.Width - prefix.Length), '0');
        spec.Pad(output, prefix + digits);
    }

    /// <summary>As glibc prints it: one digit before the point, which is 1 but for zero and subnormals.</summary>
    private static string HexadecimalFloat(double value, int? precision, bool alternate)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52);
        var fraction = bits & 0xF_FFFF_FFFF_FFFF;
        var mantissa = exponent == 0 ? fraction : fraction | 1L << 52;
        exponent = value == 0 ? 0 : exponent == 0 ? -1022 : exponent - 1023;
        var digits = 13;
        if (precision is { } wanted && wanted < 13)
        {
            var drop = (13 - wanted) * 4;
            var rest = mantissa & ((1L << drop) - 1);
            mantissa >>= drop;
            var half = 1L << (drop - 1);
            if (rest > half || (rest == half && (mantissa & 1) != 0)) mantissa++;
            digits = wanted;
        }

        var text = (mantissa & ((1L << (digits * 4)) - 1)).ToString("x", CultureInfo.InvariantCulture).PadLeft(digits, '0');
        if (digits == 0) text = "";
        text = precision is { } most ? text.PadRight(most, '0') : text.TrimEnd('0');
        var point = text.Length > 0 || alternate ? "." : "";
        return string.Create(CultureInfo.InvariantCulture, $"0x{mantissa >> (digits * 4):x}{point}{text}p{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent)}");
    }

    private readonly record struct Specification
    {
        public bool Left { get; init; }

        public bool Zero { get; init; }

        public bool Alternate { get; init; }

        /// <summary>What stands before a number that is not negative.</summary>
        public string Plus { get; init; }

        public int Width { get; init; }

        public int? Precision { get; init; }

        /// <summary>Of an integer argument.</summary>
        public int Bits { get; init; }

        public char Conversion { get; init; }

        /// <summary>Reads from behind the % up to the conversion, where <paramref name="at"/> is left.</summary>
        public static Specification Parse(string format, ref int at, ReadOnlySpan<long> arguments, ref int next)
        {
            var (left, zero, alternate, plus, space) = (false, false, false, false, false);
            for (; at < format.Length && "-0#+ ".Contains(format[at], StringComparison.Ordinal); at++)
            {
                left |= format[at] == '-';
                zero |= format[at] == '0';
                alternate |= format[at] == '#';
                plus |= format[at] == '+';
                space |= format[at] == ' ';
            }

            var width = Number(format, ref at, arguments, ref next) ?? 0;
            if (width < 0) (left, width) = (true, width == int.MinValue ? int.MaxValue : -width);
            int? precision = null;
            if (at < format.Length && format[at] == '.')
            {
                at++;
                precision = Number(format, ref at, arguments, ref next) ?? 0;
                if (precision < 0) precision = null;
            }

            var bits = 32;
            for (; at < format.Length && "hljzt".Contains(format[at], StringComparison.Ordinal); at++)
            {
                bits = format[at] == 'h' ? bits == 16 ? 8 : 16 : 64;
            }

            return new Specification
            {
                Left = left,
                Zero = zero,
                Alternate = alternate,
                Plus = plus ? "+" : space ? " " : "",
                Width = Math.Min(width, 4096),
                Precision = precision is { } p ? Math.Min(p, 4096) : null,
                Bits = bits,
                Conversion = at < format.Length ? format[at] : '\0',
            };
        }

        public void Pad(StringBuilder output, string text)
        {
            if (!Left) output.Append(' ', Math.Max(0, Width - text.Length));
            output.Append(text);
            if (Left) output.Append(' ', Math.Max(0, Width - text.Length));
        }

        private static int? Number(string format, ref int at, ReadOnlySpan<long> arguments, ref int next)
        {
            if (at < format.Length && format[at] == '*')
            {
                at++;
                return next < arguments.Length ? (int)arguments[next++] : null;
            }

            int? number = null;
            for (; at < format.Length && char.IsAsciiDigit(format[at]); at++) number = Math.Min(((number ?? 0) * 10) + format[at] - '0', 1_000_000);
            return number;
        }
    }
}
