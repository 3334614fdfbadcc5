using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;

namespace CudaWasm.Tests.Measuring;

/// <summary>The numbers that the compiler counts, against those worked out by hand.</summary>
public sealed class OperationCountTests
{
    [Fact]
    public void A_triad_moves_twelve_bytes_and_makes_two_operations_an_element()
    {
        const int N = 1000;
        var measured = Measure(
            "__global__ void k(float *a, const float *b, const float *c, int n) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) a[i] = b[i] + 3.0f * c[i]; }",
            new LaunchConfiguration(4, 256), new float[N], new float[N], new float[N], N);
        Assert.Equal(12 * N, measured.AccessedBytes);
        Assert.Equal(12 * N, measured.Bytes);
        Assert.Equal(2 * N, measured.FloatOperations);
        Assert.Equal(0, measured.DoubleOperations);
        Assert.Equal(1, measured.CountedShare);
        Assert.Equal((4L, 1024L), (measured.Blocks, measured.Threads));
    }

    [Fact]
    public void Rounds_of_loops_are_counted_as_they_run()
    {
        // Thread i makes i rounds, reads the bound each time it looks at it, and leaves some rounds early.
        var measured = Measure(
            "__global__ void k(const int *bound, float *out) { float s = 0; for (int j = 0; j < bound[threadIdx.x]; j++) { if (j % 2) continue; s += 1.0f; } out[threadIdx.x] = s; }",
            new LaunchConfiguration(1, 40), Enumerable.Range(0, 40).ToArray(), new float[40]);
        Assert.Equal(Enumerable.Range(0, 40).Sum(i => (4 * (i + 1)) + 4), measured.AccessedBytes);
        Assert.Equal(Enumerable.Range(0, 40).Sum(i => (i + 1) / 2), measured.FloatOperations);
    }

    [Fact]
    public void Only_the_side_of_a_condition_that_is_taken_counts()
    {
        var measured = Measure(
            "__global__ void k(const float *x, float *y) { int i = threadIdx.x; y[i] = i < 8 && x[i] > 0.0f ? x[i] * x[i] + 1.0f : 0.0f; }",
            new LaunchConfiguration(1, 32), Enumerable.Repeat(1f, 32).ToArray(), new float[32]);
        Assert.Equal((8 * 3 * 4) + (32 * 4), measured.AccessedBytes);
        Assert.Equal(8 * 2, measured.FloatOperations);
    }

    [Fact]
    public void Memory_of_the_block_does_not_count_and_threads_that_return_early_do()
    {
        var measured = Measure(
            """
            __global__ void k(const float *in, float *out, int n)
            {
                __shared__ float tile[64];
                tile[threadIdx.x] = in[threadIdx.x];
                __syncthreads();
                if (threadIdx.x >= n) return;
                out[threadIdx.x] = tile[63 - threadIdx.x] * 2.0f;
            }
            """,
            new LaunchConfiguration(1, 64), new float[64], new float[64], 10);
        Assert.Equal((64 * 4) + (10 * 4), measured.AccessedBytes);
        Assert.Equal(10, measured.FloatOperations);
    }

    [Fact]
    public void What_is_read_again_comes_from_caches()
    {
        const int N = 32;
        var measured = Measure(
            "__global__ void k(const float *a, const float *b, float *c, int n) { int x = threadIdx.x, y = blockIdx.x; float s = 0; for (int i = 0; i < n; i++) s += a[y * n + i] * b[i * n + x]; c[y * n + x] = s; }",
            new LaunchConfiguration(N, N), new float[N * N], new float[N * N], new float[N * N], N);
        Assert.Equal((8.0 * N * N * N) + (4 * N * N), measured.AccessedBytes);
        Assert.Equal(3.0 * 4 * N * N, measured.Bytes);
        Assert.Equal(2.0 * N * N * N, measured.FloatOperations);
    }

    [Fact]
    public void Doubles_functions_and_atomics_have_their_own_weights()
    {
        var measured = Measure(
            "__global__ void k(double *sum, float *y) { double d = sqrt(2.0 + threadIdx.x); y[threadIdx.x] = fmaf(y[threadIdx.x], 2.0f, fabsf(y[threadIdx.x])); atomicAdd(sum, d); }",
            new LaunchConfiguration(1, 16), new double[1], new float[16]);
        Assert.Equal(16 * 3, measured.DoubleOperations);
        Assert.Equal(16 * 2, measured.FloatOperations);
        Assert.Equal(16 * ((2 * 8) + (3 * 4)), measured.AccessedBytes);
        Assert.Equal((2 * 8) + (2 * 16 * 4), measured.Bytes);
    }

    [Fact]
    public void Functions_that_call_themselves_count_too()
    {
        var measured = Measure(
            "__device__ float power(float x, int n) { return n == 0 ? 1.0f : x * power(x, n - 1); } __global__ void k(float *y) { y[threadIdx.x] = power(2.0f, threadIdx.x); }",
            new LaunchConfiguration(1, 8), new float[8]);
        Assert.Equal(Enumerable.Range(0, 8).Sum(), measured.FloatOperations);
    }

    [Fact]
    public void Blocks_stand_for_others_when_time_is_short()
    {
        var measured = Measure(
            "__global__ void k(float *y) { y[blockIdx.x * blockDim.x + threadIdx.x] = threadIdx.x * 2.0f; }",
            new LaunchConfiguration(4096, 32), new MeasureOptions { Repeat = 1, Warmup = 0, CountTime = TimeSpan.Zero }, new float[4096 * 32]);
        Assert.InRange(measured.CountedShare, 1e-9, 0.01);
        Assert.Equal(4096 * 32, measured.FloatOperations, 1e-6 * 4096 * 32);
    }

    [Theory]
    [InlineData("y[i] = i;", 1.0, 1.0)]
    [InlineData("if (i % 32 < 16) for (int j = 0; j < 1000; j++) y[i] += 1.0f;", 0.49, 0.52)]
    [InlineData("for (int j = 0; j < 320; j++) if (j % 32 == i % 32) for (int k = 0; k < 1000; k++) y[i] += 1.0f;", 0.03, 0.05)]
    [InlineData("switch (i % 2) { case 0: for (int j = 0; j < 500; j++) y[i] += 1.0f; break; default: for (int j = 0; j < 500; j++) y[i] -= 1.0f; }", 0.49, 0.52)]
    [InlineData("int j = 0; while (true) { if (j >= 10 * (i % 32)) return; j++; y[i] += 1.0f; }", 0.45, 0.55)]
    public void Active_lanes_are_those_of_a_warp_in_step(string body, double from, double to)
    {
        var measured = Measure($"__global__ void k(float *y) {{ int i = threadIdx.x; {body} }}", new LaunchConfiguration(2, 64), new float[64]);
        Assert.InRange(measured.ActiveLanes!.Value, from, to);
    }

    [Fact]
    public void Every_launch_begins_with_the_same_inputs_and_the_arrays_stay()
    {
        float[] y = [1, 2, 3];
        var measured = Measure(
            "__device__ int calls; __global__ void k(float *y, int n) { if (calls++ > 0) __trap(); if (y[0] != 1.0f) __trap(); for (int i = 0; i < n; i++) y[i] += 1.0f; }",
            new LaunchConfiguration(1, 1), new MeasureOptions { Repeat = 3, Warmup = 1 }, y, 3);
        Assert.Equal([1f, 2f, 3f], y);
        Assert.Equal(3, measured.Times.Count);
        Assert.Equal(measured.Times.Min(), measured.Min);
        Assert.InRange(measured.Median, measured.Min, measured.Times.Max());
    }

    [Fact]
    public void The_reason_of_code_without_vectors_is_told()
    {
        const string Source = "__global__ void k(float *y) { y[threadIdx.x] = 1.0f; }";
        var scalar = Measure(Source, new LaunchConfiguration(1, 32), new MeasureOptions { Repeat = 1, VectorBits = 0 }, new float[32]);
        Assert.Equal(0, scalar.VectorBits);
        Assert.NotNull(scalar.ScalarReason);
        var vector = Measure(Source, new LaunchConfiguration(1, 32), new MeasureOptions { Repeat = 1, VectorBits = 128 }, new float[32]);
        Assert.Equal((128, null), (vector.VectorBits, vector.ScalarReason));
    }

    [Fact]
    public void Shares_are_of_what_the_machine_can_do()
    {
        var measured = Measure("__global__ void k(float *y) { y[threadIdx.x] = y[threadIdx.x] * 2.0f; }", new LaunchConfiguration(1, 32), new float[32]);
        Assert.True(measured.Machine!.GigabytesPerSecond > 0);
        // No core has more than two units of 16 floats and 8 GHz.
        Assert.InRange(measured.Machine.GigaflopsPerSecond / measured.Machine.Cores, double.Epsilon, 2 * 2 * 16 * 8);
        Assert.Equal(measured.GigabytesPerSecond / measured.Machine.GigabytesPerSecond, measured.BandwidthShare!.Value, 1e-12);
        Assert.Equal(measured.GigaflopsPerSecond / measured.Machine.GigaflopsPerSecond, measured.PeakShare!.Value, 1e-12);
        Assert.Equal(2 * 32 * 4 / measured.Median.TotalSeconds / 1e9, measured.GigabytesPerSecond, 1e-12);
    }

    [Fact]
    public void A_fault_is_told_as_that_of_the_kernel_itself() =>
        Assert.Throws<KernelFaultException>(() => Measure("__global__ void k(float *y) { y[threadIdx.x] = 1.0f; }", new LaunchConfiguration(1, 32), new float[8]));

    private static KernelMeasurement Measure(string source, LaunchConfiguration configuration, params object?[] arguments) =>
        Measure(source, configuration, new MeasureOptions { Repeat = 1, Warmup = 0 }, arguments);

    private static KernelMeasurement Measure(string source, LaunchConfiguration configuration, MeasureOptions options, params object?[] arguments)
    {
        var kernel = CudaCompiler.Compile(new SourceText("test.cu", source), new CompileOptions()).Kernels.Single();
        Assert.True(kernel.Succeeded, string.Join('\n', kernel.Diagnostics));
        using var device = Devices.Open("cpu");
        return KernelMeasurer.Measure(device, kernel, configuration, arguments, options, TestContext.Current.CancellationToken);
    }
}
