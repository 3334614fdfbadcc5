namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// + - * / sqrt and fma rounded toward zero (Rz), up (Ru) or down (Rd). The result to nearest is corrected by the sign of its error,
/// which error-free transformations give exactly (Muller et al., Handbook of Floating-Point Arithmetic, chapter 4).
/// </summary>
internal static class DirectedMath
{
    private enum Mode
    {
        Zero,
        Up,
        Down,
    }

    /// <summary>2^-900 and 2^-960: below them the error terms of products would underflow.</summary>
    private const double Small = 1.1830521861667747e-271;

    private const double Tiny = 1.0261342003245941e-289;

    public static float AddRz(float x, float y) => Add(x, y, Mode.Zero);

    public static float AddRu(float x, float y) => Add(x, y, Mode.Up);

    public static float AddRd(float x, float y) => Add(x, y, Mode.Down);

    public static float SubRz(float x, float y) => Add(x, -y, Mode.Zero);

    public static float SubRu(float x, float y) => Add(x, -y, Mode.Up);

    public static float SubRd(float x, float y) => Add(x, -y, Mode.Down);

    public static float MulRz(float x, float y) => Narrow((double)x * y, 0, Mode.Zero);

    public static float MulRu(float x, float y) => Narrow((double)x * y, 0, Mode.Up);

    public static float MulRd(float x, float y) => Narrow((double)x * y, 0, Mode.Down);

    public static float DivRz(float x, float y) => Div(x, y, Mode.Zero);

    public static float DivRu(float x, float y) => Div(x, y, Mode.Up);

    public static float DivRd(float x, float y) => Div(x, y, Mode.Down);

    public static float SqrtRz(float x) => Sqrt(x, Mode.Zero);

    public static float SqrtRu(float x) => Sqrt(x, Mode.Up);

    public static float SqrtRd(float x) => Sqrt(x, Mode.Down);

    public static float FmaRz(float x, float y, float z) => Fma(x, y, z, Mode.Zero);

    public static float FmaRu(float x, float y, float z) => Fma(x, y, z, Mode.Up);

    public static float FmaRd(float x, float y, float z) => Fma(x, y, z, Mode.Down);

    public static double AddRz(double x, double y) => Add(x, y, Mode.Zero);

    public static double AddRu(double x, double y) => Add(x, y, Mode.Up);

    public static double AddRd(double x, double y) => Add(x, y, Mode.Down);

    public static double SubRz(double x, double y) => Add(x, -y, Mode.Zero);

    public static double SubRu(double x, double y) => Add(x, -y, Mode.Up);

    public static double SubRd(double x, double y) => Add(x, -y, Mode.Down);

    public static double MulRz(double x, double y) => Mul(x, y, Mode.Zero);

    public static double MulRu(double x, double y) => Mul(x, y, Mode.Up);

    public static double MulRd(double x, double y) => Mul(x, y, Mode.Down);

    public static double DivRz(double x, double y) => Div(x, y, Mode.Zero);

    public static double DivRu(double x, double y) => Div(x, y, Mode.Up);

    public static double DivRd(double x, double y) => Div(x, y, Mode.Down);

    public static double SqrtRz(double x) => Sqrt(x, Mode.Zero);

    public static double SqrtRu(double x) => Sqrt(x, Mode.Up);

    public static double SqrtRd(double x) => Sqrt(x, Mode.Down);

    public static double FmaRz(double x, double y, double z) => Fma(x, y, z, Mode.Zero);

    public static double FmaRu(double x, double y, double z) => Fma(x, y, z, Mode.Up);

    public static double FmaRd(double x, double y, double z) => Fma(x, y, z, Mode.Down);

    private static float Add(float x, float y, Mode mode)
    {
        var sum = (double)x + y;
        return sum == 0 ? (float)ZeroSum(x, y, mode) : Narrow(sum, SumError(x, y, sum), mode);
    }

    private static float Fma(float x, float y, float z, Mode mode)
    {
        var product = (double)x * y;
        var sum = product + z;
        return sum == 0 ? (float)ZeroSum(product, z, mode) : Narrow(sum, SumError(product, z, sum), mode);
    }

    private static float Div(float x, float y, Mode mode)
    {
        var quotient = (double)x / y;
        // A quotient of floats that is no float is never so near to one that the double hides on which side it is, but it may be inexact.
        var error = double.IsFinite(quotient) && y != 0 ? Math.FusedMultiplyAdd(-quotient, y, x) * Math.Sign(y) : 0;
        return Narrow(quotient, error, mode);
    }

    private static float Sqrt(float x, Mode mode)
    {
        var root = Math.Sqrt(x);
        return Narrow(root, double.IsFinite(root) ? Math.FusedMultiplyAdd(-root, root, x) : 0, mode);
    }

    /// <summary>Rounds value + (something with the sign of <paramref name="error"/>, less than half a unit of the double) to float.</summary>
    private static float Narrow(double value, double error, Mode mode)
    {
        var nearest = (float)value;
        if (double.IsNaN(value) || double.IsInfinity(value)) return nearest;
        var difference = value - nearest;
        if (float.IsInfinity(nearest)) difference = -value;
        var sign = difference != 0 ? Math.Sign(difference) : Sign(error);
        return Down(mode, value) ? (sign < 0 ? MathF.BitDecrement(nearest) : nearest) : sign > 0 ? MathF.BitIncrement(nearest) : nearest;
    }

    private static double Add(double x, double y, Mode mode)
    {
        var sum = x + y;
        if (sum == 0) return ZeroSum(x, y, mode);
        return Correct(sum, double.IsInfinity(sum) ? Overflow(sum, x, y) : SumError(x, y, sum), mode);
    }

    private static double Mul(double x, double y, Mode mode)
    {
        var product = x * y;
        if (double.IsInfinity(product)) return Correct(product, Overflow(product, x, y), mode);
        if (x == 0 || y == 0 || double.IsNaN(product)) return product;
        if (Math.Abs(product) > Tiny) return Correct(product, Math.FusedMultiplyAdd(x, y, -product), mode);
        // The error of a tiny product would itself vanish: look at it 2^600 times as large.
        if (Math.Abs(x) < Math.Abs(y)) x = Math.ScaleB(x, 600);
        else y = Math.ScaleB(y, 600);
        var sign = product == 0 ? Math.Sign(x) * Math.Sign(y) : Math.FusedMultiplyAdd(x, y, -Math.ScaleB(product, 600));
        return Correct(product, sign, mode, Math.Sign(x) * Math.Sign(y));
    }

    private static double Div(double x, double y, Mode mode)
    {
        var quotient = x / y;
        if (y == 0 || !double.IsFinite(x) || double.IsInfinity(y) || x == 0) return quotient;
        if (double.IsInfinity(quotient)) return Correct(quotient, -quotient, mode);
        var (q, divisor, dividend) = (quotient, y, x);
        if (Math.Abs(x) < Small)
        {
            dividend = Math.ScaleB(x, 600);
            if (Math.Abs(q) < Math.Abs(y)) q = Math.ScaleB(q, 600);
            else divisor = Math.ScaleB(y, 600);
        }

        return Correct(quotient, Math.FusedMultiplyAdd(-q, divisor, dividend) * Math.Sign(y), mode, Math.Sign(x) * Math.Sign(y));
    }

    private static double Sqrt(double x, Mode mode)
    {
        var root = Math.Sqrt(x);
        if (x == 0 || !double.IsFinite(root)) return root;
        var isTiny = x < Small;
        var (r, square) = isTiny ? (Math.ScaleB(root, 300), Math.ScaleB(x, 600)) : (root, x);
        return Correct(root, Math.FusedMultiplyAdd(-r, r, square), mode);
    }

    /// <summary>The error of fma by Boldo and Muller, "Exact and approximated error of the FMA" (2011), algorithm ErrFmaNearest.</summary>
    private static double Fma(double x, double y, double z, Mode mode)
    {
        var result = Math.FusedMultiplyAdd(x, y, z);
        if (x == 0 || y == 0) return Add(x * y, z, mode);
        if (z == 0) return Mul(x, y, mode);
        if (!double.IsFinite(result)) return double.IsInfinity(result) && double.IsFinite(x) && double.IsFinite(y) && double.IsFinite(z) ? Correct(result, -result, mode) : result;
        var product = x * y;
        var scaled = result;
        if (Math.Abs(product) < Tiny)
        {
            // Next to a summand that is not tiny the product is but a nudge; else look at all 2^600 times as large.
            if (Math.Abs(z) > Small) return Correct(result, Math.Sign(x) * Math.Sign(y), mode);
            if (Math.Abs(x) < Math.Abs(y)) x = Math.ScaleB(x, 600);
            else y = Math.ScaleB(y, 600);
            (z, scaled, product) = (Math.ScaleB(z, 600), Math.ScaleB(result, 600), x * y);
            // So small still that it lies below the last bit of any summand.
            if (Math.Abs(product) < Tiny) return Correct(result, Math.Sign(x) * Math.Sign(y), mode);
        }

        var productError = Math.FusedMultiplyAdd(x, y, -product);
        var a = z + productError;
        var aError = SumError(z, productError, a);
        var b = product + a;
        var bError = SumError(product, a, b);
        var error = (b - scaled) + bError + aError;
        return result == 0 && error == 0 ? ZeroSum(product, z, mode) : Correct(result, error, mode);
    }

    /// <summary>Knuth's TwoSum: x + y - sum, exactly.</summary>
    private static double SumError(double x, double y, double sum)
    {
        var part = sum - x;
        return (x - (sum - part)) + (y - part);
    }

    /// <summary>A sum that is exactly zero: -0 when rounding down, unless both are +0.</summary>
    private static double ZeroSum(double x, double y, Mode mode) => x == 0 && y == 0 && double.IsNegative(x) == double.IsNegative(y) ? x : mode == Mode.Down ? -0.0 : 0.0;

    /// <summary>An infinite result of finite operands lies beyond the true one; a true infinity has no error.</summary>
    private static double Overflow(double result, double x, double y) => double.IsFinite(x) && double.IsFinite(y) ? -result : 0;

    private static double Correct(double nearest, double error, Mode mode) => Correct(nearest, error, mode, nearest);

    private static double Correct(double nearest, double error, Mode mode, double sign)
    {
        if (error == 0 || double.IsNaN(nearest) || double.IsNaN(error)) return nearest;
        return Down(mode, sign) ? (error < 0 ? Math.BitDecrement(nearest) : nearest) : error > 0 ? Math.BitIncrement(nearest) : nearest;
    }

    private static bool Down(Mode mode, double value) => mode == Mode.Down || (mode == Mode.Zero && value > 0);

    private static int Sign(double value) => double.IsNaN(value) ? 0 : Math.Sign(value);
}
