using System.Runtime.CompilerServices;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// The CUDA math API for float. What the platform's float library does well is taken from there; the rest is computed in double and
/// rounded, which leaves errors of little more than half a unit in the last place.
/// </summary>
internal static class FloatMath
{
    public static float Sqrt(float x) => MathF.Sqrt(x);

    public static float Rsqrt(float x) => (float)(1.0 / Math.Sqrt(x));

    public static float Cbrt(float x) => MathF.Cbrt(x);

    public static float Rcbrt(float x) => (float)(1.0 / Math.Cbrt(x));

    public static float Exp(float x) => MathF.Exp(x);

    public static float Exp2(float x) => (float)Math.Pow(2.0, x);

    public static float Exp10(float x) => (float)Math.Pow(10.0, x);

    public static float Expm1(float x) => (float)DoubleMath.Expm1(x);

    public static float Log(float x) => MathF.Log(x);

    public static float Log2(float x) => MathF.Log2(x);

    public static float Log10(float x) => MathF.Log10(x);

    public static float Log1p(float x) => (float)DoubleMath.Log1p(x);

    public static float Sin(float x) => MathF.Sin(x);

    public static float Cos(float x) => MathF.Cos(x);

    public static float Tan(float x) => MathF.Tan(x);

    public static float Asin(float x) => MathF.Asin(x);

    public static float Acos(float x) => MathF.Acos(x);

    public static float Atan(float x) => MathF.Atan(x);

    public static float Sinh(float x) => MathF.Sinh(x);

    public static float Cosh(float x) => MathF.Cosh(x);

    public static float Tanh(float x) => MathF.Tanh(x);

    public static float Asinh(float x) => MathF.Asinh(x);

    public static float Acosh(float x) => MathF.Acosh(x);

    public static float Atanh(float x) => MathF.Atanh(x);

    public static float Sinpi(float x) => (float)double.SinPi(x);

    public static float Cospi(float x) => (float)double.CosPi(x);

    public static float Erf(float x) => (float)ErrorFunction.Erf(x);

    public static float Erfc(float x) => (float)ErrorFunction.Erfc(x);

    public static float Erfinv(float x) => (float)ErrorFunction.Erfinv(x);

    public static float Erfcinv(float x) => (float)ErrorFunction.Erfcinv(x);

    public static float Erfcx(float x) => (float)ErrorFunction.Erfcx(x);

    public static float Normcdf(float x) => (float)ErrorFunction.Normcdf(x);

    public static float Normcdfinv(float x) => (float)ErrorFunction.Normcdfinv(x);

    public static float Tgamma(float x) => (float)GammaFunction.Gamma(x);

    public static float Lgamma(float x) => (float)GammaFunction.LogGamma(x);

    public static float J0(float x) => (float)BesselFunctions.J0(x);

    public static float J1(float x) => (float)BesselFunctions.J1(x);

    public static float Y0(float x) => (float)BesselFunctions.Y0(x);

    public static float Y1(float x) => (float)BesselFunctions.Y1(x);

    public static float Jn(int n, float x) => (float)BesselFunctions.Jn(n, x);

    public static float Yn(int n, float x) => (float)BesselFunctions.Yn(n, x);

    public static float CylBesselI0(float x) => (float)BesselFunctions.I0(x);

    public static float CylBesselI1(float x) => (float)BesselFunctions.I1(x);

    public static float Floor(float x) => MathF.Floor(x);

    public static float Ceil(float x) => MathF.Ceiling(x);

    public static float Trunc(float x) => MathF.Truncate(x);

    /// <summary>Halves away from zero. The largest float below a half keeps values just below a half from being carried over by the addition.</summary>
    public static float Round(float x) => MathF.Truncate(x + MathF.CopySign(0.49999997f, x));

    public static float Rint(float x) => MathF.Round(x);

    public static float Abs(float x) => MathF.Abs(x);

    public static float Logb(float x) => (float)DoubleMath.Logb(x);

    public static int Ilogb(float x) => DoubleMath.Ilogb(x);

    public static float FastExp(float x) => MathF.Exp(x);

    public static float FastExp10(float x) => Exp10(x);

    public static float FastLog(float x) => MathF.Log(x);

    public static float FastLog2(float x) => MathF.Log2(x);

    public static float FastLog10(float x) => MathF.Log10(x);

    public static float FastSin(float x) => MathF.Sin(x);

    public static float FastCos(float x) => MathF.Cos(x);

    public static float FastTan(float x) => MathF.Tan(x);

    public static float FastPow(float x, float y) => MathF.Pow(x, y);

    public static float FastDivide(float x, float y) => x / y;

    public static float Saturate(float x) => x >= 0 ? MathF.Min(x, 1f) : 0f;

    public static float Pow(float x, float y) => MathF.Pow(x, y);

    public static float Atan2(float y, float x) => MathF.Atan2(y, x);

    public static float Fmod(float x, float y) => x % y;

    public static float Remainder(float x, float y) => MathF.IEEERemainder(x, y);

    public static float Hypot(float x, float y) => float.IsInfinity(x) || float.IsInfinity(y) ? float.PositiveInfinity : (float)Math.Sqrt(((double)x * x) + ((double)y * y));

    public static float Rhypot(float x, float y) => float.IsInfinity(x) || float.IsInfinity(y) ? 0f : (float)(1.0 / Math.Sqrt(((double)x * x) + ((double)y * y)));

    public static float CopySign(float x, float y) => MathF.CopySign(x, y);

    public static float Dim(float x, float y) => x <= y ? 0f : x - y;

    public static float NextAfter(float x, float y) =>
        float.IsNaN(x) || float.IsNaN(y) ? float.NaN : x == y ? y : x == 0 ? MathF.CopySign(float.Epsilon, y) : x < y ? MathF.BitIncrement(x) : MathF.BitDecrement(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Min(float x, float y) => x < y || float.IsNaN(y) ? x : y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float x, float y) => x > y || float.IsNaN(y) ? x : y;

    public static float Ldexp(float x, int exponent) => MathF.ScaleB(x, exponent);

    public static float Fma(float x, float y, float z) => MathF.FusedMultiplyAdd(x, y, z);

    public static bool IsNan(float x) => float.IsNaN(x);

    public static bool IsInf(float x) => float.IsInfinity(x);

    public static bool IsFinite(float x) => float.IsFinite(x);

    public static bool SignBit(float x) => float.IsNegative(x);
}
