namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Γ and ln |Γ|: recurrence to an interval around 1..2 where Chebyshev series hold (computed with 40 digits), Stirling's series far out.</summary>
internal static class GammaFunction
{
    private const double HalfLogTwoPi = 0.9189385332046728;

    public static double Gamma(double x)
    {
        if (double.IsNaN(x) || double.IsPositiveInfinity(x)) return x;
        if (x == 0) return 1 / x;
        if (x < 0 && x == Math.Floor(x)) return double.NaN;
        if (x > 171.7) return double.PositiveInfinity;
        if (x < -184) return Math.Floor(x) % 2 == 0 ? 0.0 : -0.0;
        if (Math.Abs(x) < 1e-17) return 1 / x;
        var (product, error, shifted) = (1.0, 0.0, x);
        // The product of the factors is kept with its rounding error: up to 184 of them are multiplied.
        while (shifted >= 2) Multiply(shifted -= 1);
        for (var k = 0; shifted < 1; shifted = x + ++k) Multiply(shifted);
        var gamma = Chebyshev.Sum(GammaOneTwo, (2 * shifted) - 3);
        return x >= 2 ? (product * gamma) + (error * gamma) : double.IsInfinity(product) ? gamma / product : gamma / (product + error);

        void Multiply(double factor)
        {
            var next = product * factor;
            error = (error * factor) + Math.FusedMultiplyAdd(product, factor, -next);
            product = next;
        }
    }

    public static double LogGamma(double x)
    {
        if (double.IsNaN(x)) return x;
        if (double.IsInfinity(x) || x == 0 || (x < 0 && x == Math.Floor(x))) return double.PositiveInfinity;
        if (x < 0) return Math.Abs(x) < 1e-17 ? -Math.Log(-x) : Math.Log(Math.PI / Math.Abs(double.SinPi(x) * x)) - LogGamma(-x);
        if (x < 0.5) return LogGamma(1 + x) - Math.Log(x);
        if (x < 1.5) return (x - 1) * Chebyshev.Sum(LogGammaOne, 2 * (x - 1));
        if (x < 2.5) return (x - 2) * Chebyshev.Sum(LogGammaTwo, 2 * (x - 2));
        if (x < 10)
        {
            var product = 1.0;
            while (x >= 2.5) product *= x -= 1;
            return Math.Log(product) + LogGamma(x);
        }

        if (x > 1e17) return x * (Math.Log(x) - 1);
        var r = 1 / x;
        var s = r * r;
        // Bernoulli numbers B(2n) / (2n (2n-1)): Abramowitz and Stegun 6.1.41.
        var series = r * ((1.0 / 12) + (s * ((-1.0 / 360) + (s * ((1.0 / 1260) + (s * ((-1.0 / 1680) + (s * ((1.0 / 1188) + (s * ((-691.0 / 360360) + (s / 156))))))))))));
        return ((x - 0.5) * Math.Log(x)) - x + HalfLogTwoPi + series;
    }

    /// <summary>Γ(x) in t = 2x - 3, for x from 1 to 2.</summary>
    private static ReadOnlySpan<double> GammaOneTwo =>
    [
        0.9417855977954946,
        0.004415381324841007,
        0.05685043681599363,
        -0.00421983539641856,
        0.0013268081812124603,
        -0.00018930245297988805,
        3.606925327441245e-05,
        -6.056761904460864e-06,
        1.0558295463022833e-06,
        -1.811967365542384e-07,
        3.117724964715322e-08,
        -5.354219639019687e-09,
        9.193275519859589e-10,
        -1.5779412802883398e-10,
        2.7079806229349544e-11,
        -4.64681865382573e-12,
        7.97335019200742e-13,
        -1.368078209830916e-13,
        2.3473194865638007e-14,
        -4.027432614949067e-15,
        6.910051747372101e-16,
        -1.185584500221993e-16,
        2.034148542496374e-17,
        -3.490054341717406e-18,
    ];

    /// <summary>ln Γ(1 + z) / z in t = 2z.</summary>
    private static ReadOnlySpan<double> LogGammaOne =>
    [
        -0.633011426275031,
        0.4405675574678963,
        -0.057857409449912446,
        0.010513973690267811,
        -0.002163989092091715,
        0.0004744402338724658,
        -0.00010799644528099427,
        2.5201155299530276e-05,
        -5.986014498026819e-06,
        1.4410616180293054e-06,
        -3.5060690575761177e-07,
        8.603823016763753e-08,
        -2.126510912478688e-08,
        5.287778091463614e-09,
        -1.3217135752166157e-09,
        3.3186698554450495e-10,
        -8.365902567746219e-11,
        2.116338666160694e-11,
        -5.370507653794381e-12,
        1.3666688100545857e-12,
        -3.486660039885161e-13,
        8.915622432767707e-14,
        -2.28454959350908e-14,
        5.86514671522212e-15,
        -1.5084071183968602e-15,
        3.885614648428306e-16,
        -1.0024188186640361e-16,
        2.5896418565384152e-17,
        -6.69867474095857e-18,
        1.7348373407131055e-18,
    ];

    /// <summary>ln Γ(2 + z) / z in t = 2z.</summary>
    private static ReadOnlySpan<double> LogGammaTwo =>
    [
        0.41418612492156676,
        0.16322170068760064,
        -0.008658972394126285,
        0.0006727515726001485,
        -6.139556963628233e-05,
        6.110065797003576e-06,
        -6.410003033826223e-07,
        6.962242692768951e-08,
        -7.747248733788217e-09,
        8.774075140687239e-10,
        -1.0070266869830198e-10,
        1.1678602130652374e-11,
        -1.3656871334744932e-12,
        1.6079351149711552e-13,
        -1.9039501088488732e-14,
        2.2653768767833064e-15,
        -2.706656814831896e-16,
        3.245660731626191e-17,
        -3.904483378457447e-18,
        4.710435641256405e-19,
    ];
}
