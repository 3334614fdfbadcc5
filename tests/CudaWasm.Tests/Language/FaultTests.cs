using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;

namespace CudaWasm.Tests.Language;

/// <summary>A kernel that does wrong ends with an error that says what, where and in which thread; the process lives on.</summary>
public sealed class FaultTests
{
    [Fact]
    public void An_access_out_of_bounds_names_line_thread_buffer_and_index()
    {
        var fault = Fault("""
            __global__ void k(int *out) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                out[i + 1] = i;
            }
            """, 64, new Dim3(2), new Dim3(32));
        Assert.Equal(DiagnosticCodes.OutOfBounds, fault.Code);
        Assert.Equal(3, fault.Diagnostic.Span.Line);
        Assert.Equal((1u, 31u), (fault.BlockIdx.X, fault.ThreadIdx.X));
        Assert.Equal("out", fault.BufferName);
        Assert.Equal(64, fault.Index);
    }

    [Theory]
    [InlineData("out[-1] = 1;")]
    [InlineData("int x = out[1 << 28]; out[0] = x;")]
    [InlineData("out[1ll << 40] = 1;")]
    [InlineData("float4 *v = (float4 *)out; v[1].w = 1;")]
    [InlineData("__shared__ int s[4]; s[threadIdx.x + 4] = 1; out[0] = s[0];")]
    [InlineData("int a[3]; int n = out[0] + 3; a[n] = 1; out[1] = a[0];")]
    [InlineData("extern __shared__ int s[]; s[8] = 1; out[0] = s[0];")]
    [InlineData("int *p = out; for (int i = 0; i < 9; i++) p++; *p = 1;")]
    [InlineData("atomicAdd(out + 7, 1);")]
    [InlineData("struct { int a[2]; } s; int n = 5 + out[0]; s.a[n] = 1; out[1] = s.a[0];")]
    public void Every_kind_of_memory_is_guarded(string statements)
    {
        Assert.Equal(DiagnosticCodes.OutOfBounds, Fault($"__global__ void k(int *out) {{ {statements} }}", 7, new Dim3(1), new Dim3(1), 32).Code);
    }

    [Fact]
    public void A_null_pointer_is_a_fault_too()
    {
        var fault = Fault("__global__ void k(int *out) { int *p = out[0] ? out : nullptr; *p = 1; }", 4, new Dim3(1), new Dim3(1));
        Assert.Equal(DiagnosticCodes.OutOfBounds, fault.Code);
    }

    [Theory]
    [InlineData("out[0] = 7 / out[1];")]
    [InlineData("out[0] = 7 % out[1];")]
    [InlineData("unsigned long long z = out[1]; out[0] = 7ull / z;")]
    public void Division_by_zero_is_told(string statement) =>
        Assert.Equal(DiagnosticCodes.DivisionByZero, Fault($"__global__ void k(int *out) {{ {statement} }}", 2, new Dim3(1), new Dim3(1)).Code);

    [Fact]
    public void The_smallest_integer_divided_by_minus_one_is_no_fault()
    {
        var data = KernelHarness.Run<int>("__global__ void k(int *out) { out[2] = out[0] / (out[0] >> 31); out[3] = out[0] % (out[0] >> 31); }", 4, new Dim3(1), new Dim3(1), new LoadOptions(), fill: int.MinValue);
        Assert.Equal([int.MinValue, 0], data[2..]);
    }

    [Fact]
    public void A_barrier_that_not_all_threads_reach_is_told()
    {
        var fault = Fault("""
            __global__ void k(int *out) {
                if (threadIdx.x < 20) {
                    out[threadIdx.x] = 1;
                    __syncthreads();
                }
            }
            """, 64, new Dim3(1), new Dim3(64));
        Assert.Equal(DiagnosticCodes.DivergentBarrier, fault.Code);
        Assert.Equal(4, fault.Diagnostic.Span.Line);
    }

    [Fact]
    public void Recursion_without_end_is_stopped()
    {
        var fault = Fault("__device__ int f(int n) { return f(n + 1) + 1; }\n__global__ void k(int *out) { out[0] = f(0); }", 1, new Dim3(1), new Dim3(1));
        Assert.Equal(DiagnosticCodes.StackOverflow, fault.Code);
    }

    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("for (;;) out[0]++;")]
    [InlineData("while (*(volatile int *)out == 0) { __threadfence(); }")]
    [InlineData("for (;;) __syncthreads();")]
    public void A_loop_without_end_stops_at_the_timeout(string statement)
    {
        var compiled = KernelHarness.CompileOne($"__global__ void k(int *out) {{ {statement} }}");
        using var device = Devices.Open("cpu");
        using var kernel = device.Load(compiled);
        using var buffer = device.Allocate(4, "out");
        var options = new LaunchOptions { Timeout = TimeSpan.FromMilliseconds(100) };
        Assert.Throws<KernelTimeoutException>(() =>
            kernel.Launch(new LaunchConfiguration(new Dim3(4), new Dim3(2)), [KernelArgument.Buffer(buffer)], options, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_failed_assert_tells_its_condition()
    {
        var fault = Fault("__global__ void k(int *out) {\n  assert(out[0] == 5 && \"five\");\n}", 1, new Dim3(1), new Dim3(1));
        Assert.Equal(DiagnosticCodes.AssertionFailed, fault.Code);
        Assert.Contains("out[0] == 5", fault.Message, StringComparison.Ordinal);
        Assert.Equal(2, fault.Diagnostic.Span.Line);
    }

    private static KernelFaultException Fault(string source, int count, Dim3 grid, Dim3 block, int sharedBytes = 0) =>
        Assert.Throws<KernelFaultException>(() => KernelHarness.RunOn(KernelHarness.CompileOne(source), new int[count], grid, block, new LoadOptions(), sharedBytes));
}
