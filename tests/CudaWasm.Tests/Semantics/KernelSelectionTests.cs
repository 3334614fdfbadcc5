using CudaWasm.Compiler;
using CudaWasm.Tests.Language;

namespace CudaWasm.Tests.Semantics;

/// <summary>Which instances of kernel templates a file asks for.</summary>
public sealed class KernelSelectionTests
{
    private static List<string> Names(CudaCompilation compilation)
    {
        Assert.Empty(compilation.AllDiagnostics.Select(d => d.Render()));
        return [.. compilation.Kernels.Select(k => k.Name + (k.IsAssumed ? "?" : ""))];
    }

    [Fact]
    public void The_callers_of_a_host_template_give_the_arguments_of_its_launches()
    {
        var compilation = KernelHarness.Compile(
            """
            template <typename T, int N> __global__ void k(T *x) { x[0] = N; }
            template <typename T, int N> void inner(T *x) { k<T, N><<<1, 1>>>(x); }
            template <typename T> void outer(T *x, int n) { if (n > 4) inner<T, 8>(x); else inner<T, 4>(x); }
            int main() { float *f; double *d; outer(f, 3); outer<double>(d, 5); }
            """);
        Assert.Equal(["k<float, 8>", "k<double, 8>", "k<float, 4>", "k<double, 4>"], Names(compilation).OrderByDescending(n => n.Contains('8')));
    }

    [Fact]
    public void Class_templates_that_launch_get_their_arguments_where_they_are_named()
    {
        var compilation = KernelHarness.Compile(
            """
            template <typename T, int N> __global__ void k(T *x) { x[0] = N; }
            template <typename T, int N = 2> class Solver {
                typedef T Value;
            public:
                Value *data;
                void run() { k<Value, N><<<1, 1>>>(data); }
                void late();
            };
            template <typename U, int M> void Solver<U, M>::late() { k<U, M + 1><<<1, 1>>>(data); }
            int main() { Solver<int> a; auto b = new Solver<double, 5>(); a.run(); b->late(); }
            """);
        Assert.Equal(["k<int, 2>", "k<double, 5>", "k<int, 3>", "k<double, 6>"], Names(compilation));
    }

    [Fact]
    public void Arguments_spelled_without_a_launch_count_too()
    {
        var compilation = KernelHarness.Compile(
            """
            template <typename T> __global__ void k(T *x) { x[0] = 1; }
            template <typename T> __global__ void g(T *x) { x[0] = 2; }
            template __global__ void g<short>(short *);
            int main() { float *x; auto chosen = k<float>; chosen<<<1, 1>>>(x); }
            """);
        Assert.Equal(["k<float>", "g<short>"], Names(compilation));
    }

    [Fact]
    public void Arguments_are_assumed_until_the_kernel_compiles()
    {
        var compilation = KernelHarness.Compile(
            """
            struct Square { __device__ float operator()(float x) const { return x * x; } };
            template <typename T> struct Policy { static constexpr int Items = 4; typedef T Value; };
            template <typename T, typename F> __global__ void map(T *x, int n, F f) { if (n % 2) x[n] = f(x[n]); }
            template <typename I> __global__ void shift(I *x) { x[0] <<= 1; }
            template <typename P> __global__ void policy(typename P::Value *x) { x[0] = P::Items; }
            template <int Threads> __global__ void warps(int *x) { static_assert(Threads / 32 > 1, "too few"); __shared__ int s[Threads / 32]; x[0] = s[0]; }
            """);
        Assert.Equal(["map<float, Square>?", "shift<int>?", "policy<Policy<float>>?", "warps<64>?"], Names(compilation));
    }

    [Fact]
    public void A_kernel_that_no_choice_of_arguments_compiles_says_why()
    {
        var compilation = KernelHarness.Compile("template <typename T> __global__ void k(T *x) { x[0] = missing; }");
        var kernel = Assert.Single(compilation.Kernels);
        Assert.True(kernel.IsAssumed);
        Assert.Equal("use of undeclared identifier 'missing'", Assert.Single(kernel.Diagnostics).Message);
    }

    [Fact]
    public void A_lambda_of_the_host_is_no_argument_yet()
    {
        var compilation = KernelHarness.Compile(
            """
            template <typename F> __global__ void each(int n, F f) { f(n); }
            void run(int *out) { auto f = [=] __device__(int i) { out[i] = i; }; each<<<1, 1>>>(3, f); }
            """);
        var error = Assert.Single(Assert.Single(compilation.Kernels).Diagnostics);
        Assert.Equal("a lambda of host code that is passed to a kernel is not supported in kernels", error.Message);
        Assert.Equal(1, error.Span.Line);
    }
}
