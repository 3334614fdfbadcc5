using System.Globalization;
using System.Runtime.InteropServices;
using CudaWasm.Benchmarks.Cases;

namespace CudaWasm.Benchmarks;

/// <summary>Whether two contenders came to the same result.</summary>
internal static class Agreement
{
    /// <summary>What is wrong with a result; null where it agrees.</summary>
    public static string? Difference(CaseOutput output, ReadOnlySpan<byte> actual, ReadOnlySpan<byte> expected) => output.Buffer.Data switch
    {
        float[] => Difference(output, MemoryMarshal.Cast<byte, float>(actual), MemoryMarshal.Cast<byte, float>(expected)),
        _ => Difference(output, MemoryMarshal.Cast<byte, int>(actual), MemoryMarshal.Cast<byte, int>(expected)),
    };

    private static string? Difference<T>(CaseOutput output, ReadOnlySpan<T> actual, ReadOnlySpan<T> expected)
        where T : unmanaged, IConvertible
    {
        double largest = 0;
        foreach (var value in expected) largest = Math.Max(largest, Math.Abs(value.ToDouble(CultureInfo.InvariantCulture)));
        var (wrong, first) = (0, -1);
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs(actual[i].ToDouble(CultureInfo.InvariantCulture) - expected[i].ToDouble(CultureInfo.InvariantCulture));
            // Written so that NaN is wrong.
            if (difference <= output.Tolerance * largest) continue;
            if (wrong++ == 0) first = i;
        }

        if (wrong <= output.Exceptions * expected.Length) return null;
        return string.Create(CultureInfo.InvariantCulture, $"{wrong} of {expected.Length} results differ, the first at {first}: {actual[first]}, not {expected[first]}");
    }
}
