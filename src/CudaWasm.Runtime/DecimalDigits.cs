using System.Globalization;
using System.Numerics;

namespace CudaWasm.Runtime;

/// <summary>Exact decimal digits of a double that is not negative, rounded to nearest with halves to even, as C libraries do it.</summary>
internal static class DecimalDigits
{
    /// <summary>%f</summary>
    public static string Fixed(double value, int precision, bool keepPoint)
    {
        var digits = Scaled(value, precision).ToString(CultureInfo.InvariantCulture).PadLeft(precision + 1, '0');
        return WithPoint(digits, digits.Length - precision, keepPoint);
    }

    /// <summary>%e</summary>
    public static string Exponential(double value, int precision, bool keepPoint)
    {
        var (digits, exponent) = Significant(value, precision);
        return WithPoint(digits, 1, keepPoint) + ExponentText(exponent);
    }

    /// <summary>%g</summary>
    public static string General(double value, int precision, bool keepZeros)
    {
        precision = Math.Max(1, precision);
        var (digits, exponent) = Significant(value, precision - 1);
        var isFixed = exponent >= -4 && exponent < precision;
        var number = isFixed ? Fixed(value, precision - 1 - exponent, keepZeros) : WithPoint(digits, 1, keepZeros);
        if (!keepZeros && number.Contains('.', StringComparison.Ordinal)) number = number.TrimEnd('0').TrimEnd('.');
        return isFixed ? number : number + ExponentText(exponent);
    }

    /// <summary>precision + 1 digits, and the power of ten of the first one.</summary>
    private static (string Digits, int Exponent) Significant(double value, int precision)
    {
        if (value == 0) return (new string('0', precision + 1), 0);
        var exponent = (int)Math.Floor(Math.Log10(value));
        // The logarithm may be off by one next to powers of ten, and rounding may carry into a new digit.
        while (true)
        {
            var digits = Scaled(value, precision - exponent).ToString(CultureInfo.InvariantCulture);
            if (digits.Length == precision + 1) return (digits, exponent);
            exponent += digits.Length > precision + 1 ? 1 : -1;
        }
    }

    /// <summary>value * 10^power, rounded to an integer.</summary>
    private static BigInteger Scaled(double value, int power)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var biased = (int)(bits >> 52);
        BigInteger numerator = (bits & 0xF_FFFF_FFFF_FFFF) | (biased == 0 ? 0 : 1L << 52);
        var binary = Math.Max(biased, 1) - 1075;
        var denominator = BigInteger.One;
        if (power >= 0) numerator *= BigInteger.Pow(10, power);
        else denominator = BigInteger.Pow(10, -power);
        if (binary >= 0) numerator <<= binary;
        else denominator <<= -binary;
        var quotient = BigInteger.DivRem(numerator, denominator, out var rest);
        var half = (rest << 1).CompareTo(denominator);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static string WithPoint(string digits, int whole, bool keepPoint) =>
        whole == digits.Length ? keepPoint ? digits + "." : digits : string.Concat(digits.AsSpan(0, whole), ".", digits.AsSpan(whole));

    private static string ExponentText(int exponent) => string.Create(CultureInfo.InvariantCulture, $"e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
}
