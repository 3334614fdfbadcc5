namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// Bessel functions. Up to 8 Chebyshev series of the entire parts, beyond it Hankel's form √(2/πx) (P cos χ - Q sin χ), Abramowitz and
/// Stegun 9.2.5, with P and Q as Chebyshev series; higher orders by recurrence, downwards (Miller) where it would be unstable upwards.
/// </summary>
internal static partial class BesselFunctions
{
    private const double TwoOverPi = 0.6366197723675814;

    public static double J0(double x)
    {
        x = Math.Abs(x);
        if (x <= 8) return Chebyshev.Sum(SmallJ0, Small(x));
        return double.IsInfinity(x) ? 0 : Hankel(0, x).J;
    }

    public static double J1(double x)
    {
        var a = Math.Abs(x);
        if (a <= 8) return x * Chebyshev.Sum(SmallJ1, Small(x));
        return double.IsInfinity(x) ? 0 : Math.Sign(x) * Hankel(1, a).J;
    }

    public static double Y0(double x)
    {
        if (!(x > 0)) return x == 0 ? double.NegativeInfinity : double.NaN;
        if (x <= 8) return Chebyshev.Sum(SmallY0, Small(x)) + (TwoOverPi * Math.Log(x) * J0(x));
        return double.IsInfinity(x) ? 0 : Hankel(0, x).Y;
    }

    public static double Y1(double x)
    {
        if (!(x > 0)) return x == 0 ? double.NegativeInfinity : double.NaN;
        if (x <= 8) return (x * Chebyshev.Sum(SmallY1, Small(x))) + (TwoOverPi * ((Math.Log(x) * J1(x)) - (1 / x)));
        return double.IsInfinity(x) ? 0 : Hankel(1, x).Y;
    }

    /// <summary>NaN for negative orders, as in CUDA.</summary>
    public static double Jn(int n, double x)
    {
        if (n < 0 || double.IsNaN(x)) return double.NaN;
        if (n == 0) return J0(x);
        if (n == 1) return J1(x);
        if (x == 0 || double.IsInfinity(x)) return 0;
        var a = Math.Abs(x);
        var value = a > n ? Upwards(n, a, J0(a), J1(a)) : Downwards(n, a);
        return x < 0 && n % 2 != 0 ? -value : value;
    }

    public static double Yn(int n, double x)
    {
        if (n < 0 || double.IsNaN(x) || x < 0) return double.NaN;
        return n == 0 ? Y0(x) : n == 1 ? Y1(x) : x == 0 ? double.NegativeInfinity : double.IsInfinity(x) ? 0 : Upwards(n, x, Y0(x), Y1(x));
    }

    public static double I0(double x)
    {
        x = Math.Abs(x);
        return x <= 8 ? Series(x, 0) : Scaled(x, LargeI0);
    }

    public static double I1(double x)
    {
        var a = Math.Abs(x);
        return Math.Sign(x) * (a <= 8 ? a / 2 * Series(a, 1) : Scaled(a, LargeI1));
    }

    private static double Small(double x) => (x * x / 32) - 1;

    private static (double J, double Y) Hankel(int order, double x)
    {
        var t = (128 / (x * x)) - 1;
        var p = Chebyshev.Sum(order == 0 ? P0 : P1, t);
        var q = Chebyshev.Sum(order == 0 ? Q0 : Q1, t) / x;
        var (sin, cos) = Math.SinCos(x);
        // cos and sin of x - π/4 and x - 3π/4, times √2.
        var (c, s) = order == 0 ? (cos + sin, sin - cos) : (sin - cos, -sin - cos);
        var scale = Math.Sqrt(1 / (Math.PI * x));
        return (scale * ((p * c) - (q * s)), scale * ((p * s) + (q * c)));
    }

    private static double Upwards(int n, double x, double previous, double current)
    {
        for (var k = 1; k < n && double.IsFinite(current); k++) (previous, current) = (current, (2.0 * k / x * current) - previous);
        return current;
    }

    /// <summary>Miller's algorithm: any start far above gives the right ratios, J0 + 2 (J2 + J4 + ...) = 1 the size.</summary>
    private static double Downwards(int n, double x)
    {
        // (x/2)^n / n! bounds the value; where it vanishes there is nothing to do.
        if ((n * (Math.Log(x / 2) + 1 - Math.Log(n))) < -760) return 0;
        var start = 2 * ((n + (int)Math.Sqrt(60.0 * n) + 20) / 2);
        var (above, current, sum, result) = (0.0, 1e-300, 0.0, 0.0);
        for (var k = start; k > 0; k--)
        {
            (above, current) = (current, (2.0 * k / x * current) - above);
            if (Math.Abs(current) > 1e200)
            {
                const double Scale = 1e-200;
                (above, current, sum, result) = (above * Scale, current * Scale, sum * Scale, result * Scale);
            }

            if (k - 1 == n) result = current;
            if (k % 2 != 0) sum += k == 1 ? current : 2 * current;
        }

        return result / sum;
    }

    /// <summary>Σ (x²/4)^k / (k! (k + order)!), all terms positive.</summary>
    private static double Series(double x, int order)
    {
        var (quarter, term, sum) = (x * x / 4, 1.0, 1.0);
        for (var k = 1; term > sum * 1e-17; k++) sum += term *= quarter / (k * (double)(k + order));
        return sum;
    }

    private static double Scaled(double x, ReadOnlySpan<double> coefficients)
    {
        // exp(x) alone would overflow too early.
        var half = Math.Exp(x / 2);
        return double.IsInfinity(half) ? half : half * (Chebyshev.Sum(coefficients, (16 / x) - 1) / Math.Sqrt(x)) * half;
    }
}
