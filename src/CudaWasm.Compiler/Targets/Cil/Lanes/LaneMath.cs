using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// Math functions as expressions of operations that vectors have. A node that is used twice is one object, which the emitter computes
/// once. Errors, in units of the last place, are at most those of CUDA's table of mathematical functions.
/// </summary>
internal static class LaneMath
{
    private const double Log2E = 1.4426950408889634;
    private const double Ln2 = 0.6931471805599453;

    /// <summary>The function as an expression; null where there is none.</summary>
    public static IrExpression? Expand(IrIntrinsicCall call)
    {
        if (call.Type != IrType.F32) return null;
        var x = call.Arguments[0];
        return call.Intrinsic switch
        {
            IrIntrinsic.Exp or IrIntrinsic.FastExp => Exp(x),
            IrIntrinsic.Tanh => Tanh(x),
            IrIntrinsic.Exp2 => Single(ExpOf(Mul(Wide(x), Double(Ln2)))),
            IrIntrinsic.Exp10 or IrIntrinsic.FastExp10 => Single(ExpOf(Mul(Wide(x), Double(2.302585092994046)))),
            IrIntrinsic.Log10 or IrIntrinsic.FastLog10 => Single(Mul(Call(IrIntrinsic.Log, Wide(x)), Double(0.4342944819032518))),
            IrIntrinsic.Sinh => Sinh(x),
            IrIntrinsic.Cosh => Cosh(x),
            IrIntrinsic.Pow or IrIntrinsic.FastPow => Pow(x, call.Arguments[1]),
            IrIntrinsic.Erf => Erf(x),
            IrIntrinsic.Hypot => Hypot(x, call.Arguments[1]),
            IrIntrinsic.Tan or IrIntrinsic.FastTan => Tan(x),
            _ => null,
        };
    }

    /// <summary>
    /// x = k ln 2 + r; the polynomial of r is the Taylor series, whose error at r = ln 2 / 2 is below 2^-27. Two halves of the power keep
    /// subnormal results.
    /// </summary>
    private static IrExpression Exp(IrExpression x)
    {
        var inside = Min(Max(x, Float(-104)), Float(89));
        var k = Call(IrIntrinsic.Rint, Mul(inside, Float(Log2E)));
        var r = WithoutPowers(inside, k);
        var series = Horner(r, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1, 1);
        var power = new IrConvert(IrType.I32, k);
        var half = Shift(IrBinaryOp.ShiftRight, power, 1);
        var value = Mul(Mul(series, PowerOfTwo(half)), PowerOfTwo(Binary(IrBinaryOp.Subtract, power, half)));
        // The bounds dropped NaN.
        return Choose(IsNan(x), x, value);
    }

    private static IrBitcast PowerOfTwo(IrExpression k) =>
        new(IrType.F32, Shift(IrBinaryOp.ShiftLeft, Binary(IrBinaryOp.Add, k, IrBuilder.Int(127)), 23));

    /// <summary>x - k ln 2, in two steps: the first product is exact.</summary>
    private static IrExpression WithoutPowers(IrExpression x, IrExpression k) => Fma(k, Float(-1.428606765330187e-06), Fma(k, Float(-0.693145751953125), x));

    /// <summary>
    /// Near zero the odd series' minimax polynomial (Moshier, Cephes); elsewhere 1 - 2 / (exp(2x) + 1), which is 1 from 10 on. The exponential is small, so that one power
    /// of two is enough; its polynomial is fitted at Chebyshev's nodes, with an error below 2^-26.
    /// </summary>
    private static IrExpression Tanh(IrExpression x)
    {
        var size = Call(IrIntrinsic.Abs, x);
        var square = Mul(x, x);
        var small = Fma(
            Mul(Horner(square, -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1), square), x, x);
        var twice = Min(Binary(IrBinaryOp.Add, size, size), Float(20));
        var k = Call(IrIntrinsic.Rint, Mul(twice, Float(Log2E)));
        var series = Horner(WithoutPowers(twice, k), 0.0013926250831281467, 0.00836323288368102, 0.04166655421298541, 0.1666657666611994, 0.5, 1, 1);
        var exponential = Mul(series, PowerOfTwo(new IrConvert(IrType.I32, k)));
        var large = Binary(IrBinaryOp.Subtract, Float(1), Binary(IrBinaryOp.Divide, Float(2), Binary(IrBinaryOp.Add, exponential, Float(1))));
        // NaN is not large.
        return Choose(Binary(IrBinaryOp.GreaterOrEqual, size, Float(0.625)), Call(IrIntrinsic.CopySign, large, x), small);
    }

    /// <summary>In double; near zero the series, as the exponentials cancel.</summary>
    private static IrExpression Sinh(IrExpression x)
    {
        var wide = Wide(x);
        var up = ExpOf(wide);
        var large = Mul(Binary(IrBinaryOp.Subtract, up, Binary(IrBinaryOp.Divide, Double(1), up)), Double(0.5));
        var square = Mul(x, x);
        var small = Fma(Mul(Horner(square, 1.0 / 362880, 1.0 / 5040, 1.0 / 120, 1.0 / 6), square), x, x);
        return Choose(Binary(IrBinaryOp.Less, Call(IrIntrinsic.Abs, x), Float(1)), small, Single(large));
    }

    private static IrConvert Cosh(IrExpression x)
    {
        var up = ExpOf(Wide(x));
        return Single(Mul(Binary(IrBinaryOp.Add, up, Binary(IrBinaryOp.Divide, Double(1), up)), Double(0.5)));
    }

    /// <summary>exp(y ln |x|) in double, with the sign of an odd power, and NaN for a broken power of a negative number.</summary>
    private static IrExpression Pow(IrExpression x, IrExpression y)
    {
        var size = Single(ExpOf(Mul(Wide(y), Call(IrIntrinsic.Log, Wide(Call(IrIntrinsic.Abs, x))))));
        var half = Mul(y, Float(0.5));
        var isWhole = Binary(IrBinaryOp.Equal, Call(IrIntrinsic.Trunc, y), y);
        var isOdd = IrBuilder.And(isWhole, Binary(IrBinaryOp.NotEqual, Call(IrIntrinsic.Trunc, half), half));
        var signed = Choose(isOdd, Call(IrIntrinsic.CopySign, size, x), size);
        var isBroken = IrBuilder.And(
            Binary(IrBinaryOp.Less, x, Float(0)),
            IrBuilder.And(IrBuilder.Not(isWhole), Binary(IrBinaryOp.NotEqual, x, Float(double.NegativeInfinity))));
        var value = Choose(isBroken, Float(double.NaN), signed);
        // One to any power and any number to the power zero are one, NaN included; so is -1 to an infinite one.
        var size1 = Binary(IrBinaryOp.Equal, Call(IrIntrinsic.Abs, x), Float(1));
        var isOne = IrBuilder.Or(
            Binary(IrBinaryOp.Equal, x, Float(1)),
            IrBuilder.Or(Binary(IrBinaryOp.Equal, y, Float(0)), IrBuilder.And(size1, Binary(IrBinaryOp.Equal, Call(IrIntrinsic.Abs, y), Float(double.PositiveInfinity)))));
        return Choose(isOne, Float(1), value);
    }

    /// <summary>The series of <see cref="ErrorFunction"/>, with the terms that a float feels.</summary>
    private static IrExpression Erf(IrExpression x)
    {
        var size = Call(IrIntrinsic.Abs, x);
        var small = Mul(x, Chebyshev(ErrorFunction.Central[..8], Fma(Mul(Float(2), x), x, Float(-1))));
        var t = Binary(IrBinaryOp.Divide, Binary(IrBinaryOp.Subtract, size, Float(3.75)), Binary(IrBinaryOp.Add, size, Float(3.75)));
        var complement = Binary(IrBinaryOp.Divide, Mul(Exp(Mul(new IrUnary(IrUnaryOp.Negate, x), x)), Chebyshev(ErrorFunction.ScaledComplement[..14], t)), Fma(size, Float(2), Float(1)));
        var large = Call(IrIntrinsic.CopySign, Binary(IrBinaryOp.Subtract, Float(1), complement), x);
        // Beyond 4 the float next to erf is one; infinity would divide by itself.
        var bounded = Choose(Binary(IrBinaryOp.Greater, size, Float(4)), Call(IrIntrinsic.CopySign, Float(1), x), large);
        return Choose(Binary(IrBinaryOp.Less, size, Float(1)), small, bounded);
    }

    /// <summary>c0 + c1 T1(t) + c2 T2(t) + ... by Clenshaw's recurrence.</summary>
    private static IrExpression Chebyshev(ReadOnlySpan<double> coefficients, IrExpression t)
    {
        var twice = Binary(IrBinaryOp.Add, t, t);
        IrExpression b1 = Float(coefficients[^1]);
        IrExpression b2 = Float(0);
        for (var i = coefficients.Length - 2; i > 0; i--) (b1, b2) = (Fma(twice, b1, Binary(IrBinaryOp.Subtract, Float(coefficients[i]), b2)), b1);
        return Fma(t, b1, Binary(IrBinaryOp.Subtract, Float(coefficients[0]), b2));
    }

    /// <summary>In double nothing overflows, and the rounding is the only error.</summary>
    private static IrExpression Hypot(IrExpression x, IrExpression y)
    {
        var (a, b) = (Wide(x), Wide(y));
        var value = Single(Call(IrIntrinsic.Sqrt, Fma(a, a, Mul(b, b))));
        var isInfinite = IrBuilder.Or(IsInfinite(x), IsInfinite(y));
        return Choose(isInfinite, Float(double.PositiveInfinity), value);
    }

    private static IrConvert Tan(IrExpression x)
    {
        var wide = Wide(x);
        return Single(Binary(IrBinaryOp.Divide, Call(IrIntrinsic.Sin, wide), Call(IrIntrinsic.Cos, wide)));
    }

    private static IrIntrinsicCall ExpOf(IrExpression wide) => Call(IrIntrinsic.Exp, wide);

    /// <summary>The polynomial, highest power first.</summary>
    private static IrExpression Horner(IrExpression x, params ReadOnlySpan<double> coefficients)
    {
        IrExpression value = IrBuilder.Float(x.Type, coefficients[0]);
        foreach (var coefficient in coefficients[1..]) value = Fma(value, x, IrBuilder.Float(x.Type, coefficient));
        return value;
    }

    private static IrConstant Float(double value) => IrBuilder.Float(IrType.F32, value);

    private static IrConstant Double(double value) => IrBuilder.Float(IrType.F64, value);

    private static IrConvert Wide(IrExpression x) => new(IrType.F64, x);

    private static IrConvert Single(IrExpression x) => new(IrType.F32, x);

    private static IrBinary Binary(IrBinaryOp op, IrExpression left, IrExpression right) => new(op, left, right);

    private static IrBinary Mul(IrExpression left, IrExpression right) => new(IrBinaryOp.Multiply, left, right);

    private static IrBinary Shift(IrBinaryOp op, IrExpression value, int count) => new(op, value, IrBuilder.Int(count));

    private static IrConditional Choose(IrExpression condition, IrExpression whenTrue, IrExpression whenFalse) => new(condition, whenTrue, whenFalse);

    private static IrIntrinsicCall Call(IrIntrinsic intrinsic, params IReadOnlyList<IrExpression> arguments) => new(intrinsic, arguments[0].Type, arguments);

    private static IrIntrinsicCall Fma(IrExpression a, IrExpression b, IrExpression c) => Call(IrIntrinsic.Fma, a, b, c);

    private static IrIntrinsicCall Min(IrExpression a, IrExpression b) => Call(IrIntrinsic.Min, a, b);

    private static IrIntrinsicCall Max(IrExpression a, IrExpression b) => Call(IrIntrinsic.Max, a, b);

    private static IrBinary IsNan(IrExpression x) => new(IrBinaryOp.NotEqual, x, x);

    private static IrBinary IsInfinite(IrExpression x) => new(IrBinaryOp.Equal, Call(IrIntrinsic.Abs, x), Float(double.PositiveInfinity));
}
