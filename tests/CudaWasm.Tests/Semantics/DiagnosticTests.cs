using CudaWasm.Compiler.Text;
using CudaWasm.Tests.Language;

namespace CudaWasm.Tests.Semantics;

/// <summary>What is wrong with a source is told with a code, at its line, and never by an exception.</summary>
public sealed class DiagnosticTests
{
    [Theory]
    [InlineData(DiagnosticCodes.UndeclaredName, "int x = coutner;", "coutner")]
    [InlineData(DiagnosticCodes.UndeclaredName, "int x = threadIdy.x;", "did you mean 'threadIdx'")]
    [InlineData(DiagnosticCodes.UndeclaredName, "flaot x = 1;", "flaot")]
    [InlineData(DiagnosticCodes.NoMatchingFunction, "device(1, 2, 3);", "'device'")]
    [InlineData(DiagnosticCodes.NoSuchMember, "int x = threadIdx.q;", "'q'")]
    [InlineData(DiagnosticCodes.TypeMismatch, "int *p = out; float *q = p;", "without a cast")]
    [InlineData(DiagnosticCodes.TypeMismatch, "const int *p = out; int *q = p;", "const")]
    [InlineData(DiagnosticCodes.NotAssignable, "const int n = out[0]; n = 5;", "const")]
    [InlineData(DiagnosticCodes.NotAssignable, "3 = out[0];", "left side")]
    [InlineData(DiagnosticCodes.BadOperand, "float f = 1; int x = f % 2;", "%")]
    [InlineData(DiagnosticCodes.BadOperand, "int x = out[1.5f];", "index")]
    [InlineData(DiagnosticCodes.NotConstant, "int n = out[0]; int a[n];", "size")]
    [InlineData(DiagnosticCodes.BadArraySize, "int a[-1];", "-1")]
    [InlineData(DiagnosticCodes.HostFunctionCalled, "hostOnly();", "__device__")]
    [InlineData(DiagnosticCodes.BadInitializer, "int a[2] = {1, 2, 3};", "more values")]
    [InlineData(DiagnosticCodes.StaticAssertFailed, "static_assert(sizeof(int) == 8, \"wide\");", "wide")]
    [InlineData(DiagnosticCodes.NotSupported, "goto end; end: out[0] = 1;", "goto")]
    [InlineData(DiagnosticCodes.NotSupported, "k<<<1, 1>>>(out);", "dynamic parallelism")]
    public void An_error_has_its_code_line_and_words(string code, string statement, string words)
    {
        var compilation = KernelHarness.Compile($"void hostOnly() {{ }}\n__device__ int device(int a) {{ return a; }}\n__global__ void k(int *out) {{\n    {statement}\n}}\n");
        var kernel = Assert.Single(compilation.Kernels);
        Assert.False(kernel.Succeeded);
        var error = kernel.Diagnostics.First(d => d.IsError);
        Assert.Equal(code, error.Code);
        Assert.Equal(4, error.Span.Line);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"test.cu(4,{error.Span.Column}): error {code}: ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_errors_are_told_and_other_kernels_still_compile()
    {
        var compilation = KernelHarness.Compile(
            """
            __global__ void bad(int *out) {
                out[0] = one;
                out[1] = two;
            }
            __global__ void good(int *out) { out[0] = 1; }
            """);
        Assert.Equal(["bad", "good"], compilation.Kernels.Select(k => k.Name));
        Assert.Equal([2, 3], compilation.Kernels[0].Diagnostics.Select(d => d.Span.Line));
        Assert.True(compilation.Kernels[1].Succeeded);
        Assert.False(compilation.Succeeded);
    }

    [Fact]
    public void A_syntax_error_in_a_function_concerns_only_the_kernels_that_call_it()
    {
        var compilation = KernelHarness.Compile(
            """
            __device__ int broken(int x) { return x +; }
            __global__ void uses(int *out) { out[0] = broken(1); }
            __global__ void other(int *out) { out[0] = 1; }
            """);
        Assert.False(compilation.Kernels[0].Succeeded);
        Assert.Contains(compilation.Kernels[0].Diagnostics, d => d.Span.Line == 1);
        Assert.True(compilation.Kernels[1].Succeeded);
    }

    [Fact]
    public void An_error_in_a_template_names_the_instance()
    {
        var compilation = KernelHarness.Compile(
            """
            template <typename T> __device__ int size(T x) { return x.size; }
            __global__ void k(int *out) { out[0] = size(1.0f); }
            """);
        var error = Assert.Single(compilation.Kernels[0].Diagnostics);
        Assert.Equal(1, error.Span.Line);
        var note = Assert.Single(error.Notes!);
        Assert.Contains("size<float>", note.Message, StringComparison.Ordinal);
        Assert.Equal(2, note.Span.Line);
    }

    [Fact]
    public void Rendering_draws_the_line_and_a_caret_under_the_place()
    {
        var error = KernelHarness.Compile("__global__ void k(int *out) {\n\tout[0] = nope;\n}").Kernels[0].Diagnostics[0];
        Assert.Equal("test.cu(2,11): error CW2001: use of undeclared identifier 'nope'\n  \tout[0] = nope;\n  \t         ^~~~\n", error.Render());
    }

    [Fact]
    public void Launches_in_host_code_choose_template_arguments()
    {
        var compilation = KernelHarness.Compile(
            """
            template <typename T, int N> __global__ void scale(T *x) { x[threadIdx.x] *= N; }
            template <typename T> __global__ void unused(T *x) { x[0] = 1; }
            int main() { const int n = 4; float *f; double *d; scale<float, n><<<1, 32>>>(f); scale<double, 2 * n><<<1, 32, 0, 0>>>(d); }
            """);
        Assert.Equal(["scale<float, 4>", "scale<double, 8>", "unused<float>"], compilation.Kernels.Select(k => k.Name));
        Assert.Equal([false, false, true], compilation.Kernels.Select(k => k.IsAssumed));
        Assert.All(compilation.Kernels, k => Assert.True(k.Succeeded));
    }

    [Fact]
    public void What_a_launch_passes_decides_the_template_arguments_it_does_not_name()
    {
        var compilation = KernelHarness.Compile(
            """
            template <typename T, typename U> __global__ void convert(T *to, const U *from, int n) { to[0] = T(from[0]); }
            template <int N, typename T> __global__ void fill(T *x) { x[N] = N; }
            template <typename T> void run(T *host) { T *device; fill<2><<<1, 1>>>(device); }
            int main(int argc, char **argv) {
                double *d; unsigned char bytes[4]; std::vector<int> v(3);
                convert<<<1, 1>>>(d, bytes, v.size());
            }
            """);
        Assert.Equal(["convert<double, unsigned char>", "fill<2, float>"], compilation.Kernels.Select(k => k.Name));
        Assert.Equal([false, true], compilation.Kernels.Select(k => k.IsAssumed));
    }

    [Fact]
    public void A_kernel_can_be_asked_for_by_its_spelling()
    {
        const string Source = "template <typename T, int N> __global__ void scale(T *x) { x[0] *= N; }\n__global__ void plain(int *x) { }";
        Assert.Equal(["scale<short, 3>"], KernelHarness.Compile(Source, "scale<short, 3>").Kernels.Select(k => k.Name));
        Assert.Equal(["plain"], KernelHarness.Compile(Source, "plain").Kernels.Select(k => k.Name));
        var missing = KernelHarness.Compile(Source, "plian");
        Assert.Empty(missing.Kernels);
        Assert.Contains("did you mean 'plain'", Assert.Single(missing.Diagnostics).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_tell_how_they_are_given()
    {
        var kernel = KernelHarness.CompileOne("struct P { float x, y; };\n__global__ void k(const float *a, P *p, P by, int n, double d, bool b, unsigned char (*rows)[8]) { }");
        Assert.Equal(["const float *", "P *", "P", "int", "double", "bool", "unsigned char (*)[8]"], kernel.Parameters.Select(p => p.TypeName));
        Assert.Equal([8, 8, 8, 4, 8, 1, 8], kernel.Parameters.Select(p => p.Bytes));
        Assert.Equal([4L, 8L, 0L, 0L, 0L, 0L, 8L], kernel.Parameters.Select(p => p.PointeeBytes));
        Assert.True(kernel.Parameters[0].IsReadOnly);
        Assert.Equal("p", kernel.Parameters[1].Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("// nothing here\n")]
    [InlineData("int main() { return 0; }")]
    public void A_file_without_kernels_says_so(string source)
    {
        var compilation = KernelHarness.Compile(source);
        Assert.Equal(DiagnosticCodes.NoKernel, Assert.Single(compilation.Diagnostics).Code);
        Assert.False(compilation.Succeeded);
    }

    [Fact]
    public void A_long_sum_is_no_deep_nesting()
    {
        var sum = string.Join(" + ", Enumerable.Range(0, 900).Select(i => $"out[{i}]"));
        Assert.True(KernelHarness.CompileOne($"__global__ void k(int *out) {{ out[0] = {sum}; }}").Succeeded);
    }

    [Theory]
    [InlineData("template <int N> struct S { static const int v = S<N + 1>::v; };\n__global__ void k(int *out) { out[0] = S<0>::v; }")]
    [InlineData("template <int N> __device__ int f() { return f<N + 1>(); }\n__global__ void k(int *out) { out[0] = f<0>(); }")]
    [InlineData("struct S { S s; };\n__global__ void k(int *out) { S s; }")]
    public void What_has_no_end_is_stopped(string source)
    {
        var compilation = KernelHarness.Compile(source);
        Assert.Contains(compilation.AllDiagnostics, d => d.IsError);
    }
}
