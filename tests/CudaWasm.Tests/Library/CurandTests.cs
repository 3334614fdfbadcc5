using CudaWasm.Runtime;
using CudaWasm.Tests.Language;

namespace CudaWasm.Tests.Library;

/// <summary>The generators of curand_kernel.h, against published numbers and the recurrences of their papers.</summary>
public sealed class CurandTests
{
    [Fact]
    public void Xorwow_gives_what_the_librarys_documentation_prints_for_seed_1234()
    {
        // The host generator's first ten numbers are the first ones of the subsequences 0 to 9.
        var uniform = Floats("curandState s; curand_init(1234, threadIdx.x, 0, &s); out[threadIdx.x] = curand_uniform(&s);", 10, 10);
        Assert.Equal([0.1455, 0.8202, 0.5504, 0.2948, 0.9147, 0.8690, 0.3219, 0.7829, 0.0113, 0.2855], uniform.Select(u => Math.Round((double)u, 4)));
    }

    [Fact]
    public void Xorwow_is_marsaglias_recurrence_where_the_seed_cancels_its_salt()
    {
        var generator = new Xorwow();
        Assert.Equal(Enumerable.Range(0, 20).Select(_ => generator.Next()), Words("curandStateXORWOW_t s; curand_init(0xf7dcefddaad26b49ull, 0, 0, &s); for (int i = 0; i < 20; i++) out[i] = curand(&s);", 20));
    }

    [Fact]
    public void An_offset_skips_as_many_numbers()
    {
        var generator = new Xorwow();
        for (var i = 0; i < 12345; i++) generator.Next();
        Assert.Equal([generator.Next()], Words("curandState s; curand_init(0xf7dcefddaad26b49ull, 0, 12345, &s); out[0] = curand(&s);", 1));
    }

    [Fact]
    public void Sixteen_times_two_to_the_63_numbers_are_one_subsequence()
    {
        var words = Words(
            """
            curandState s, t, u;
            curand_init(7, 0x123456789abcdefull, 3, &s);
            curand_init(7, 0x123456789abcdeeull, 0, &t);
            for (int i = 0; i < 16; i++) skipahead(1ull << 63, &t);
            skipahead(1, &t); skipahead(2, &t);
            curand_init(7, 0x23456789abcdefull, 3, &u); skipahead_sequence(1ull << 56, &u);
            for (int i = 0; i < 3; i++) { out[i] = curand(&s); out[3 + i] = curand(&t); out[6 + i] = curand(&u); }
            """,
            9);
        Assert.Equal(words[..3], words[3..6]);
        Assert.Equal(words[..3], words[6..]);
    }

    [Fact]
    public void Philox_gives_the_known_answers_of_random123()
    {
        const string Source = """
            uint4 a = curand_Philox4x32_10(make_uint4(0, 0, 0, 0), make_uint2(0, 0));
            uint4 b = curand_Philox4x32_10(make_uint4(~0u, ~0u, ~0u, ~0u), make_uint2(~0u, ~0u));
            uint4 c = curand_Philox4x32_10(make_uint4(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344), make_uint2(0xa4093822, 0x299f31d0));
            uint4 all[3] = {a, b, c};
            for (int i = 0; i < 3; i++) { out[4 * i] = all[i].x; out[4 * i + 1] = all[i].y; out[4 * i + 2] = all[i].z; out[4 * i + 3] = all[i].w; }
            """;
        Assert.Equal(
            [
                0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd,
                0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
            ],
            Words(Source, 12));
    }

    [Fact]
    public void Philox_counts_offsets_in_its_low_words_and_sequences_in_its_high_ones()
    {
        var words = Words(
            """
            curandStatePhilox4_32_10_t s;
            curand_init(0x299f31d0a4093822ull, 0x0370734413198a2eull, 4 * 0x05a308d3243f6a88ull + 1, &s);
            uint4 expected = curand_Philox4x32_10(make_uint4(0x243f6a88, 0x05a308d3, 0x13198a2e, 0x03707344), make_uint2(0xa4093822, 0x299f31d0));
            out[0] = curand(&s) == expected.y; out[1] = curand(&s) == expected.z;
            uint4 four = curand4(&s);
            uint4 next = curand_Philox4x32_10(make_uint4(0x243f6a89, 0x05a308d3, 0x13198a2e, 0x03707344), make_uint2(0xa4093822, 0x299f31d0));
            out[2] = four.x == expected.w && four.y == next.x && four.w == next.z;
            out[3] = curand(&s) == next.w;
            // A carry out of 64 bits.
            curand_init(1, 0xffffffffull, 0xfffffffffffffffcull, &s); skipahead(4, &s); for (int i = 0; i < 3; i++) skipahead(0xfffffffffffffffcull, &s), skipahead(4, &s);
            expected = curand_Philox4x32_10(make_uint4(0, 0, 0, 1), make_uint2(1, 0));
            out[4] = curand(&s) == expected.x;
            """,
            5);
        Assert.Equal([1u, 1, 1, 1, 1], words);
    }

    [Fact]
    public void Uniform_numbers_are_scaled_as_documented()
    {
        var floats = Floats(
            """
            out[0] = _curand_uniform(0u); out[1] = _curand_uniform(0xffffffffu); out[2] = _curand_uniform(0x80000000u);
            curandState s, t; curand_init(5, 0, 0, &s); t = s;
            unsigned x = curand(&t), y = curand(&t);
            unsigned long long z = x ^ (unsigned long long)y << 21;
            out[3] = curand_uniform_double(&s) == z * 0x1p-53 + 0x1p-54;
            out[4] = curand(&s) == curand(&t);
            """,
            5);
        Assert.Equal([1.1641532e-10f, 1, 0.5f, 1, 1], floats);
    }

    [Theory]
    [InlineData("curandState")]
    [InlineData("curandStatePhilox4_32_10_t")]
    public void Normal_numbers_are_pairs_of_box_and_muller(string state)
    {
        var values = Floats(
            $$"""
            {{state}} s, t; curand_init(99, 3, 0, &s); t = s;
            out[0] = curand_normal(&s); out[1] = curand_normal(&s);
            float u = curand_uniform(&t); out[2] = u; out[3] = (curand(&t) + 0.5f) * 2.3283064e-10f;
            out[4] = curand(&s) == curand(&t);
            out[5] = curand_log_normal(&s, 1.0f, 2.0f); t.boxmuller_flag = 0; out[6] = curand_normal(&t);
            """,
            7);
        var radius = Math.Sqrt(-2 * Math.Log(values[2]));
        Assert.Equal(radius * Math.Sin(2 * Math.PI * values[3]), values[0], 1e-5);
        Assert.Equal(radius * Math.Cos(2 * Math.PI * values[3]), values[1], 1e-5);
        Assert.Equal(1, values[4]);
        Assert.Equal(Math.Exp(1 + (2 * values[6])), values[5], values[5] * 1e-5);
    }

    [Fact]
    public void Many_normal_numbers_have_mean_zero_and_variance_one()
    {
        var values = Floats("curandState s; curand_init(42, threadIdx.x, 0, &s); for (int i = 0; i < 500; i++) out[threadIdx.x * 500 + i] = (float)curand_normal_double(&s);", 32000, 64);
        var mean = values.Average(v => (double)v);
        Assert.InRange(mean, -0.02, 0.02);
        Assert.InRange(values.Average(v => (v - mean) * (v - mean)), 0.97, 1.03);
    }

    [Fact]
    public void Sobol_points_come_in_gray_code_order()
    {
        var words = Words(
            """
            curandDirectionVectors32_t v; for (int i = 0; i < 32; i++) v[i] = 0x80000000u >> i;
            curandStateSobol32_t s; curand_init(v, 0, &s); for (int i = 0; i < 8; i++) out[i] = curand(&s) >> 29;
            curandStateScrambledSobol32_t c; curand_init(v, 0xffffffffu, 5, &c); out[8] = curand(&c) >> 29;
            curand_init(v, 1u, &s); out[9] = curand_normal(&s) == 0.0f;
            """,
            10);
        Assert.Equal([0u, 4, 6, 2, 3, 7, 5, 1, 7 - 7, 1], words);
    }

    private static uint[] Words(string statements, int count) => Run<uint>("unsigned", statements, count, 1);

    private static float[] Floats(string statements, int count, int threads = 1) => Run<float>("float", statements, count, threads);

    private static T[] Run<T>(string type, string statements, int count, int threads)
        where T : unmanaged =>
        KernelHarness.Run<T>($"#include <curand_kernel.h>\n__global__ void k({type} *out) {{\n{statements}\n}}", count, new Dim3(1), new Dim3(threads), new LoadOptions());

    /// <summary>As on page 5 of "Xorshift RNGs".</summary>
    private sealed class Xorwow
    {
        private uint _x = 123456789, _y = 362436069, _z = 521288629, _w = 88675123, _v = 5783321, _d = 6615241;

        public uint Next()
        {
            var t = _x ^ (_x >> 2);
            (_x, _y, _z, _w) = (_y, _z, _w, _v);
            _v = _v ^ (_v << 4) ^ t ^ (t << 1);
            return (_d += 362437) + _v;
        }
    }
}
