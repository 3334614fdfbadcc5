using CudaWasm.Runtime;

namespace CudaWasm.Tests.Language;

/// <summary>What the language means, shown by running it. Each target runs the same bodies.</summary>
public abstract partial class LanguageTests
{
    protected abstract LoadOptions Options { get; }

    /// <summary>Runs statements in one thread; they write to <c>int *out</c>.</summary>
    private int[] Ints(string statements, int count, string before = "") =>
        KernelHarness.Run<int>($"{before}\n__global__ void k(int *out) {{\n{statements}\n}}", count, new Dim3(1), new Dim3(1), Options);

    private float[] Floats(string statements, int count, string before = "") =>
        KernelHarness.Run<float>($"{before}\n__global__ void k(float *out) {{\n{statements}\n}}", count, new Dim3(1), new Dim3(1), Options);

    private void Check(string statements, params int[] expected) => Assert.Equal(expected, Ints(statements, expected.Length));

    [Fact]
    public void Integers_promote_wrap_and_divide_as_in_c()
    {
        Check(
            """
            unsigned char a = 200, b = 100;
            out[0] = a + b;                    // promoted to int
            a += b; out[1] = a;                // wraps to 44
            out[2] = -7 / 2; out[3] = -7 % 2;  // towards zero
            out[4] = (unsigned)-1 > 0;
            out[5] = -1 > 0u;                  // int becomes unsigned
            short s = 32767; s++; out[6] = s;
            out[7] = (int)(3000000000u / 2u);
            out[8] = (int)((long long)1 << 40 >> 38);
            out[9] = -16 >> 2;
            out[10] = (int)(0xF0000000u >> 28);
            out[11] = 7 & 12 | 3 ^ 5;
            out[12] = ~0;
            out[13] = !5 + !0;
            """,
            300, 44, -3, -1, 1, 1, -32768, 1500000000, 4, -4, 15, (7 & 12) | (3 ^ 5), -1, 1);
    }

    [Fact]
    public void Literals_have_the_types_their_spelling_says()
    {
        Check(
            """
            out[0] = sizeof(1); out[1] = sizeof(1L); out[2] = sizeof(1u); out[3] = sizeof(1.0f); out[4] = sizeof(1.0);
            out[5] = sizeof('a'); out[6] = sizeof(0xFFFFFFFF); out[7] = sizeof(4294967295); out[8] = 0x10 + 010 + 0b11;
            out[9] = 'A'; out[10] = '\n'; out[11] = '\x41'; out[12] = 1'000'000;
            """,
            4, 8, 4, 4, 8, 1, 4, 8, 27, 65, 10, 65, 1000000);
    }

    [Fact]
    public void Operands_are_evaluated_once_and_in_order()
    {
        Check(
            """
            int i = 3;
            out[0] = i++ + 10; out[1] = i; out[2] = ++i; out[3] = i-- - 1; out[4] = i;
            int a[4] = {0, 1, 2, 3};
            int j = 0;
            a[j++] += 10; out[5] = a[0]; out[6] = j;
            int x = (j = 5, j + 1); out[7] = x;
            int y = 0; 0 && (y = 1); 1 || (y = 2); out[8] = y;
            out[9] = 1 && ++y; out[10] = y;
            int c = 2; c *= c + 1; out[11] = c;
            out[12] = y > 0 ? a[1] : a[2];
            """,
            13, 4, 5, 4, 4, 10, 1, 6, 0, 1, 1, 6, 1);
    }

    [Fact]
    public void Loops_switches_and_jumps_nest()
    {
        Check(
            """
            int sum = 0;
            for (int i = 0; i < 10; ++i) { if (i == 3) continue; if (i == 8) break; sum += i; }
            out[0] = sum;
            int n = 0, k = 100;
            while (k > 1) { k = k % 2 ? 3 * k + 1 : k / 2; n++; }
            out[1] = n;
            int d = 0; do { d += 2; } while (d < 7); out[2] = d;
            int t = 0;
            for (int i = 0; i < 6; i++) {
                switch (i) {
                    case 0: t += 1;            // falls through
                    case 1: t += 10; break;
                    case 2: case 3: t += 100; continue;
                    default: t += 1000; break;
                }
                t += 10000;
            }
            out[3] = t;
            int found = -1;
            for (int i = 0; i < 5 && found < 0; i++)
                for (int j = 0; j < 5; j++)
                    if (i * j == 6) { found = i * 10 + j; break; }
            out[4] = found;
            int e = 0; for (;;) { if (++e > 4) break; } out[5] = e;
            switch (7) { case 1: out[6] = 1; } 
            """,
            0 + 1 + 2 + 4 + 5 + 6 + 7, 25, 8, 1 + 10 + 10 + 100 + 100 + 2000 + 40000, 23, 5, 0);
    }

    [Fact]
    public void Arrays_and_pointers_walk_the_same_memory()
    {
        Check(
            """
            int m[3][4];
            for (int i = 0; i < 3; i++) for (int j = 0; j < 4; j++) m[i][j] = i * 10 + j;
            int *p = &m[0][0];
            out[0] = p[7]; out[1] = *(p + 9); out[2] = (int)(&m[2][1] - p);
            int (*row)[4] = m + 1; out[3] = (*row)[2]; out[4] = row[1][3];
            p += 5; out[5] = *p++; out[6] = *p; out[7] = p[-2];
            const int table[] = {5, 6, 7}; out[8] = sizeof(table) / sizeof(table[0]); out[9] = table[2];
            char text[] = "abc"; out[10] = sizeof(text); out[11] = text[1];
            int part[5] = {1, 2}; out[12] = part[0] + part[1] + part[4];
            int *q = 0; out[13] = q == nullptr; out[14] = p != q;
            """,
            13, 21, 9, 12, 23, 11, 12, 10, 3, 7, 4, 98, 3, 1, 1);
    }

    [Fact]
    public void Bits_are_seen_through_casts()
    {
        Check(
            """
            float f = 1.5f; out[0] = *(int *)&f; out[1] = __float_as_int(f);
            unsigned u = 0x40490fdb; out[2] = (int)(*reinterpret_cast<float *>(&u) * 1000);
            unsigned char b[4] = {1, 2, 3, 4}; out[3] = *(int *)b;
            double d = 2.0; out[4] = __double2hiint(d); out[5] = (int)(__double_as_longlong(d) >> 52);
            out[6] = (int)3.99f; out[7] = (int)-3.99; out[8] = (int)1e20f; out[9] = (unsigned)3e9f == 3000000000u;
            out[10] = (signed char)200; out[11] = (bool)0.5f;
            """,
            0x3FC00000, 0x3FC00000, 3141, 0x04030201, 0x40000000, 1024, 3, -3, int.MaxValue, 1, -56, 1);
    }

    [Fact]
    public void Macros_expand_as_the_preprocessor_says()
    {
        var result = Ints(
            "out[0] = AREA(2 + 1, 4); out[1] = CAT(va, lue); out[2] = SUM(1, 2, 3); out[3] = DEPTH; out[4] = MAX(out[0], 7);",
            5,
            """
            #define AREA(w, h) ((w) * (h))
            #define CAT(a, b) a##b
            #define value 42
            #define SUM(...) sum3(__VA_ARGS__)
            #define MAX(a, b) ((a) > (b) ? (a) : (b))
            #if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 700 && !defined(NOT_THERE)
            #define DEPTH 3
            #else
            #define DEPTH 1
            #endif
            __device__ int sum3(int a, int b, int c) { return a + b + c; }
            """);
        Assert.Equal([12, 42, 6, 3, 12], result);
    }

    [Fact]
    public void Functions_overload_recurse_and_take_references()
    {
        var result = Ints(
            """
            out[0] = which(1); out[1] = which(1.0f); out[2] = which('c'); out[3] = which(1u);
            int a = 3, b = 4; exchange(a, b); out[4] = a * 10 + b;
            out[5] = fib(10); out[6] = clampTo(50);  out[7] = clampTo(50, 20);
            out[8] = early(5) + early(-5);
            out[9] = twice(inc, 5);
            """,
            10,
            """
            __device__ int which(int) { return 1; }
            __device__ int which(float) { return 2; }
            __device__ int which(unsigned) { return 3; }
            __device__ __forceinline__ void exchange(int &a, int &b) { int t = a; a = b; b = t; }
            __device__ int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
            __host__ __device__ int clampTo(int x, int limit = 10) { return x > limit ? limit : x; }
            __device__ int early(int x) { if (x < 0) return 100; for (int i = 0; ; i++) { if (i * i > x) return i; } }
            __device__ int inc(int x) { return x + 1; }
            __device__ int twice(int (*f)(int), int x) { return f(f(x)); }
            """);
        Assert.Equal([1, 2, 1, 3, 43, 55, 10, 20, 103, 7], result);
    }

    [Fact]
    public void Vector_types_have_their_members_sizes_and_makers()
    {
        var result = Floats(
            """
            float4 v = make_float4(1, 2, 3, 4);
            v.x += v.w; float4 w = v; w.y = 10;
            out[0] = v.x; out[1] = w.x + w.y + v.y;
            float2 p[2]; p[0] = make_float2(5, 6); p[1].x = p[0].y; p[1].y = 8;
            out[2] = p[1].x * p[1].y;
            int3 i = {1, 2, 3}; out[3] = i.x + i.y + i.z;
            out[4] = sizeof(float3); out[5] = sizeof(double2); out[6] = sizeof(uchar4);
            float *f = (float *)p; out[7] = f[1];
            swap2(v.x, v.y); out[8] = v.x; out[9] = v.y;
            """,
            10,
            "__device__ void swap2(float &a, float &b) { float t = a; a = b; b = t; }");
        Assert.Equal([5, 17, 48, 6, 12, 16, 4, 6, 2, 5], result);
    }

    [Fact]
    public void Structs_copy_nest_and_have_their_c_layout()
    {
        var result = Ints(
            """
            Node n; n.tag = 'x'; n.at.x = 3; n.at.y = 4; n.next = 0;
            Node m = n; m.at.x = 30;
            out[0] = n.at.x + m.at.x; out[1] = sizeof(Node); out[2] = sizeof(Bits);
            Node many[3]; for (int i = 0; i < 3; i++) { many[i] = n; many[i].at.y = i; }
            Node *p = many + 1; out[3] = p->at.y + (p + 1)->at.y; out[4] = many[2].tag;
            Bits b; b.low = 5; b.high = -3; out[5] = b.low; out[6] = b.high;
            Word u; u.value = 0x01020304; out[7] = u.bytes[0];
            Point q = {7, 8}; out[8] = length2(q); Point r = moved(q, 1); out[9] = r.x * 100 + r.y; out[10] = q.x;
            """,
            11,
            """
            struct Point { int x, y; };
            typedef struct Node { char tag; Point at; struct Node *next; } Node;
            struct Bits { unsigned low : 4; int high : 5; };
            union Word { int value; unsigned char bytes[4]; };
            __device__ int length2(const Point &p) { return p.x * p.x + p.y * p.y; }
            __device__ Point moved(Point p, int by) { p.x += by; p.y += by; return p; }
            """);
        Assert.Equal([33, 24, 4, 3, 'x', 5, -3, 4, 113, 809, 7], result);
    }
}

/// <summary>The CPU device as users have it.</summary>
public sealed class CpuLanguageTests : LanguageTests
{
    protected override LoadOptions Options { get; } = new();
}

/// <summary>The CPU device without bounds checks.</summary>
public sealed class ScalarCpuLanguageTests : LanguageTests
{
    protected override LoadOptions Options { get; } = new() { VectorBits = 0 };
}

public sealed class Vector128CpuLanguageTests : LanguageTests
{
    protected override LoadOptions Options { get; } = new() { VectorBits = 128 };
}

/// <summary>Values take several registers.</summary>
public sealed class FourRegisterCpuLanguageTests : LanguageTests
{
    protected override LoadOptions Options { get; } = new() { VectorBits = 128, VectorRegisters = 4 };
}

public sealed class Vector512CpuLanguageTests : LanguageTests
{
    protected override LoadOptions Options { get; } = new() { VectorBits = 512 };
}

public sealed class UncheckedCpuLanguageTests : LanguageTests
{
    protected override LoadOptions Options { get; } = new() { Unchecked = true };
}
