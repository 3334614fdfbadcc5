using CudaWasm.Runtime;
using CudaWasm.Tests.Language;

namespace CudaWasm.Tests.Library;

/// <summary>The intrinsics of the library header intrinsics.h; expected values are worked out by hand from the CUDA Math API.</summary>
public sealed class IntrinsicsTests
{
    [Theory]
    [InlineData("__vabs4(0x80ff017f)", 0x8001017f)]
    [InlineData("__vabsss4(0x80ff017f)", 0x7f01017f)]
    [InlineData("__vneg2(0x80000001)", 0x8000ffff)]
    [InlineData("__vnegss2(0x80000001)", 0x7fffffff)]
    [InlineData("__vaddss4(0x7f80ff01, 0x01ff0101)", 0x7f800002)]
    [InlineData("__vsubss2(0x80007fff, 0x0001ffff)", 0x80007fff)]
    [InlineData("__vaddus2(0xffff0001, 0x00020003)", 0xffff0004)]
    [InlineData("__vsubus2(0x00010005, 0x00020003)", 0x00000002)]
    [InlineData("__vavgs4(0xff0180fe, 0xfe02807f)", 0xfe02803f)]
    [InlineData("__vavgu2(0xffff0002, 0xfffe0003)", 0xffff0003)]
    [InlineData("__vhaddu4(0xff010003, 0xff020004)", 0xff010003)]
    [InlineData("__vcmpne4(0x01020304, 0x01030305)", 0x00ff00ff)]
    [InlineData("__vcmpges2(0x8000ffff, 0x7fffffff)", 0x0000ffff)]
    [InlineData("__vsetgts4(0x80010203, 0x00ff0202)", 0x00010001)]
    [InlineData("__vseteq2(0x00010002, 0x00010003)", 0x00010000)]
    [InlineData("__vsads4(0xff010203, 0x01030201)", 6)]
    [InlineData("__vsadu2(0xffff0001, 0x00000003)", 0x10001)]
    [InlineData("__viaddmax_s32(5, -9, -3)", 0xfffffffd)]
    [InlineData("__viaddmin_s32_relu(5, -9, 3)", 0)]
    [InlineData("__vimax3_s16x2(0x8000ffff, 0x00010000, 0x00020005)", 0x00020005)]
    [InlineData("__vimin3_u32(7u, 3u, 9u)", 3)]
    public void Lanes_of_a_word_are_computed_apart(string call, uint expected) =>
        Assert.Equal(expected, KernelHarness.Run<uint>($"__global__ void k(unsigned *out) {{ out[0] = {call}; }}", 1, new Dim3(1), new Dim3(1), new LoadOptions())[0]);

    [Fact]
    public void The_winner_of_a_choice_is_told()
    {
        var result = KernelHarness.Run<int>("__global__ void k(int *out) { bool a, b; out[0] = __vibmax_s32(3, 5, &a); out[1] = a; out[2] = __vibmin_s16x2(0x00018000, 0x00020000, &a, &b); out[3] = a * 10 + b; }", 4, new Dim3(1), new Dim3(1), new LoadOptions());
        Assert.Equal([5, 0, 0x00018000, 11], result);
    }

    [Fact]
    public void Integers_become_floats_with_the_rounding_asked_for()
    {
        var result = KernelHarness.Run<float>(
            """
            __global__ void k(float *out) {
                out[0] = __int2float_rd(16777217); out[1] = __int2float_ru(16777217); out[2] = __int2float_rz(-16777217); out[3] = __int2float_rd(-16777217);
                out[4] = __int2float_rd(2147483647); out[5] = __uint2float_ru(4294967295u); out[6] = __ll2float_rz(9223372036854775807ll);
                out[7] = __ull2double_rd(18446744073709551615ull) == 18446744073709549568.0; out[8] = __ll2double_ru(9007199254740993ll) == 9007199254740994.0;
                out[9] = __int2float_ru(5); out[10] = isnan(nan("")) && isnan(nanf("1"));
            }
            """,
            11, new Dim3(1), new Dim3(1), new LoadOptions());
        Assert.Equal([16777216f, 16777218f, -16777216f, -16777218f, 2147483520f, 4294967296f, 9223371487098961920f, 1, 1, 5, 1], result);
    }
}
