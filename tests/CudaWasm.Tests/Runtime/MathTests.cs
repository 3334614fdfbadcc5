using System.Reflection;
using CudaWasm.Compiler.Targets.Cil;

namespace CudaWasm.Tests.Runtime;

/// <summary>The math library against values computed with 50 digits.</summary>
public sealed class MathTests
{
    public static TheoryData<string, double, double> References => new()
    {
        { nameof(DoubleMath.Exp2), -10.5, 0.0006905339660024879 },
        { nameof(DoubleMath.Exp2), 0.3, 1.2311444133449163 },
        { nameof(DoubleMath.Exp2), 7.25, 152.2185107203483 },
        { nameof(DoubleMath.Exp10), -3.7, 0.00019952623149688788 },
        { nameof(DoubleMath.Exp10), 0.1, 1.2589254117941673 },
        { nameof(DoubleMath.Exp10), 12.5, 3162277660168.3794 },
        { nameof(DoubleMath.Expm1), 1e-10, 1.00000000005e-10 },
        { nameof(DoubleMath.Expm1), -0.3, -0.2591817793182821 },
        { nameof(DoubleMath.Expm1), 0.7, 1.0137527074704764 },
        { nameof(DoubleMath.Expm1), -50, -1.0 },
        { nameof(DoubleMath.Expm1), 5.5, 243.69193226422038 },
        { nameof(DoubleMath.Log1p), 1e-12, 9.999999999995e-13 },
        { nameof(DoubleMath.Log1p), -0.4, -0.5108256237659907 },
        { nameof(DoubleMath.Log1p), 0.3, 0.26236426446749106 },
        { nameof(DoubleMath.Log1p), 100.0, 4.61512051684126 },
        { nameof(DoubleMath.Rsqrt), 2.0, 0.7071067811865476 },
        { nameof(DoubleMath.Rsqrt), 1e-05, 316.2277660168379 },
        { nameof(DoubleMath.Rsqrt), 10000000000.0, 1e-05 },
        { nameof(DoubleMath.Cbrt), 2.0, 1.2599210498948732 },
        { nameof(DoubleMath.Cbrt), 1e-05, 0.02154434690031884 },
        { nameof(DoubleMath.Cbrt), 10000000000.0, 2154.4346900318837 },
        { nameof(DoubleMath.Rcbrt), 3.0, 0.6933612743506347 },
        { nameof(DoubleMath.Rcbrt), 1000000.0, 0.01 },
        { nameof(DoubleMath.Sinpi), 0.25, 0.7071067811865476 },
        { nameof(DoubleMath.Sinpi), 1.3, -0.8090169943749475 },
        { nameof(DoubleMath.Sinpi), 10.1, 0.30901699437494634 },
        { nameof(DoubleMath.Cospi), 0.25, 0.7071067811865476 },
        { nameof(DoubleMath.Cospi), 1.3, -0.587785252292473 },
        { nameof(DoubleMath.Cospi), 10.1, 0.9510565162951539 },
        { nameof(DoubleMath.Erf), 1e-12, 1.1283791670955126e-12 },
        { nameof(DoubleMath.Erf), 0.1, 0.1124629160182849 },
        { nameof(DoubleMath.Erf), 0.49, 0.511668261188523 },
        { nameof(DoubleMath.Erf), 0.99, 0.8385080695553698 },
        { nameof(DoubleMath.Erf), 1.01, 0.8468104962282768 },
        { nameof(DoubleMath.Erf), 1.7, 0.9837904585907745 },
        { nameof(DoubleMath.Erf), 2.9, 0.9999589021219005 },
        { nameof(DoubleMath.Erf), -0.6, -0.6038560908479259 },
        { nameof(DoubleMath.Erfc), -2.0, 1.9953222650189528 },
        { nameof(DoubleMath.Erfc), 0.2, 0.7772974107895215 },
        { nameof(DoubleMath.Erfc), 0.51, 0.4707563801588296 },
        { nameof(DoubleMath.Erfc), 1.0, 0.15729920705028513 },
        { nameof(DoubleMath.Erfc), 2.5, 0.0004069520174449589 },
        { nameof(DoubleMath.Erfc), 6.0, 2.1519736712498913e-17 },
        { nameof(DoubleMath.Erfc), 15.0, 7.212994172451207e-100 },
        { nameof(DoubleMath.Erfc), 25.0, 8.300172571196523e-274 },
        { nameof(DoubleMath.Erfcx), -3.0, 16205.988853999586 },
        { nameof(DoubleMath.Erfcx), 0.0, 1.0 },
        { nameof(DoubleMath.Erfcx), 0.5, 0.6156903441929259 },
        { nameof(DoubleMath.Erfcx), 3.0, 0.17900115118138996 },
        { nameof(DoubleMath.Erfcx), 20.0, 0.02817434874105132 },
        { nameof(DoubleMath.Erfcx), 1000.0, 0.0005641893014533876 },
        { nameof(DoubleMath.Erfcx), 1000000000.0, 5.641895835477563e-10 },
        { nameof(DoubleMath.Erfinv), 1e-10, 8.862269254527581e-11 },
        { nameof(DoubleMath.Erfinv), 0.2, 0.1791434546212917 },
        { nameof(DoubleMath.Erfinv), -0.45, -0.4226802386475619 },
        { nameof(DoubleMath.Erfinv), 0.7, 0.7328690779592167 },
        { nameof(DoubleMath.Erfinv), 0.999999, 3.458910737275499 },
        { nameof(DoubleMath.Erfcinv), 1e-20, 6.601580622355143 },
        { nameof(DoubleMath.Erfcinv), 0.01, 1.8213863677184496 },
        { nameof(DoubleMath.Erfcinv), 0.3, 0.7328690779592169 },
        { nameof(DoubleMath.Erfcinv), 0.9, 0.08885599049425767 },
        { nameof(DoubleMath.Erfcinv), 1.2, -0.17914345462129164 },
        { nameof(DoubleMath.Erfcinv), 1.9, -1.1630871536766738 },
        { nameof(DoubleMath.Normcdf), -30.0, 4.906713927148187e-198 },
        { nameof(DoubleMath.Normcdf), -8.5, 9.479534822203318e-18 },
        { nameof(DoubleMath.Normcdf), -1.1, 0.13566606094638264 },
        { nameof(DoubleMath.Normcdf), 0.0, 0.5 },
        { nameof(DoubleMath.Normcdf), 0.7, 0.758036347776927 },
        { nameof(DoubleMath.Normcdf), 3.0, 0.9986501019683699 },
        { nameof(DoubleMath.Normcdfinv), 1e-12, -7.034483825301132 },
        { nameof(DoubleMath.Normcdfinv), 0.02, -2.053748910631823 },
        { nameof(DoubleMath.Normcdfinv), 0.4, -0.2533471031357997 },
        { nameof(DoubleMath.Normcdfinv), 0.5, 0.0 },
        { nameof(DoubleMath.Normcdfinv), 0.8, 0.8416212335729144 },
        { nameof(DoubleMath.Normcdfinv), 0.999, 3.090232306167813 },
        { nameof(DoubleMath.Tgamma), 0.1, 9.51350769866873 },
        { nameof(DoubleMath.Tgamma), 0.5, 1.772453850905516 },
        { nameof(DoubleMath.Tgamma), 1.3, 0.8974706963062772 },
        { nameof(DoubleMath.Tgamma), 4.0, 6.0 },
        { nameof(DoubleMath.Tgamma), 5.0, 24.0 },
        { nameof(DoubleMath.Tgamma), 10.5, 1133278.3889487856 },
        { nameof(DoubleMath.Tgamma), 100.7, 2.3417900214543305e+157 },
        { nameof(DoubleMath.Tgamma), 170.0, 4.269068009004705e+304 },
        { nameof(DoubleMath.Tgamma), -0.5, -3.544907701811032 },
        { nameof(DoubleMath.Tgamma), -3.3, 0.43851739219876307 },
        { nameof(DoubleMath.Tgamma), -20.2, -1.19956819498482e-18 },
        { nameof(DoubleMath.Tgamma), 1e-09, 999999999.4227843 },
        { nameof(DoubleMath.Lgamma), 1e-10, 23.025850929882736 },
        { nameof(DoubleMath.Lgamma), 0.3, 1.0957979948180756 },
        { nameof(DoubleMath.Lgamma), 0.9, 0.06637623973474295 },
        { nameof(DoubleMath.Lgamma), 1.1, -0.049872441259839764 },
        { nameof(DoubleMath.Lgamma), 1.9, -0.03898427592308336 },
        { nameof(DoubleMath.Lgamma), 2.3, 0.15418945495963046 },
        { nameof(DoubleMath.Lgamma), 5.5, 3.9578139676187165 },
        { nameof(DoubleMath.Lgamma), 12.0, 17.502307845873887 },
        { nameof(DoubleMath.Lgamma), 100000.0, 1051287.7089736569 },
        { nameof(DoubleMath.Lgamma), 1000000000000000.0, 3.3538776394910668e+16 },
        { nameof(DoubleMath.Lgamma), -0.5, 1.2655121234846454 },
        { nameof(DoubleMath.Lgamma), -3.3, -0.8243558050174264 },
        { nameof(DoubleMath.J0), 0.0, 1.0 },
        { nameof(DoubleMath.J0), 0.5, 0.9384698072408129 },
        { nameof(DoubleMath.J0), 3.0, -0.26005195490193345 },
        { nameof(DoubleMath.J0), 7.5, 0.2663396578803784 },
        { nameof(DoubleMath.J0), 8.5, 0.041939251842934504 },
        { nameof(DoubleMath.J0), 30.0, -0.08636798358104021 },
        { nameof(DoubleMath.J0), 1000.0, 0.024786686152420176 },
        { nameof(DoubleMath.J1), 0.5, 0.2422684576748739 },
        { nameof(DoubleMath.J1), 3.0, 0.3390589585259365 },
        { nameof(DoubleMath.J1), 7.0, -0.004682823482345833 },
        { nameof(DoubleMath.J1), 9.5, 0.16126443075752986 },
        { nameof(DoubleMath.J1), 30.0, -0.11875106261662294 },
        { nameof(DoubleMath.J1), -2.0, -0.5767248077568734 },
        { nameof(DoubleMath.Y0), 0.1, -1.5342386513503667 },
        { nameof(DoubleMath.Y0), 2.0, 0.5103756726497451 },
        { nameof(DoubleMath.Y0), 7.5, 0.11731328614820863 },
        { nameof(DoubleMath.Y0), 8.5, 0.27020510536578746 },
        { nameof(DoubleMath.Y0), 30.0, -0.11729573168666403 },
        { nameof(DoubleMath.Y1), 0.1, -6.4589510947020266 },
        { nameof(DoubleMath.Y1), 2.5, 0.1459181379667858 },
        { nameof(DoubleMath.Y1), 7.5, -0.25912851048611624 },
        { nameof(DoubleMath.Y1), 9.5, 0.20317989938720768 },
        { nameof(DoubleMath.Y1), 30.0, 0.08442557066174723 },
        { nameof(DoubleMath.CylBesselI0), 0.0, 1.0 },
        { nameof(DoubleMath.CylBesselI0), 1.0, 1.2660658777520084 },
        { nameof(DoubleMath.CylBesselI0), 7.9, 389.406283282158 },
        { nameof(DoubleMath.CylBesselI0), 8.1, 469.5006067101215 },
        { nameof(DoubleMath.CylBesselI0), 50.0, 2.9325537838493362e+20 },
        { nameof(DoubleMath.CylBesselI0), 700.0, 1.5295933476718737e+302 },
        { nameof(DoubleMath.CylBesselI1), 0.5, 0.2578943053908963 },
        { nameof(DoubleMath.CylBesselI1), 7.9, 363.8539440845084 },
        { nameof(DoubleMath.CylBesselI1), 8.1, 439.48430891035844 },
        { nameof(DoubleMath.CylBesselI1), 50.0, 2.903078590103557e+20 },
        { nameof(DoubleMath.CylBesselI1), -3.0, -3.9533702174026093 },
    };

    [Theory]
    [MemberData(nameof(References))]
    public void Functions_of_double_are_right_to_the_last_digits(string function, double x, double expected)
    {
        var actual = (double)typeof(DoubleMath).GetMethod(function, [typeof(double)])!.Invoke(null, [x])!;

        // Bessel functions cross zero, where only the absolute error is bounded; the others are good to some units in the last place.
        var bound = function.StartsWith('J') || function.StartsWith('Y') ? 2e-15 * Math.Max(1, Math.Abs(expected)) : Math.Max(Math.Abs(expected) * 3e-15, double.Epsilon);
        Assert.True(Math.Abs(actual - expected) <= bound, $"{function}({x:R}) is {actual:R} instead of {expected:R}.");
    }

    [Theory]
    [MemberData(nameof(References))]
    public void Functions_of_float_are_within_two_units_in_the_last_place(string function, double x, double expected)
    {
        var argument = (float)x;
        if (argument != x || Math.Abs(expected) is > float.MaxValue or < 1e-37 and not 0) return;
        var actual = (float)typeof(FloatMath).GetMethod(function, BindingFlags.Public | BindingFlags.Static, [typeof(float)])!.Invoke(null, [argument])!;

        var ulp = Math.Max((double)MathF.BitIncrement(Math.Abs((float)expected)) - Math.Abs((float)expected), 1e-9 * (function is "J0" or "J1" or "Y0" or "Y1" ? 1 : 0));
        Assert.True(Math.Abs(actual - expected) <= 2 * ulp, $"{function}({x:R}) is {actual:R} instead of {expected:R}.");
    }

    [Fact]
    public void Higher_Bessel_functions_follow_their_recurrences()
    {
        Assert.Equal(0.001799421767360611, DoubleMath.Jn(5, 1.5), 1e-17);
        Assert.Equal(0.043028434877047585, DoubleMath.Jn(5, 3.0), 1e-16);
        Assert.Equal(0.15116976798239498, DoubleMath.Jn(5, 20.0), 1e-15);
        Assert.Equal(6.030895312346907e-21, DoubleMath.Jn(40, 10.0), 1e-34);
        Assert.Equal(-1.433197342967007, DoubleMath.Yn(4, 2.5), 1e-14);
        Assert.True(double.IsNaN(DoubleMath.Jn(-1, 1.0)));
    }

    [Fact]
    public void Special_values_are_those_of_CUDA()
    {
        Assert.Equal(24.0, DoubleMath.Tgamma(5));
        Assert.Equal(double.PositiveInfinity, DoubleMath.Tgamma(172));
        Assert.True(double.IsNaN(DoubleMath.Tgamma(-2)));
        Assert.Equal(double.NegativeInfinity, DoubleMath.Tgamma(-0.0));
        Assert.Equal(double.PositiveInfinity, DoubleMath.Lgamma(0));
        Assert.Equal(0.0, DoubleMath.Lgamma(1));
        Assert.Equal(0.0, DoubleMath.Lgamma(2));
        Assert.Equal(1.0, DoubleMath.Erf(10));
        Assert.Equal(-1.0, DoubleMath.Erf(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, DoubleMath.Erfinv(1));
        Assert.Equal(double.NegativeInfinity, DoubleMath.Y0(0));
        Assert.Equal(int.MinValue, DoubleMath.Ilogb(0));
        Assert.Equal(3f, FloatMath.Round(2.5f));
        Assert.Equal(0f, FloatMath.Round(0.49999997f));
        Assert.Equal(2f, FloatMath.Rint(2.5f));
        Assert.Equal(-3.0, DoubleMath.Round(-2.5));
        Assert.Equal(0f, FloatMath.Saturate(float.NaN));
        Assert.Equal(5f, FloatMath.Min(float.NaN, 5f));
        Assert.Equal(5f, FloatMath.Max(5f, float.NaN));
        Assert.Equal(float.Epsilon, FloatMath.NextAfter(0f, 1f));
    }
}
