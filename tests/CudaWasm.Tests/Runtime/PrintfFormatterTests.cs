using System.Text;
using CudaWasm.Runtime;

namespace CudaWasm.Tests.Runtime;

/// <summary>What glibc's printf prints for the same format and values.</summary>
public sealed class PrintfFormatterTests
{
    [Theory]
    [InlineData("%d %5d %-5d| %05d %+d % d", "1     2 3    | 00004 +5  6", 1, 2, 3, 4, 5, 6)]
    [InlineData("%.3d %8.3d %-8.3d| %08.3d", "007      007 007     |      007", 7, 7, 7, 7)]
    [InlineData("%u %x %X %#x %#X %o %#o", "4000000000 ff FF 0xff 0XFF 10 010", 4000000000u, 255, 255, 255, 255, 8, 8)]
    [InlineData("%c%5c%-3c|", "a    bc  |", 97, 98, 99)]
    [InlineData("%ld %lld %hd %hhd", "-5000000000 -5000000000 4464 44", -5000000000L, -5000000000L, 70000, 300)]
    [InlineData("%u %x", "4294967295 ffffffff", -1, -1)]
    [InlineData("%zu %llu %llx", "18446744073709551615 18446744073709551615 ffffffffffffffff", -1L, -1L, -1L)]
    [InlineData("%f %.2f %10.3f %-10.1f| %+.1f %010.2f", "3.141590 2.50     -1.000 10.0      | +1.0 -000003.14", 3.14159, 2.5, -1.0005, 9.99, 1.0, -3.14159)]
    [InlineData("%.0f %.0f %.0f %.0f %#.0f", "0 2 2 4 2.", 0.5, 1.5, 2.5, 3.5, 2.0)]
    [InlineData("%.2f %.1f %.3f", "0.12 0.2 3333333333333333508096.000", 0.125, 0.25, 1e22 / 3)]
    [InlineData("%e %.3e %.0e %E %#.0e", "1.234568e+04 1.234e-04 6e+00 1.000000E-300 3.e+00", 12345.678, 0.00012345, 5.5, 1e-300, 3.0)]
    [InlineData("%g %g %g %g %g %g", "100000 1e+06 0.0001 1e-05 3.14159 100", 100000.0, 1000000.0, 0.0001, 0.00001, 3.14159265, 100.0)]
    [InlineData("%.3g %.10g %#g %G %g %g", "1.23e+03 0.3333333333 1.50000 1E-10 0 -0", 1234.5, 1.0 / 3, 1.5, 1e-10, 0.0, -0.0)]
    [InlineData("%f %e %g %F %5.1f|%-6f|%06f", "inf -inf nan INF   inf|inf   |   inf", double.PositiveInfinity, double.NegativeInfinity, double.NaN, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData("%a %a %.2a %A %a", "0x1p+0 0x1.999999999999ap-4 0x1.92p+1 0X1.FFP+7 0x0p+0", 1.0, 0.1, 3.14159, 255.5, 0.0)]
    [InlineData("%s|%10s|%-10s|%.2s", "abc|       abc|abc       |ab", 0, 0, 0, 0)]
    [InlineData("%%|%5d%%", "%|   50%", 50)]
    [InlineData("%*d|%-*d|%.*f", "   42|42   |3.14", 5, 42, 5, 42, 2, 3.14159)]
    [InlineData("%.15g %.17g %.20f", "0.1 0.10000000000000001 0.10000000000000000555", 0.1, 0.1, 0.1)]
    [InlineData("%.3f %.3f %.0e %.0e", "0.000 1000.000 2e+05 4e+05", 1e-10, 999.9995, 2.5e5, 3.5e5)]
    [InlineData("%d %d", "1 ", 1)]
    [InlineData("100%", "100%")]
    public void Formats_as_C_does(string format, string expected, params object[] arguments)
    {
        var values = arguments.Select(a => a switch
        {
            double d => BitConverter.DoubleToInt64Bits(d),
            uint u => u,
            long l => l,
            _ => (int)a,
        }).ToArray();
        var text = new StringBuilder();

        PrintfFormatter.Append(text, format, values, ["abc"]);

        Assert.Equal(expected, text.ToString());
    }
}
