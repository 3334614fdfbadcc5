namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// The error function and its kin. erfc follows M. Shepherd and J. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x²) erfc x in
/// 0 ≤ x &lt; ∞", Math. Comp. 36 (1981); the coefficients were computed anew with 40 digits.
/// </summary>
internal static class ErrorFunction
{
    private const double TwoOverRootPi = 1.1283791670955126;
    private const double RootHalf = 0.7071067811865476;

    /// <summary>1/√2 minus the double above.</summary>
    private const double RootHalfRest = -4.833646656726457e-17;

    public static double Erf(double x)
    {
        var a = Math.Abs(x);
        if (a <= 1) return x * Chebyshev.Sum(Central, (2 * x * x) - 1);
        return a > 6 ? Math.Sign(x) : Math.CopySign(1 - Erfc(a), x);
    }

    public static double Erfc(double x)
    {
        if (double.IsNaN(x)) return x;
        if (x < 0.5) return x < -6 ? 2 : 1 - Erf(x);
        return x > 28 ? 0 : ExpMinusSquare(x) * Erfcx(x);
    }

    /// <summary>exp(x²) erfc(x)</summary>
    public static double Erfcx(double x)
    {
        if (x < 0) return x < -27 ? double.PositiveInfinity : (2 / ExpMinusSquare(x)) - Erfcx(-x);
        if (double.IsPositiveInfinity(x)) return 0;
        return x > 1e8 ? TwoOverRootPi / 2 / x : Chebyshev.Sum(ScaledComplement, (x - 3.75) / (x + 3.75)) / (1 + (2 * x));
    }

    /// <summary>Halley's iteration on erf, from the first terms of the series.</summary>
    public static double Erfinv(double y)
    {
        var a = Math.Abs(y);
        if (!(a <= 1)) return double.NaN;
        if (a > 0.5) return Math.CopySign(Erfcinv(1 - a), y);
        var x = y / TwoOverRootPi * (1 + (Math.PI / 12 * y * y));
        for (var i = 0; i < 3; i++)
        {
            var error = Erf(x) - y;
            x -= error / ((TwoOverRootPi * Math.Exp(-x * x)) + (x * error));
        }

        return x;
    }

    /// <summary>Halley's iteration on erfc, from Abramowitz and Stegun 26.2.23.</summary>
    public static double Erfcinv(double y)
    {
        if (!(y >= 0 && y <= 2)) return double.NaN;
        if (y == 0) return double.PositiveInfinity;
        if (y > 1) return y == 2 ? double.NegativeInfinity : y < 1.5 ? Erfinv(1 - y) : -Erfcinv(2 - y);
        if (y > 0.5) return Erfinv(1 - y);
        var t = Math.Sqrt(-2 * Math.Log(y / 2));
        var x = RootHalf * (t - ((2.515517 + (t * (0.802853 + (t * 0.010328)))) / (1 + (t * (1.432788 + (t * (0.189269 + (t * 0.001308))))))));
        for (var i = 0; i < 3; i++)
        {
            var derivative = TwoOverRootPi * ExpMinusSquare(x);
            var error = Erfc(x) - y;
            x += error / (derivative - (x * error));
        }

        return x;
    }

    /// <summary>erfc(-x/√2) / 2; what the division by √2 rounds off is put right by the derivative.</summary>
    public static double Normcdf(double x)
    {
        var z = -x * RootHalf;
        var rest = Math.FusedMultiplyAdd(-x, RootHalf, -z) - (x * RootHalfRest);
        var value = Erfc(z);
        return double.IsInfinity(x) || Math.Abs(z) > 28 ? value / 2 : (value - (TwoOverRootPi * ExpMinusSquare(z) * rest)) / 2;
    }

    public static double Normcdfinv(double p) => -Math.Sqrt(2) * Erfcinv(2 * p);

    /// <summary>exp(-x²), squaring the upper half of x without error: exp would magnify the error of the square.</summary>
    private static double ExpMinusSquare(double x)
    {
        var high = BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(x) & -0x8000000);
        return Math.Exp(-high * high) * Math.Exp(-(x - high) * (x + high));
    }

    /// <summary>(1 + 2x) exp(x²) erfc(x) in t = (x - 3.75) / (x + 3.75).</summary>
    public static ReadOnlySpan<double> ScaledComplement =>
    [
        1.1775789345674017,
        -0.004590054580646478,
        -0.08424913336651792,
        0.05920993999819189,
        -0.026658668435305753,
        0.009074997670705265,
        -0.002413163540417608,
        0.0004907758365258086,
        -6.916973302501207e-05,
        4.13902798607301e-06,
        7.74038306619849e-07,
        -2.1886401049234397e-07,
        1.076499946567091e-08,
        4.521959811218287e-09,
        -7.754400208831351e-10,
        -6.318088340886684e-11,
        2.86879501093067e-11,
        1.9455868545777347e-13,
        -9.65469674843344e-13,
        3.25254814814874e-14,
        3.3478119482868056e-14,
        -1.864562880419313e-15,
        -1.2507950530688648e-15,
        7.418235256624044e-17,
        5.068148904796111e-17,
        -2.2370566594359995e-18,
        -2.187342944303018e-18,
    ];

    /// <summary>erf(x) / x in t = 2x² - 1, for |x| up to 1.</summary>
    public static ReadOnlySpan<double> Central =>
    [
        0.9754769393826541,
        -0.14226120510371365,
        0.010035582187599796,
        -0.0005768764699767485,
        2.741993125219606e-05,
        -1.1043175507344507e-06,
        3.8488755420345036e-08,
        -1.1808582533875466e-09,
        3.2334215826050907e-11,
        -7.991015947004549e-13,
        1.7990725113961456e-14,
        -3.718635487818693e-16,
        7.103599003714253e-18,
    ];
}
