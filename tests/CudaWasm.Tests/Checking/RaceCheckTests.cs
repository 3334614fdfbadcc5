using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using static CudaWasm.Tests.Checking.CheckHarness;

namespace CudaWasm.Tests.Checking;

/// <summary>Races, planted; each is found whichever thread the engine runs first.</summary>
public sealed class RaceCheckTests
{
    [Fact]
    public void A_missing_barrier_is_a_race_that_names_both_threads_and_both_places()
    {
        const string Source = """
            __global__ void k(int *out) {
                __shared__ int tile[64];
                tile[threadIdx.x] = threadIdx.x;
                out[threadIdx.x] = tile[63 - threadIdx.x];
            }
            """;
        var report = Check(Source, new Dim3(1), new Dim3(64), new int[64]);
        var race = Assert.Single(report.Findings, f => f.Kind == CheckFindingKind.Race);
        Assert.Equal((DiagnosticSeverity.Error, DiagnosticCodes.Race), (race.Severity, race.Diagnostic.Code));
        Assert.Equal("tile", race.Buffer);
        Assert.Equal(race.Index * 4, race.Offset);
        int[] lines = [race.Diagnostic.Span.Line, race.OtherSpan.Line];
        Assert.Equal([3, 4], lines.Order());
        Assert.Equal(63u, race.ThreadIdx.X + race.OtherThreadIdx!.Value.X);
        Assert.Contains("test.cu(", race.Diagnostic.Render(), StringComparison.Ordinal);
        Assert.Single(race.Diagnostic.Notes!);
    }

    [Theory]
    // The thread that runs first writes what all others read, and the other way round.
    [InlineData("__shared__ int s; if (threadIdx.x == 0) s = 1; out[threadIdx.x] = s;")]
    [InlineData("__shared__ int s; s = 0; __syncthreads(); out[threadIdx.x] = s; if (threadIdx.x == 0) s = 2;")]
    [InlineData("__shared__ int s; if (threadIdx.x == 0) s = 0; __syncthreads(); out[threadIdx.x] = s; if (threadIdx.x == 63) s = 2;")]
    [InlineData("__shared__ int s[64]; s[threadIdx.x] = 1; __syncthreads(); if (threadIdx.x < 63) s[threadIdx.x] += s[threadIdx.x + 1]; __syncthreads(); out[threadIdx.x] = s[threadIdx.x];")]
    [InlineData("__shared__ int s[64]; s[threadIdx.x] = 1; __syncthreads(); if (threadIdx.x > 0) s[threadIdx.x] += s[threadIdx.x - 1]; __syncthreads(); out[threadIdx.x] = s[threadIdx.x];")]
    [InlineData("__shared__ int s[2]; s[threadIdx.x & 1] = threadIdx.x; __syncthreads(); out[threadIdx.x] = s[0];")]
    [InlineData("out[threadIdx.x / 2] = threadIdx.x;")]
    [InlineData("out[0] += threadIdx.x;")]
    [InlineData("int v = out[(threadIdx.x + 1) % 64]; out[threadIdx.x] = v + 1;")]
    [InlineData("__shared__ int s; if (threadIdx.x == 0) s = 0; __syncthreads(); atomicAdd(&s, 1); if (threadIdx.x == 0) s = 5; __syncthreads(); out[threadIdx.x] = s;")]
    [InlineData("__shared__ int s[64]; s[threadIdx.x] = 1; __syncwarp(); out[threadIdx.x] = s[(threadIdx.x + 32) & 63];")]
    [InlineData("__shared__ int s[64]; s[threadIdx.x] = 1; __syncwarp(0xffffu << (threadIdx.x & 16)); out[threadIdx.x] = s[threadIdx.x ^ 16];")]
    public void A_race_between_threads_of_a_block_is_an_error(string statements)
    {
        var report = Check($"__global__ void k(int *out) {{ {statements} }}", new Dim3(1), new Dim3(64), new int[64]);
        Assert.True(report.Findings.Any(f => f is { Kind: CheckFindingKind.Race, Severity: DiagnosticSeverity.Error }), Render(report));
        Assert.All(report.Findings, f => Assert.Equal(f.BlockIdx, f.OtherBlockIdx));
        Assert.False(report.IsClean);
    }

    [Fact]
    public void Lanes_of_a_warp_are_not_in_step_without_a_warp_barrier()
    {
        var report = Check("__global__ void k(int *out) { __shared__ int s[32]; s[threadIdx.x] = 1; out[threadIdx.x] = s[threadIdx.x ^ 1]; }", new Dim3(1), new Dim3(32), new int[32]);
        var race = Assert.Single(report.Findings, f => f.Kind == CheckFindingKind.Race);
        Assert.Contains("__syncwarp", race.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("int i = blockIdx.x * 8 + threadIdx.x; int v = threadIdx.x == 0 && i > 0 ? out[i - 1] : 0; if (threadIdx.x == 7) out[i] = v + 1;")]
    [InlineData("if (threadIdx.x == 0) out[0] = blockIdx.x;")]
    [InlineData("if (threadIdx.x == 0) out[blockIdx.x] = 1; __threadfence(); if (blockIdx.x == 3) out[10 + threadIdx.x] = out[threadIdx.x % 4];")]
    public void A_race_between_blocks_names_both_blocks(string statements)
    {
        var report = Check($"__global__ void k(int *out) {{ {statements} }}", new Dim3(4), new Dim3(8), new int[64]);
        Assert.True(report.Findings.Any(f => f is { Kind: CheckFindingKind.Race, Severity: DiagnosticSeverity.Error } && f.BlockIdx != f.OtherBlockIdx), Render(report));
    }

    [Fact]
    public void Writes_of_one_value_by_many_threads_are_a_note()
    {
        const string Source = "__global__ void k(int *out) { if (out[threadIdx.x + 1] == 0) out[0] = 1; }";
        var report = Check(Source, new Dim3(2), new Dim3(8), new int[9]);
        var note = Single(report);
        Assert.Equal((CheckFindingKind.Race, DiagnosticSeverity.Note, 15L), (note.Kind, note.Severity, note.Count));
        Assert.True(report.IsClean);
    }

    [Fact]
    public void A_write_that_changes_nothing_does_not_hide_one_that_did()
    {
        var report = Check("__global__ void k(int *out) { __shared__ int s; if (threadIdx.x == 0) s = 0; __syncthreads(); if (threadIdx.x < 2) s = 7; out[threadIdx.x] = s; }", new Dim3(1), new Dim3(8), new int[8]);
        Assert.Contains(report.Findings, f => f is { Kind: CheckFindingKind.Race, Severity: DiagnosticSeverity.Error });
    }

    [Fact]
    public void Zeros_that_meet_zeros_do_not_make_a_race_harmless()
    {
        var report = Check("__global__ void k(int *out) { int v = out[(threadIdx.x + 1) % 64]; out[threadIdx.x] = v; }", new Dim3(1), new Dim3(64), new int[64]);
        Assert.Equal(DiagnosticSeverity.Error, Single(report).Severity);
    }

    [Fact]
    public void A_plain_read_beside_atomics_is_a_warning()
    {
        var report = Check("__global__ void k(int *out) { if (out[0] < 5) atomicAdd(out, 1); }", new Dim3(1), new Dim3(8), new int[1]);
        var race = Single(report);
        Assert.Equal((CheckFindingKind.Race, DiagnosticSeverity.Warning), (race.Kind, race.Severity));
        Assert.Contains("updates", race.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_block_without_a_fence_is_a_warning()
    {
        var report = Check(IdiomCheckTests.LastBlock.Replace("__threadfence();", "", StringComparison.Ordinal), new Dim3(4), new Dim3(64), Enumerable.Repeat(1, 256).ToArray(), new int[4], new int[1], new int[1]);
        var race = Single(report);
        Assert.Equal((CheckFindingKind.Race, DiagnosticSeverity.Warning, "partial"), (race.Kind, race.Severity, race.Buffer));
        Assert.Contains("__threadfence()", race.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_bytes_of_a_word_may_have_two_writers()
    {
        AssertClean(Check("__global__ void k(int *out) { ((char *)out)[threadIdx.x] = threadIdx.x; }", new Dim3(1), new Dim3(64), new int[16]));
        var report = Check("__global__ void k(int *out) { out[threadIdx.x / 4] = -2; ((char *)out)[threadIdx.x] = threadIdx.x; }", new Dim3(1), new Dim3(64), new int[16]);
        Assert.Contains(report.Findings, f => f is { Kind: CheckFindingKind.Race, Severity: DiagnosticSeverity.Error });
    }

    [Fact]
    public void A_grid_barrier_orders_blocks_and_only_what_is_before_it()
    {
        const string Source = """
            #include <cooperative_groups.h>
            __global__ void k(int *out) {
                out[blockIdx.x * blockDim.x + threadIdx.x] = 1;
                cooperative_groups::this_grid().sync();
                int next = (blockIdx.x * blockDim.x + threadIdx.x + 8) % 32;
                int v = out[next];
                SECOND
                out[next] = v + 1;
            }
            """;
        AssertClean(Check(Source.Replace("SECOND", "cooperative_groups::this_grid().sync();", StringComparison.Ordinal), new Dim3(4), new Dim3(8), new int[32]));
        AssertClean(Check(Source.Replace("SECOND", "", StringComparison.Ordinal), new Dim3(4), new Dim3(8), new int[32]));
        var report = Check(Source.Replace("SECOND", "next = (next + 3) % 32;", StringComparison.Ordinal), new Dim3(32), new Dim3(1), new int[32]);
        Assert.Contains(report.Findings, f => f is { Kind: CheckFindingKind.Race, Severity: DiagnosticSeverity.Error } && f.BlockIdx != f.OtherBlockIdx);
    }
}
