using System.Runtime.CompilerServices;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>The CUDA math API for double; the special functions have classes of their own.</summary>
internal static class DoubleMath
{
    public static double Sqrt(double x) => Math.Sqrt(x);

    public static double Rsqrt(double x) => 1 / Math.Sqrt(x);

    public static double Cbrt(double x) => Math.Cbrt(x);

    public static double Rcbrt(double x) => 1 / Math.Cbrt(x);

    public static double Exp(double x) => Math.Exp(x);

    public static double Exp2(double x) => Math.Pow(2, x);

    public static double Exp10(double x) => Math.Pow(10, x);

    /// <summary>exp(x) - 1. W. Kahan's way: the error of exp and that of log cancel (Higham, Accuracy and Stability, 1.14.1).</summary>
    public static double Expm1(double x)
    {
        var e = Math.Exp(x);
        if (e == 1 || double.IsNaN(x)) return x;
        if (double.IsInfinity(e) || x < -40 || x > 1) return e - 1;
        return (e - 1) * (x / Math.Log(e));
    }

    /// <summary>log(1 + x), by the same thought.</summary>
    public static double Log1p(double x)
    {
        var u = 1 + x;
        if (u == 1) return x;
        return double.IsInfinity(u) || u <= 0 ? Math.Log(u) : Math.Log(u) * (x / (u - 1));
    }

    public static double Log(double x) => Math.Log(x);

    public static double Log2(double x) => Math.Log2(x);

    public static double Log10(double x) => Math.Log10(x);

    public static double Sin(double x) => Math.Sin(x);

    public static double Cos(double x) => Math.Cos(x);

    public static double Tan(double x) => Math.Tan(x);

    public static double Asin(double x) => Math.Asin(x);

    public static double Acos(double x) => Math.Acos(x);

    public static double Atan(double x) => Math.Atan(x);

    public static double Sinh(double x) => Math.Sinh(x);

    public static double Cosh(double x) => Math.Cosh(x);

    public static double Tanh(double x) => Math.Tanh(x);

    public static double Asinh(double x) => Math.Asinh(x);

    public static double Acosh(double x) => Math.Acosh(x);

    public static double Atanh(double x) => Math.Atanh(x);

    public static double Sinpi(double x) => double.SinPi(x);

    public static double Cospi(double x) => double.CosPi(x);

    public static double Erf(double x) => ErrorFunction.Erf(x);

    public static double Erfc(double x) => ErrorFunction.Erfc(x);

    public static double Erfinv(double x) => ErrorFunction.Erfinv(x);

    public static double Erfcinv(double x) => ErrorFunction.Erfcinv(x);

    public static double Erfcx(double x) => ErrorFunction.Erfcx(x);

    public static double Normcdf(double x) => ErrorFunction.Normcdf(x);

    public static double Normcdfinv(double x) => ErrorFunction.Normcdfinv(x);

    public static double Tgamma(double x) => GammaFunction.Gamma(x);

    public static double Lgamma(double x) => GammaFunction.LogGamma(x);

    public static double J0(double x) => BesselFunctions.J0(x);

    public static double J1(double x) => BesselFunctions.J1(x);

    public static double Y0(double x) => BesselFunctions.Y0(x);

    public static double Y1(double x) => BesselFunctions.Y1(x);

    public static double Jn(int n, double x) => BesselFunctions.Jn(n, x);

    public static double Yn(int n, double x) => BesselFunctions.Yn(n, x);

    public static double CylBesselI0(double x) => BesselFunctions.I0(x);

    public static double CylBesselI1(double x) => BesselFunctions.I1(x);

    public static double Floor(double x) => Math.Floor(x);

    public static double Ceil(double x) => Math.Ceiling(x);

    public static double Trunc(double x) => Math.Truncate(x);

    /// <summary>Halves away from zero; see the float version.</summary>
    public static double Round(double x) => Math.Truncate(x + Math.CopySign(0.49999999999999994, x));

    public static double Rint(double x) => Math.Round(x);

    public static double Abs(double x) => Math.Abs(x);

    public static double Logb(double x) =>
        x == 0 ? double.NegativeInfinity : double.IsInfinity(x) ? double.PositiveInfinity : double.IsNaN(x) ? x : Math.ILogB(x);

    /// <summary>CUDA: the smallest int for 0 and NaN, the largest for infinities.</summary>
    public static int Ilogb(double x) => x == 0 || double.IsNaN(x) ? int.MinValue : double.IsInfinity(x) ? int.MaxValue : Math.ILogB(x);

    public static double FastExp(double x) => Math.Exp(x);

    public static double FastExp10(double x) => Exp10(x);

    public static double FastLog(double x) => Math.Log(x);

    public static double FastLog2(double x) => Math.Log2(x);

    public static double FastLog10(double x) => Math.Log10(x);

    public static double FastSin(double x) => Math.Sin(x);

    public static double FastCos(double x) => Math.Cos(x);

    public static double FastTan(double x) => Math.Tan(x);

    public static double FastPow(double x, double y) => Math.Pow(x, y);

    public static double FastDivide(double x, double y) => x / y;

    public static double Saturate(double x) => x >= 0 ? Math.Min(x, 1) : 0;

    public static double Pow(double x, double y) => Math.Pow(x, y);

    public static double Atan2(double y, double x) => Math.Atan2(y, x);

    public static double Fmod(double x, double y) => x % y;

    public static double Remainder(double x, double y) => Math.IEEERemainder(x, y);

    public static double Hypot(double x, double y) => double.Hypot(x, y);

    public static double Rhypot(double x, double y) => 1 / double.Hypot(x, y);

    public static double CopySign(double x, double y) => Math.CopySign(x, y);

    public static double Dim(double x, double y) => x <= y ? 0 : x - y;

    public static double NextAfter(double x, double y) =>
        double.IsNaN(x) || double.IsNaN(y) ? double.NaN : x == y ? y : x == 0 ? Math.CopySign(double.Epsilon, y) : x < y ? Math.BitIncrement(x) : Math.BitDecrement(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Min(double x, double y) => x < y || double.IsNaN(y) ? x : y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Max(double x, double y) => x > y || double.IsNaN(y) ? x : y;

    public static double Ldexp(double x, int exponent) => Math.ScaleB(x, exponent);

    public static double Fma(double x, double y, double z) => Math.FusedMultiplyAdd(x, y, z);

    public static bool IsNan(double x) => double.IsNaN(x);

    public static bool IsInf(double x) => double.IsInfinity(x);

    public static bool IsFinite(double x) => double.IsFinite(x);

    public static bool SignBit(double x) => double.IsNegative(x);
}
