namespace CudaWasm.Compiler.Targets.Cil;

internal static class Chebyshev
{
    /// <summary>c0 + c1 T1(t) + c2 T2(t) + ... by Clenshaw's recurrence.</summary>
    public static double Sum(ReadOnlySpan<double> coefficients, double t)
    {
        var (b1, b2) = (0.0, 0.0);
        for (var i = coefficients.Length - 1; i > 0; i--) (b1, b2) = ((2 * t * b1) - b2 + coefficients[i], b1);
        return (t * b1) - b2 + coefficients[0];
    }
}
