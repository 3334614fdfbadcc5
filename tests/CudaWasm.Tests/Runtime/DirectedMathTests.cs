using System.Numerics;
using System.Reflection;
using CudaWasm.Compiler.Targets.Cil;

namespace CudaWasm.Tests.Runtime;

/// <summary>Directed rounding against exact arithmetic on integers.</summary>
public sealed class DirectedMathTests
{
    /// <summary>Every double is a multiple of 2^-1074.</summary>
    private const int Scale = 1074;

    public static TheoryData<string, int> Operations => new() { { "Add", 2 }, { "Sub", 2 }, { "Mul", 2 }, { "Div", 2 }, { "Sqrt", 1 }, { "Fma", 3 } };

    [Theory]
    [MemberData(nameof(Operations))]
    public void Doubles_are_rounded_to_the_neighbour_on_the_right_side(string operation, int operands) =>
        Check<double>(operation, operands, random => Math.ScaleB((random.NextDouble() * 2) - 1, random.Next(-80, 80) * (random.Next(4) == 0 ? 7 : 1)), Math.BitIncrement, Math.BitDecrement);

    [Theory]
    [MemberData(nameof(Operations))]
    public void Floats_are_rounded_to_the_neighbour_on_the_right_side(string operation, int operands) =>
        Check<float>(operation, operands, random => (float)Math.ScaleB((random.NextDouble() * 2) - 1, random.Next(-30, 30) * (random.Next(4) == 0 ? 2 : 1)), MathF.BitIncrement, MathF.BitDecrement);

    [Fact]
    public void Overflow_zeros_and_infinities_follow_the_mode()
    {
        Assert.Equal(double.MaxValue, DirectedMath.AddRz(double.MaxValue, double.MaxValue));
        Assert.Equal(double.PositiveInfinity, DirectedMath.AddRu(double.MaxValue, 1e290));
        Assert.Equal(float.MaxValue, DirectedMath.MulRd(1e30f, 1e30f));
        Assert.Equal(float.NegativeInfinity, DirectedMath.MulRd(1e30f, -1e30f));
        Assert.Equal(double.Epsilon, DirectedMath.MulRu(1e-300, 1e-300));
        Assert.Equal(0.0, DirectedMath.MulRz(1e-300, 1e-300));
        Assert.True(double.IsNegative(DirectedMath.AddRd(1.0, -1.0)));
        Assert.False(double.IsNegative(DirectedMath.AddRz(1.0, -1.0)));
        Assert.Equal(double.PositiveInfinity, DirectedMath.DivRz(1.0, 0.0));
        Assert.Equal(double.PositiveInfinity, DirectedMath.MulRz(double.PositiveInfinity, 2.0));
        Assert.True(double.IsNaN(DirectedMath.SqrtRd(-1.0)));
    }

    private static void Check<T>(string operation, int operands, Func<Random, T> next, Func<T, T> up, Func<T, T> down)
        where T : struct, IFloatingPointIeee754<T>
    {
        var random = new Random(7);
        var parameters = Enumerable.Repeat(typeof(T), operands).ToArray();
        MethodInfo Method(string mode) => typeof(DirectedMath).GetMethod(operation + mode, BindingFlags.Public | BindingFlags.Static, parameters)!;
        var (rd, ru, rz) = (Method("Rd"), Method("Ru"), Method("Rz"));
        for (var i = 0; i < 2000; i++)
        {
            var x = Enumerable.Range(0, operands).Select(_ => next(random)).ToArray();
            if (operation == "Sqrt") x[0] = T.Abs(x[0]);
            var boxed = x.Select(v => (object)v).ToArray();
            var (low, high, toward) = ((T)rd.Invoke(null, boxed)!, (T)ru.Invoke(null, boxed)!, (T)rz.Invoke(null, boxed)!);
            var text = $"{operation}({string.Join(", ", x)})";
            Assert.True(T.IsInfinity(low) || Compare(operation, x, low) <= 0, text + " down");
            Assert.True(T.IsInfinity(high) || Compare(operation, x, high) >= 0, text + " up");
            Assert.True(T.IsInfinity(low) || T.IsInfinity(up(low)) || Compare(operation, x, up(low)) > 0, text + " down is too low");
            Assert.True(T.IsInfinity(high) || T.IsInfinity(down(high)) || Compare(operation, x, down(high)) < 0, text + " up is too high");
            Assert.Equal(T.IsNegative(low) && low != high ? high : low, toward);
        }
    }

    /// <summary>Sign of result - exact value.</summary>
    private static int Compare<T>(string operation, T[] x, T result)
        where T : IFloatingPointIeee754<T>
    {
        var v = x.Select(Exact).ToArray();
        var r = Exact(result);
        return operation switch
        {
            "Add" => r.CompareTo(v[0] + v[1]),
            "Sub" => r.CompareTo(v[0] - v[1]),
            "Mul" => (r << Scale).CompareTo(v[0] * v[1]),
            "Div" => (r * v[1]).CompareTo(v[0] << Scale) * v[1].Sign,
            "Sqrt" => (r * BigInteger.Abs(r)).CompareTo(v[0] << Scale),
            _ => (r << Scale).CompareTo((v[0] * v[1]) + (v[2] << Scale)),
        };
    }

    private static BigInteger Exact<T>(T value)
        where T : IFloatingPointIeee754<T>
    {
        var bits = BitConverter.DoubleToInt64Bits(double.CreateChecked(value));
        var exponent = (int)(bits >> 52) & 0x7FF;
        BigInteger mantissa = (bits & 0xF_FFFF_FFFF_FFFF) | (exponent == 0 ? 0 : 1L << 52);
        return (bits < 0 ? -mantissa : mantissa) << Math.Max(0, exponent - 1);
    }
}
