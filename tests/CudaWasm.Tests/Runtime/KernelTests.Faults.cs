using System.Text;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;

namespace CudaWasm.Tests.Runtime;

/// <summary>Kernels that go wrong: the launch ends with an error that names the place, and the device goes on working.</summary>
public abstract partial class KernelTests
{
    /// <summary>Accesses outside of an object are faults only where they are checked.</summary>
    protected virtual bool IsChecked => true;

    [Theory]
    [InlineData("x[i + 1] = 1;", "x", 16L, 15, "writes x[16], but x has 16 elements of type int")]
    [InlineData("y[i] = x[-1 - i];", "x", -1L, 0, "reads x[-1]")]
    [InlineData("y[i] = 1; y[(size_t)1 << 40] = x[i];", "y", 1L << 40, 0, "writes y[1099511627776]")]
    [InlineData("__shared__ int s[8]; s[i] = 1; y[i] = s[0];", "s", 8L, 8, "writes s[8], but s has 8 elements of type int")]
    [InlineData("extern __shared__ int d[]; d[i * 4] = 1; y[i] = d[0];", "d", 16L, 4, "writes d[16], but d has 16 elements of type int")]
    [InlineData("int a[4]; a[0] = 1; a[i] = i; y[i] = a[0];", "a", 4L, 4, "writes a[4], but a has 4 elements of type int")]
    [InlineData("y[i] = table[i];", "table", 5L, 5, "reads table[5], but table has 5 elements of type int")]
    [InlineData("int* p = i < 99 ? x : y; p += 20; *p = 3;", "x", 20L, 0, "writes x[20]")]
    [InlineData("atomicAdd(x + 17, 1);", "x", 17L, 0, "writes x[17]")]
    [InlineData("int* p = i > 3 ? nullptr : x; *p = 1;", null, null, 4, "writes through a null pointer")]
    public void Stray_accesses_name_buffer_index_thread_and_line(string statement, string? buffer, long? index, int thread, string message)
    {
        if (!IsChecked) return;
        var source = $"__constant__ int table[5];\n__global__ void k(int* x, int* y) {{\n  int i = threadIdx.x;\n  {statement}\n}}";

        var fault = Assert.Throws<KernelFaultException>(() => RunSource(source, 1, 16, 64, new int[16], new int[16]));

        Assert.Equal("CW4010", fault.Code);
        Assert.Equal((buffer, index, 4), (fault.BufferName, fault.Index, fault.Diagnostic.Span.Line));
        Assert.Equal(new Dim3(thread, 0, 0), fault.ThreadIdx);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s[flags[0]] += 7;")]
    [InlineData("s[flags[i]] += 7;")]
    [InlineData("bool on = flags[i] && x[0] == 5; s[on] += 7;")]
    [InlineData("s[flags[i] ? 1 : 0] += 7;")]
    public void A_truth_value_in_memory_is_zero_or_one_whatever_its_byte(string statement)
    {
        var source = $"__global__ void k(int *x, int *y, const bool *flags) {{ __shared__ int s[2]; __shared__ int behind[300]; int i = threadIdx.x; if (i == 0) s[0] = s[1] = 0; for (int k = i; k < 300; k += 16) behind[k] = 0; __syncthreads(); if (i == 3) {{ {statement} }} __syncthreads(); y[i] = i < 2 ? s[i] : 0; for (int k = i; k < 300; k += 16) y[i] += behind[k]; }}";
        var y = new int[16];

        RunSource(source, 1, 16, 0, Enumerable.Repeat(5, 16).ToArray(), y, Enumerable.Repeat((byte)0xFF, 16).ToArray());

        Assert.Equal([0, 7, .. new int[14]], y);
    }

    [Theory]
    [InlineData("x[0]")]
    [InlineData("x[i]")]
    public void Sums_of_an_address_that_wrap_around_64_bits_are_checked(string index)
    {
        if (!IsChecked) return;
        var source = $"struct Big {{ char bytes[0x7fffffff]; }}; __global__ void k(int *x, int *y) {{ __shared__ char s[16]; int i = threadIdx.x; s[i] = 1; __syncthreads(); unsigned n = {index} & 0x7fffffff; y[i] = ((Big *)s + n + n + n + n)->bytes[0]; }}";

        var fault = Assert.Throws<KernelFaultException>(() => RunSource(source, 1, 16, 0, Enumerable.Repeat(0x7fffffff, 16).ToArray(), new int[16]));

        Assert.Equal("CW4010", fault.Code);
    }

    [Theory]
    [InlineData("y[i] = s[x[i] * 24 + x[i ^ 1]];", "s", 5 * 24 + 5, "reads s[125]")]
    [InlineData("s[x[i] * 24] = i;", "s", 5 * 24, "writes s[120]")]
    [InlineData("if (i < 13) y[i] = ((short *)s)[x[i] * 50];", "s", 250, "reads s[250]")]
    [InlineData("if (i & 1) y[i] += x[i * 3 - 40];", "x", -37, "reads x[-37]")]
    [InlineData("if (i > 2) y[2 * i] = 1;", "y", 16, "writes y[16]")]
    public void Threads_with_indices_of_their_own_are_told_the_index_they_used(string statement, string buffer, long index, string message)
    {
        if (!IsChecked) return;
        var source = $"__global__ void k(int *x, int *y) {{ __shared__ int s[100]; int i = threadIdx.x; s[i] = i; __syncthreads(); {statement} }}";

        var fault = Assert.Throws<KernelFaultException>(() => RunSource(source, 1, 16, 0, Enumerable.Repeat(5, 16).ToArray(), new int[16]));

        Assert.Equal((buffer, index), (fault.BufferName, fault.Index));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Misaligned_accesses_are_faults()
    {
        if (!IsChecked) return;
        var fault = Assert.Throws<KernelFaultException>(() => RunSource("__global__ void k(int* x) { *(int*)((char*)x + 2) = 1; }", 1, 1, 0, new int[16]));

        Assert.Equal("CW4011", fault.Code);
    }

    [Fact]
    public void A_null_argument_may_be_compared_but_not_used()
    {
        const string Source = "__global__ void k(int* p, int* out) { if (p == nullptr) out[0] = 1; else out[0] = p[0]; if (out[1]) out[0] = p[0]; }";
        var output = new int[2];
        RunSource(Source, 1, 1, 0, null, output);
        Assert.Equal([1, 0], output);
        if (!IsChecked) return;

        var fault = Assert.Throws<KernelFaultException>(() => RunSource(Source, 1, 1, 0, null, new[] { 0, 1 }));
        Assert.Contains("null pointer (p)", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x[i] = 7 / y[i];")]
    [InlineData("x[i] = 7 % y[i];")]
    [InlineData("x[i] = 7u / (unsigned)y[i];")]
    [InlineData("x[i] = (int)(7LL / (long long)y[i]);")]
    [InlineData("x[i] /= y[i];")]
    public void Integer_division_by_zero_is_a_fault(string statement)
    {
        var y = Enumerable.Range(-3, 16).ToArray();
        var fault = Assert.Throws<KernelFaultException>(() => RunSource($"__global__ void k(int* x, int* y) {{\n  int i = threadIdx.x;\n  {statement}\n}}", 1, 16, 0, new int[16], y));

        Assert.Equal(("CW4012", 3, 3L), (fault.Code, fault.Diagnostic.Span.Line, fault.ThreadIdx.X));
    }

    [Fact]
    public void The_smallest_integer_divided_by_minus_one_is_itself()
    {
        var output = new int[2];
        RunSource("__global__ void k(int* out, int a, int b) { out[0] = a / b; out[1] = a % b; }", 1, 1, 0, output, int.MinValue, -1);
        Assert.Equal([int.MinValue, 0], output);
    }

    [Fact]
    public void The_fault_of_the_lowest_block_wins()
    {
        for (var i = 0; i < 5; i++)
        {
            var fault = Assert.Throws<KernelFaultException>(() => RunSource(
                "__global__ void k(int* x) { if (blockIdx.x >= 37) x[0] = 1 / (blockIdx.x - blockIdx.x); }", 500, 32, 0, new int[1]));
            Assert.Equal(new Dim3(37, 0, 0), fault.BlockIdx);
        }
    }

    [Fact]
    public void Recursion_without_end_is_a_fault_and_recursion_with_one_works()
    {
        const string Source = """
            __device__ int down(int n, int* p) { int here[4]; here[n & 3] = n; if (n == 0) return *p; return down(n - 1, here + (n & 3)) + 1; }
            __global__ void k(int* out, int n) { int start = 5; out[threadIdx.x] = down(n, &start); }
            """;
        var output = new int[3];
        RunSource(Source, 1, 3, 0, output, 100);
        Assert.All(output, v => Assert.Equal(101, v));

        var fault = Assert.Throws<KernelFaultException>(() => RunSource(Source, 1, 3, 0, output, 2_000_000_000));
        Assert.Equal("CW4014", fault.Code);
        RunSource(Source, 1, 3, 0, output, 7);
        Assert.All(output, v => Assert.Equal(8, v));
    }

    [Fact]
    public void Endless_loops_end_with_the_timeout_or_the_token()
    {
        const string Source = "__global__ void k(volatile int* x) { while (x[0] == 0) { } }";
        var timeout = new LaunchOptions { Timeout = TimeSpan.FromMilliseconds(50) };
        var error = Assert.Throws<KernelTimeoutException>(() => RunSource(Source, 64, 32, 0, timeout, CancellationToken.None, new int[1]));
        Assert.Equal("CW4015", error.Code);

        using var cancel = new CancellationTokenSource(50);
        Assert.ThrowsAny<OperationCanceledException>(() => RunSource(Source, 64, 32, 0, LaunchOptions.Default, cancel.Token, new int[1]));
    }

    [Fact]
    public void Failed_assertions_and_traps_end_the_launch()
    {
        var fault = Assert.Throws<KernelFaultException>(() => RunSource("__global__ void k(int n) {\n  assert(n > 5);\n}", 1, 1, 0, 3));
        Assert.Equal(("CW4017", 2), (fault.Code, fault.Diagnostic.Span.Line));
        Assert.Contains("n > 5", fault.Message, StringComparison.Ordinal);
        Assert.Equal("CW4018", Assert.Throws<KernelFaultException>(() => RunSource("__global__ void k(int n) { __trap(); }", 1, 1, 0, 3)).Code);
    }

    [Fact]
    public void Printing_keeps_the_order_of_the_blocks()
    {
        var output = new StringWriter();
        RunSource(
            "__global__ void k() { printf(\"block %d thread %u %s %.2f\\n\", blockIdx.x, threadIdx.x, \"says\", 1.5f); }",
            200, 2, 0, new LaunchOptions { Output = output }, TestContext.Current.CancellationToken);

        var expected = new StringBuilder();
        for (var b = 0; b < 200; b++) expected.Append(null, $"block {b} thread 0 says 1.50\nblock {b} thread 1 says 1.50\n");
        Assert.Equal(expected.ToString(), output.ToString());
    }

    /// <summary>Runs the only kernel of a source.</summary>
    private protected void RunSource(string source, Dim3 grid, Dim3 block, int sharedBytes, params object?[] arguments) =>
        RunSource(source, grid, block, sharedBytes, LaunchOptions.Default, TestContext.Current.CancellationToken, arguments);

    private protected void RunSource(
        string source, Dim3 grid, Dim3 block, int sharedBytes, LaunchOptions options, CancellationToken cancellationToken, params object?[] arguments)
    {
        var compilation = CudaCompiler.Compile(new SourceText("test.cu", source), new CompileOptions());
        Assert.Empty(compilation.AllDiagnostics.Select(d => d.Render()));
        using var kernel = _device.Load(Assert.Single(compilation.Kernels), Options);
        using var binding = ArgumentBinder.Bind(_device, kernel.Source, arguments);
        kernel.Launch(new LaunchConfiguration(grid, block, sharedBytes), binding.Arguments, options, cancellationToken);
        binding.CopyBack();
    }
}
