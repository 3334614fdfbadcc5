using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using static CudaWasm.Tests.Checking.CheckHarness;

namespace CudaWasm.Tests.Checking;

/// <summary>Barriers and warp operations that some threads do not reach.</summary>
public sealed class BarrierCheckTests
{
    [Fact]
    public void Two_sides_of_a_branch_that_wait_at_two_barriers_are_one_error_with_both_places()
    {
        const string Source = """
            __global__ void k(int *out) {
                if (threadIdx.x < 10) {
                    __syncthreads();
                } else {
                    out[threadIdx.x] = 1; __syncthreads();
                }
            }
            """;
        var finding = Single(Check(Source, new Dim3(1), new Dim3(64), new int[64]));
        Assert.Equal((CheckFindingKind.DivergentBarrier, DiagnosticSeverity.Error, DiagnosticCodes.DivergentBarrier), (finding.Kind, finding.Severity, finding.Diagnostic.Code));
        Assert.Equal((3, 5), (finding.Diagnostic.Span.Line, finding.OtherSpan.Line));
        Assert.Equal((0u, 10u), (finding.ThreadIdx.X, finding.OtherThreadIdx!.Value.X));
    }

    [Fact]
    public void Threads_that_pass_by_a_barrier_and_wait_at_the_next_are_an_error()
    {
        const string Source = """
            __global__ void k(int *out) {
                for (int i = 0; i < threadIdx.x; i++) {
                    __syncthreads();
                }
                out[threadIdx.x] = 1;
                __syncthreads(); // all
            }
            """;
        var finding = Single(Check(Source, new Dim3(1), new Dim3(4), new int[4]));
        Assert.Equal((CheckFindingKind.DivergentBarrier, DiagnosticSeverity.Error), (finding.Kind, finding.Severity));
        Assert.Equal((3, 6), (finding.Diagnostic.Span.Line, finding.OtherSpan.Line));
    }

    [Fact]
    public void Threads_that_pass_by_a_barrier_and_end_are_a_warning()
    {
        var finding = Single(Check("__global__ void k(int *out) { if (threadIdx.x < 10) __syncthreads(); out[threadIdx.x] = 1; }", new Dim3(1), new Dim3(64), new int[64]));
        Assert.Equal((CheckFindingKind.DivergentBarrier, DiagnosticSeverity.Warning, 10u), (finding.Kind, finding.Severity, finding.OtherThreadIdx!.Value.X));
    }

    [Fact]
    public void Threads_that_returned_before_a_barrier_are_a_note()
    {
        var report = Check("__global__ void k(int *out) { if (threadIdx.x >= 50) return; out[threadIdx.x] = 1; __syncthreads(); out[threadIdx.x] += 1; }", new Dim3(1), new Dim3(64), new int[64]);
        var finding = Single(report);
        Assert.Equal((CheckFindingKind.DivergentBarrier, DiagnosticSeverity.Note, 50u), (finding.Kind, finding.Severity, finding.OtherThreadIdx!.Value.X));
        Assert.True(report.IsClean);
    }

    [Fact]
    public void A_barrier_under_a_condition_that_is_the_same_for_all_is_silent()
    {
        AssertClean(Check("__global__ void k(int *out) { for (int i = 0; i < out[0] + 3; i++) { if (i & 1) __syncthreads(); } }", new Dim3(1), new Dim3(64), new int[1]));
    }

    [Fact]
    public void A_mask_that_names_lanes_which_do_not_come_is_a_warning()
    {
        var finding = Single(Check("__global__ void k(int *out) { int v = threadIdx.x; if (threadIdx.x < 16) v = __shfl_down_sync(0xffffffff, v, 1); out[threadIdx.x] = v; }", new Dim3(1), new Dim3(32), new int[32]));
        Assert.Equal((CheckFindingKind.DivergentWarp, DiagnosticSeverity.Warning, DiagnosticCodes.DivergentWarp), (finding.Kind, finding.Severity, finding.Diagnostic.Code));
        Assert.Equal((0u, 16u), (finding.ThreadIdx.X, finding.OtherThreadIdx!.Value.X));
    }

    [Fact]
    public void A_mask_without_the_own_lane_is_an_error()
    {
        var report = Check("__global__ void k(int *out) { out[threadIdx.x] = __shfl_sync(0x0000ffff, out[threadIdx.x], 0); }", new Dim3(1), new Dim3(32), new int[32]);
        Assert.Contains(report.Findings, f => f is { Kind: CheckFindingKind.DivergentWarp, Severity: DiagnosticSeverity.Error, ThreadIdx.X: 16 });
    }

    [Theory]
    [InlineData("int v = threadIdx.x; if (threadIdx.x < 16) v = __shfl_down_sync(__activemask(), v, 1); out[threadIdx.x] = v;")]
    [InlineData("int v = threadIdx.x; if (threadIdx.x < 16) v = __shfl_down_sync(0xffff, v, 1); out[threadIdx.x] = v;")]
    [InlineData("if (threadIdx.x >= 20) return; out[threadIdx.x] = __shfl_sync(0xffffffff, threadIdx.x, 0);")]
    public void Masks_of_lanes_that_come_are_silent(string statements)
    {
        AssertClean(Check($"__global__ void k(int *out) {{ {statements} }}", new Dim3(1), new Dim3(32), new int[32]));
    }
}
