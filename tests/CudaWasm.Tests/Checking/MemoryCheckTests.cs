using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using static CudaWasm.Tests.Checking.CheckHarness;

namespace CudaWasm.Tests.Checking;

/// <summary>Faults of single accesses: out of bounds, misaligned, of memory that was never written. The kernel goes on after each.</summary>
public sealed class MemoryCheckTests
{
    [Fact]
    public void A_write_out_of_bounds_is_dropped_and_the_kernel_goes_on()
    {
        const string Source = """
            __global__ void k(int *out) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                out[i + 3] = i;
            }
            """;
        var data = new int[64];
        var finding = Single(Check(Source, new Dim3(2), new Dim3(32), data));
        Assert.Equal(CheckFindingKind.OutOfBounds, finding.Kind);
        Assert.Equal(DiagnosticSeverity.Error, finding.Severity);
        Assert.Equal(DiagnosticCodes.OutOfBounds, finding.Diagnostic.Code);
        AssertAt(Source, "out[i + 3]", finding.Diagnostic.Span);
        Assert.Equal((new Dim3(1), new Dim3(29)), (new Dim3(finding.BlockIdx.X), new Dim3(finding.ThreadIdx.X)));
        Assert.Equal(("out", 256L, 64L, 3L), (finding.Buffer, finding.Offset, finding.Index, finding.Count));
        Assert.Equal(60, data[63]);
        Assert.Contains("\n      out[i + 3] = i;\n      ^~~~~~", finding.Diagnostic.Render(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("out[0] = out[-1] + 5;", -1)]
    [InlineData("__shared__ int s[4]; s[0] = 1; out[0] = s[threadIdx.x + 4] + 5;", 4)]
    [InlineData("int a[3] = {1, 2, 3}; out[0] = a[out[1] + 3] + 5;", 3)]
    [InlineData("int *p = out; for (int i = 0; i < 9; i++) p++; out[0] = *p + 5;", 9)]
    [InlineData("extern __shared__ int s[]; out[0] = s[8] + 5;", 8)]
    public void A_read_out_of_bounds_gives_zero(string statements, long index)
    {
        var data = new int[7];
        var report = Check($"__global__ void k(int *out) {{ {statements} }}", new Dim3(1), new Dim3(1), 32, [], data);
        var finding = Single(report);
        Assert.Equal((CheckFindingKind.OutOfBounds, index), (finding.Kind, finding.Index));
        Assert.Equal(5, data[0]);
    }

    [Fact]
    public void A_null_pointer_is_named()
    {
        var finding = Single(Check("__global__ void k(int *out) { int *p = out[1] ? out : nullptr; out[0] = *p; }", new Dim3(1), new Dim3(1), new int[2]));
        Assert.Equal(CheckFindingKind.OutOfBounds, finding.Kind);
        Assert.Contains("null pointer", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*(int *)((char *)out + 2) = 1;", 2)]
    [InlineData("float4 v = *(float4 *)(out + 2); out[0] = v.x;", 8)]
    [InlineData("*(float2 *)(out + 1) = make_float2(1, 2);", 4)]
    [InlineData("double d = *(double *)(out + 1); out[0] = d > 0;", 4)]
    public void An_access_at_no_multiple_of_its_size_is_misaligned(string statements, long offset)
    {
        var finding = Single(Check($"__global__ void k(int *out) {{ {statements} }}", new Dim3(1), new Dim3(1), new int[16]));
        Assert.Equal((CheckFindingKind.Misaligned, DiagnosticCodes.Misaligned), (finding.Kind, finding.Diagnostic.Code));
        Assert.Equal(("out", offset), (finding.Buffer, finding.Offset));
    }

    [Fact]
    public void Vectors_at_multiples_of_their_size_are_aligned()
    {
        AssertClean(Check("__global__ void k(int *out) { float4 v = ((float4 *)out)[1]; ((float2 *)out)[7] = make_float2(v.x, v.w); }", new Dim3(1), new Dim3(1), new int[16]));
    }

    [Theory]
    [InlineData("__shared__ int s[32]; if (threadIdx.x > 0) s[threadIdx.x] = 1; __syncthreads(); out[threadIdx.x] = s[threadIdx.x];", "s", 0)]
    [InlineData("extern __shared__ int s[]; out[threadIdx.x] = s[threadIdx.x];", "s", 0)]
    [InlineData("int a[4]; a[threadIdx.x & 1] = 1; out[threadIdx.x] = a[(threadIdx.x & 3)];", "a", 2)]
    [InlineData("struct P { int x, y; } p; P *q = threadIdx.x > 40 ? nullptr : &p; q->y = 1; out[threadIdx.x] = q->x + q->y;", "p", 0)]
    public void A_read_of_memory_that_was_never_written_is_found(string statements, string name, long index)
    {
        var finding = Single(Check($"__global__ void k(int *out) {{ {statements} }}", new Dim3(1), new Dim3(32), 128, [], new int[32]));
        Assert.Equal((CheckFindingKind.UninitializedRead, DiagnosticCodes.UninitializedRead), (finding.Kind, finding.Diagnostic.Code));
        Assert.Equal((name, index), (finding.Buffer, finding.Index));
    }

    [Fact]
    public void A_thread_does_not_see_as_written_what_the_thread_before_it_left_in_the_same_place()
    {
        var finding = Single(Check(
            "__global__ void k(int *out) { int a[2]; if (threadIdx.x == 0) { a[0] = 1; a[1] = 2; } int n = out[0]; out[threadIdx.x + 1] = a[n]; }", new Dim3(1), new Dim3(8), new int[9]));
        Assert.Equal((CheckFindingKind.UninitializedRead, 7L), (finding.Kind, finding.Count));
    }

    [Theory]
    [InlineData("float sum; for (int i = 0; i < 4; i++) sum += i; out[threadIdx.x] = sum;", "sum", 8)]
    [InlineData("int last; if (threadIdx.x == 3) last = 1; __syncthreads(); if (last) out[threadIdx.x] = 1;", "last", 7)]
    [InlineData("int x; int y = x; out[threadIdx.x] = y;", "x", 8)]
    public void A_read_of_a_variable_that_was_never_set_is_found(string statements, string name, long count)
    {
        var finding = Single(Check($"__global__ void k(int *out) {{ {statements} }}", new Dim3(1), new Dim3(8), new int[8]));
        Assert.Equal((CheckFindingKind.UninitializedRead, name, count), (finding.Kind, finding.Buffer, finding.Count));
        Assert.Equal(1, finding.Diagnostic.Span.Line);
    }

    [Theory]
    [InlineData("int x; if (threadIdx.x < 4) x = 1; out[threadIdx.x] = threadIdx.x < 4 ? x : 0;")]
    [InlineData("struct P { int x, y; } p, q; p.x = threadIdx.x; q = p; out[threadIdx.x] = q.x;")]
    [InlineData("float4 v; v.x = 1; __shared__ float4 s[8]; s[threadIdx.x] = v; __syncthreads(); float4 w = s[threadIdx.x ^ 1]; out[threadIdx.x] = w.x;")]
    [InlineData("int a[8]; for (int i = 0; i < 8; i++) a[i] = i; out[threadIdx.x] = a[threadIdx.x];")]
    [InlineData("int a[2] = {}; out[threadIdx.x] = a[threadIdx.x & 1];")]
    public void What_was_written_before_it_is_used_is_silent(string statements)
    {
        AssertClean(Check($"__global__ void k(int *out) {{ {statements} }}", new Dim3(1), new Dim3(8), new int[8]));
    }

    [Fact]
    public void A_buffer_without_content_must_be_written_first()
    {
        const string Source = "__global__ void k(int *in, int *out) { out[threadIdx.x] += in[threadIdx.x]; }";
        var finding = Single(Check(Source, new Dim3(1), new Dim3(8), 0, [1], new int[8], new int[8]));
        Assert.Equal((CheckFindingKind.UninitializedRead, "out", 8L), (finding.Kind, finding.Buffer, finding.Count));
        AssertClean(Check(Source, new Dim3(1), new Dim3(8), new int[8], new int[8]));
    }

    [Fact]
    public void What_a_kernel_merely_copies_out_of_a_buffer_without_content_is_found()
    {
        const string Source = "__global__ void k(int *in, int *out) { __shared__ int s[8]; s[threadIdx.x] = in[threadIdx.x]; __syncthreads(); out[threadIdx.x] = s[threadIdx.x ^ 1]; }";
        var finding = Single(Check(Source, new Dim3(1), new Dim3(8), 0, [0, 1], new int[8], new int[8]));
        Assert.Equal((CheckFindingKind.UninitializedRead, "in", 8L), (finding.Kind, finding.Buffer, finding.Count));
    }

    [Fact]
    public void A_buffer_that_the_kernel_fills_itself_is_silent()
    {
        AssertClean(Check("__global__ void k(int *out) { out[threadIdx.x] = 1; out[threadIdx.x] += 1; }", new Dim3(1), new Dim3(8), 0, [0], new int[8]));
    }

    [Fact]
    public void The_variables_of_a_recursive_function_begin_anew_at_every_call()
    {
        const string Source = """
            __device__ int depth(int n, int *out) {
                int path[2];
                if (n == 0) path[0] = 1;
                int below = n > 0 ? depth(n - 1, out) : 0;
                return below + path[out[1]];
            }
            __global__ void k(int *out) { out[0] = depth(2, out); }
            """;
        var finding = Single(Check(Source, new Dim3(1), new Dim3(1), new int[2]));
        Assert.Equal((CheckFindingKind.UninitializedRead, 2L), (finding.Kind, finding.Count));
        AssertAt(Source, "return below", finding.Diagnostic.Span);
    }

    [Fact]
    public void Memory_of_the_heap_begins_anew_at_every_allocation()
    {
        const string Source = """
            __global__ void k(int *out) {
                int *p = (int *)malloc(64);
                if (out[0] == 0) p[0] = 1;
                out[threadIdx.x + 1] = p[0] + p[out[0]];
                free(p);
            }
            """;
        AssertClean(Check(Source, new Dim3(1), new Dim3(4), new int[9]));
        var report = Check(Source, new Dim3(1), new Dim3(4), [1, .. new int[8]]);
        Assert.Equal([(CheckFindingKind.UninitializedRead, 0L, 4L), (CheckFindingKind.UninitializedRead, 1L, 4L)], report.Findings.Select(f => (f.Kind, f.Index!.Value, f.Count)));
        var stray = Single(Check(Source.Replace("p[0] + p", "p[16] + p", StringComparison.Ordinal), new Dim3(1), new Dim3(4), new int[9]));
        Assert.Equal((CheckFindingKind.OutOfBounds, 16L), (stray.Kind, stray.Index));
    }

    [Fact]
    public void A_fault_ends_its_block_and_the_others_run()
    {
        var data = new int[5];
        var finding = Single(Check("__global__ void k(int *out) { if (blockIdx.x == 1) out[1] = 7 / out[4]; else out[blockIdx.x] = 5; }", new Dim3(4), new Dim3(1), data));
        Assert.Equal((CheckFindingKind.Fault, DiagnosticCodes.DivisionByZero), (finding.Kind, finding.Diagnostic.Code));
        Assert.Equal(5, data[3]);
    }

    [Fact]
    public void Findings_beyond_the_limit_are_counted()
    {
        var lines = string.Concat(Enumerable.Range(0, 120).Select(i => $"out[{i + 10}] = 1;\n"));
        var report = Check($"__global__ void k(int *out) {{\n{lines} }}", new Dim3(1), new Dim3(1), new int[4]);
        Assert.Equal((100, 20L), (report.Findings.Count, report.Omitted));
        Assert.False(report.IsClean);
    }
}
