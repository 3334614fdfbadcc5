using CudaWasm.Runtime;
using static CudaWasm.Tests.Checking.CheckHarness;

namespace CudaWasm.Tests.Checking;

/// <summary>Correct programs in the ways that people write them: nothing may be found in them.</summary>
public sealed class IdiomCheckTests
{
    /// <summary>As in CUDA's threadFenceReduction: the block that finishes last sums up what all blocks wrote.</summary>
    internal const string LastBlock = """
        __global__ void k(const int *in, int *partial, int *result, unsigned *count) {
            __shared__ int sums[64];
            __shared__ bool isLast;
            sums[threadIdx.x] = in[blockIdx.x * blockDim.x + threadIdx.x];
            __syncthreads();
            for (int s = blockDim.x / 2; s > 0; s /= 2) {
                if (threadIdx.x < s) sums[threadIdx.x] += sums[threadIdx.x + s];
                __syncthreads();
            }
            if (threadIdx.x == 0) {
                partial[blockIdx.x] = sums[0];
                __threadfence();
                isLast = atomicInc(count, gridDim.x) == gridDim.x - 1;
            }
            __syncthreads();
            if (isLast && threadIdx.x == 0) {
                int total = 0;
                for (int i = 0; i < gridDim.x; i++) total += partial[i];
                *result = total;
            }
        }
        """;

    [Fact]
    public void The_last_block_may_read_what_all_blocks_wrote()
    {
        var (input, result) = (Enumerable.Repeat(1, 256).ToArray(), new int[1]);
        AssertClean(Check(LastBlock, new Dim3(4), new Dim3(64), input, new int[4], result, new int[1]));
        Assert.Equal(256, result[0]);
    }

    [Fact]
    public void A_tree_reduction_in_shared_memory()
    {
        AssertClean(Check("""
            __global__ void k(int *in, int *out) {
                extern __shared__ int s[];
                s[threadIdx.x] = in[blockIdx.x * blockDim.x + threadIdx.x];
                __syncthreads();
                for (unsigned int d = 1; d < blockDim.x; d *= 2) {
                    if (threadIdx.x % (2 * d) == 0) s[threadIdx.x] += s[threadIdx.x + d];
                    __syncthreads();
                }
                if (threadIdx.x == 0) out[blockIdx.x] = s[0];
            }
            """, new Dim3(3), new Dim3(128), 512, [1], new int[384], new int[3]));
    }

    [Fact]
    public void A_reduction_by_shuffles_with_one_value_a_warp()
    {
        AssertClean(Check("""
            __global__ void k(int *in, int *out) {
                __shared__ int warps[32];
                int v = in[threadIdx.x], lane = threadIdx.x % 32, warp = threadIdx.x / 32;
                for (int d = 16; d > 0; d /= 2) v += __shfl_down_sync(0xffffffff, v, d);
                if (lane == 0) warps[warp] = v;
                __syncthreads();
                if (warp == 0) {
                    v = lane < blockDim.x / 32 ? warps[lane] : 0;
                    for (int d = 16; d > 0; d /= 2) v += __shfl_down_sync(0xffffffff, v, d);
                    if (lane == 0) *out = v;
                }
            }
            """, new Dim3(1), new Dim3(128), 0, [1], new int[128], new int[1]));
    }

    [Fact]
    public void The_last_warp_in_step_through_volatile_shared_memory()
    {
        AssertClean(Check("""
            __global__ void k(int *in, int *out) {
                __shared__ int s[128];
                unsigned t = threadIdx.x;
                s[t] = in[t];
                __syncthreads();
                if (t < 64) s[t] += s[t + 64];
                __syncthreads();
                if (t < 32) {
                    volatile int *v = s;
                    v[t] += v[t + 32];
                    v[t] += v[t + 16];
                    v[t] += v[t + 8];
                    v[t] += v[t + 4];
                    v[t] += v[t + 2];
                    v[t] += v[t + 1];
                }
                if (t == 0) *out = s[0];
            }
            """, new Dim3(1), new Dim3(128), new int[128], new int[1]));
    }

    [Fact]
    public void Lanes_in_step_by_warp_barriers()
    {
        AssertClean(Check("""
            __global__ void k(int *in, int *out) {
                __shared__ int s[64];
                int t = threadIdx.x, lane = t & 31;
                s[t] = in[t];
                __syncwarp();
                for (int d = 1; d < 32; d *= 2) {
                    int v = lane >= d ? s[t - d] : 0;
                    __syncwarp();
                    s[t] += v;
                    __syncwarp();
                }
                out[t] = s[t];
            }
            """, new Dim3(1), new Dim3(64), new int[64], new int[64]));
    }

    [Fact]
    public void Tiles_of_a_warp_that_go_their_own_ways()
    {
        AssertClean(Check("""
            #include <cooperative_groups.h>
            namespace cg = cooperative_groups;
            __global__ void k(int *in, int *out) {
                __shared__ int s[64];
                auto tile = cg::tiled_partition<8>(cg::this_thread_block());
                int t = threadIdx.x;
                if (t / 8 % 2 == 0) {
                    s[t] = in[t];
                    tile.sync();
                    out[t] = s[t ^ 7] + cg::reduce(tile, in[t], cg::plus<int>());
                } else {
                    out[t] = 0;
                }
            }
            """, new Dim3(1), new Dim3(64), new int[64], new int[64]));
    }

    [Fact]
    public void The_two_sides_of_a_branch_may_meet_in_one_warp_operation()
    {
        AssertClean(Check(
            "__global__ void k(int *out) { if (threadIdx.x < 16) { out[threadIdx.x] = 1; __syncwarp(); } else { __syncwarp(); out[threadIdx.x] = 2; } }", new Dim3(1), new Dim3(32), new int[32]));
    }

    [Fact]
    public void Two_tiles_by_turns()
    {
        AssertClean(Check("""
            __global__ void k(int *in, int *out) {
                __shared__ int tile[2][32];
                int sum = 0;
                tile[0][threadIdx.x] = in[threadIdx.x];
                __syncthreads();
                for (int i = 1; i <= 8; i++) {
                    if (i < 8) tile[i & 1][threadIdx.x] = in[i * 32 + threadIdx.x];
                    sum += tile[(i & 1) ^ 1][31 - threadIdx.x];
                    __syncthreads();
                }
                out[threadIdx.x] = sum;
            }
            """, new Dim3(1), new Dim3(32), new int[256], new int[32]));
    }

    [Fact]
    public void A_histogram_in_shared_and_global_memory()
    {
        AssertClean(Check("""
            __global__ void k(unsigned char *in, int *out) {
                __shared__ int bins[16];
                if (threadIdx.x < 16) bins[threadIdx.x] = 0;
                __syncthreads();
                for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < 512; i += gridDim.x * blockDim.x) atomicAdd(&bins[in[i] & 15], 1);
                __syncthreads();
                if (threadIdx.x < 16) atomicAdd(&out[threadIdx.x], bins[threadIdx.x]);
            }
            """, new Dim3(3), new Dim3(64), new int[128], new int[16]));
    }

    [Fact]
    public void A_matrix_transposed_through_a_tile()
    {
        AssertClean(Check("""
            __global__ void k(int *in, int *out) {
                __shared__ int tile[8][9];
                int x = blockIdx.x * 8 + threadIdx.x, y = blockIdx.y * 8 + threadIdx.y;
                tile[threadIdx.y][threadIdx.x] = in[y * 16 + x];
                __syncthreads();
                x = blockIdx.y * 8 + threadIdx.x; y = blockIdx.x * 8 + threadIdx.y;
                out[y * 16 + x] = tile[threadIdx.x][threadIdx.y];
            }
            """, new Dim3(2, 2), new Dim3(8, 8), 0, [1], new int[256], new int[256]));
    }

    [Fact]
    public void Threads_that_have_nothing_to_do_may_return_where_no_barrier_follows()
    {
        AssertClean(Check("__global__ void k(int *out) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i >= 50) return; out[i] = i; }", new Dim3(2), new Dim3(32), new int[50]));
    }

    [Fact]
    public void The_last_block_sets_the_counter_back()
    {
        AssertClean(Check(LastBlock.Replace("*result = total;", "*result = total; *count = 0;", StringComparison.Ordinal), new Dim3(4), new Dim3(64), new int[256], new int[4], new int[1], new int[1]));
    }

    [Fact]
    public void A_struct_that_is_copied_whole_is_used_in_part()
    {
        AssertClean(Check("""
            struct Body { float pos[2], acc[2]; };
            __global__ void k(Body *b) {
                Body mine = b[threadIdx.x];
                for (int j = 0; j < blockDim.x; j++) {
                    Body other = b[j];
                    mine.acc[0] += other.pos[0];
                    mine.acc[1] += other.pos[1];
                }
                b[threadIdx.x].acc[0] = mine.acc[0];
                b[threadIdx.x].acc[1] = mine.acc[1];
            }
            """, new Dim3(1), new Dim3(16), new int[64]));
    }

    [Fact]
    public void A_maximum_made_of_compare_and_swap_is_a_note()
    {
        var report = Check("""
            __global__ void k(int *max) {
                int value = (threadIdx.x * 7) % 31, old = *max;
                while (old < value) {
                    int assumed = old;
                    old = atomicCAS(max, assumed, value);
                    if (old == assumed) break;
                }
            }
            """, new Dim3(2), new Dim3(64), new int[1]);
        Assert.True(report.IsClean, Render(report));
        Assert.All(report.Findings, f => Assert.Equal(CudaWasm.Compiler.Text.DiagnosticSeverity.Note, f.Severity));
    }

    [Fact]
    public void What_a_lock_guards_is_left_undecided()
    {
        var report = Check("""
            __global__ void k(int *lock, int *out) {
                if (threadIdx.x % 32 == 0) {
                    while (atomicCAS(lock, 0, 1) != 0) { }
                    *out += 1;
                    __threadfence();
                    atomicExch(lock, 0);
                }
            }
            """, new Dim3(2), new Dim3(64), new int[1], new int[1]);
        Assert.True(report.Findings.Count == 0, Render(report));
        Assert.True(report.IsClean);
        Assert.True(report.Undecided > 0);
    }
}
