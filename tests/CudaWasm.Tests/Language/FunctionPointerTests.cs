using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;

namespace CudaWasm.Tests.Language;

/// <summary>Functions kept in variables, tables and structs, and called through them.</summary>
public sealed class FunctionPointerTests
{
    private const string Operations = """
        typedef int (*operation)(int, int);
        __device__ int add(int a, int b) { return a + b; }
        __device__ int multiply(int a, int b) { return a * b; }
        __device__ int less(int a, int b) { return a - b; }
        template <typename T> __device__ T larger(T a, T b) { return a > b ? a : b; }
        __device__ operation table[] = {add, &multiply, less};
        __constant__ operation fixed_table[2] = {less, add};
        struct Entry { operation run; int bias; };
        __device__ int apply(operation f, int a, int b) { return f(a, b); }

        """;

    [Theory]
    [InlineData("operation f = add; f = i % 2 ? multiply : less; out[i] = f(i, 3);", new[] { -3, 3, -1, 9 })]
    [InlineData("out[i] = table[i % 3](i, 10);", new[] { 10, 10, -8, 13 })]
    [InlineData("out[i] = (*fixed_table[i & 1])(20, i) + table[1](i, i);", new[] { 20, 22, 22, 32 })]
    [InlineData("Entry e[2] = {{add, 100}, {multiply, 200}}; out[i] = e[i / 2].run(i, i) + e[i / 2].bias;", new[] { 100, 102, 204, 209 })]
    [InlineData("operation f = i < 2 ? &larger<int> : add; out[i] = f(i, 1);", new[] { 1, 1, 3, 4 })]
    [InlineData("operation f = table[0]; if (i > 1) f = multiply; out[i] = apply(f, i, 5) + (f == add);", new[] { 6, 7, 10, 15 })]
    [InlineData("operation f = nullptr; if (f == nullptr) f = larger<int>; out[i] = f(i, 2);", new[] { 2, 2, 2, 3 })]
    public void A_call_through_a_variable_reaches_the_function_it_holds(string statements, int[] expected)
    {
        var source = $"{Operations}__global__ void k(int *out) {{ int i = threadIdx.x; {statements} }}";
        Assert.Equal(expected, KernelHarness.Run<int>(source, 4, new Dim3(1), new Dim3(4), new LoadOptions()));
        Assert.Equal(expected, KernelHarness.Run<int>(source, 4, new Dim3(1), new Dim3(4), new LoadOptions { Unchecked = true }));
    }

    [Fact]
    public void Results_of_any_type_and_references_pass_through_a_pointer()
    {
        const string Source = """
            __device__ float4 grow(float4 v, int &n) { n++; return make_float4(v.x * 2, v.y, v.z, v.w + n); }
            __device__ void reset(int *n) { *n = -1; }
            __device__ float4 (*grower)(float4, int &) = grow;
            __device__ void (*resetter)(int *) = reset;
            __global__ void k(float *out) {
                int n = 4;
                float4 v = grower(make_float4(1, 2, 3, 4), n);
                out[0] = v.x; out[1] = v.w; out[2] = n;
                resetter(&n); out[3] = n;
            }
            """;
        Assert.Equal([2, 9, 5, -1], KernelHarness.Run<float>(Source, 4, new Dim3(1), new Dim3(1), new LoadOptions()));
    }

    [Fact]
    public void A_pointer_that_is_no_function_ends_the_launch()
    {
        var fault = Assert.Throws<KernelFaultException>(() => KernelHarness.Run<int>($"{Operations}__global__ void k(int *out) {{\noperation f = (operation)(unsigned long long)out[0]; out[0] = f(1, 2); }}", 1, new Dim3(1), new Dim3(1), new LoadOptions()));
        Assert.Equal(DiagnosticCodes.Trap, fault.Code);
        Assert.Contains("no device function of type 'int (int, int)'", fault.Message, StringComparison.Ordinal);
    }
}
