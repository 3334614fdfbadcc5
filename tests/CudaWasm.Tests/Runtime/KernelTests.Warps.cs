using CudaWasm.Runtime;

namespace CudaWasm.Tests.Runtime;

public abstract partial class KernelTests
{
    private const string Shuffles =
        """
        __global__ void shuffles(const T* in, T* out) {
            int t = threadIdx.x + blockDim.x * threadIdx.y, n = blockDim.x * blockDim.y;
            T v = in[t];
            #pragma unroll
            for (int d = 0; d < 32; d++) {
                out[d * n + t] = __shfl_up_sync(0xffffffffu, v, d);
                out[(32 + d) * n + t] = __shfl_down_sync(0xffffffffu, v, d);
                out[(64 + d) * n + t] = __shfl_xor_sync(0xffffffffu, v, d);
                out[(96 + d) * n + t] = __shfl_sync(0xffffffffu, v, d);
            }
        }
        """;

    /// <summary>Lanes as in the CUDA C++ programming guide, section Warp Shuffle Functions.</summary>
    private static IEnumerable<int> Sources(int threads)
    {
        Func<int, int, int>[] sources = [(l, d) => l >= d ? l - d : l, (l, d) => l + d < 32 ? l + d : l, (l, d) => l ^ d, (l, d) => d];
        return sources.SelectMany(source => Enumerable.Range(0, 32).SelectMany(d => Enumerable.Range(0, threads).Select(t => (t & ~31) + source(t & 31, d))));
    }

    [Theory]
    [InlineData(32, 1)]
    [InlineData(96, 1)]
    [InlineData(32, 3)]
    [InlineData(16, 4)]
    public void A_shuffle_over_any_distance_reads_the_lane_of_the_guide(int x, int y)
    {
        var threads = x * y;
        var expected = Sources(threads).ToArray();
        var (ints, floats, doubles) = (new int[128 * threads], new float[128 * threads], new double[128 * threads]);
        RunSource("typedef int T;\n" + Shuffles, 1, new Dim3(x, y), 0, Enumerable.Range(0, threads).ToArray(), ints);
        RunSource("typedef float T;\n" + Shuffles, 1, new Dim3(x, y), 0, Enumerable.Range(0, threads).Select(t => (float)t).ToArray(), floats);
        RunSource("typedef double T;\n" + Shuffles, 1, new Dim3(x, y), 0, Enumerable.Range(0, threads).Select(t => (double)t).ToArray(), doubles);
        Assert.Equal(expected, ints);
        Assert.Equal(expected, floats.Select(f => (int)f));
        Assert.Equal(expected, doubles.Select(d => (int)d));
    }

    [Fact]
    public void Warps_that_race_over_shared_memory_around_a_shuffle_keep_in_step()
    {
        // Undefined by CUDA's rules, as nothing orders the reads of best[0] before warp 0's write; found in public kernels, and right on GPUs.
        var (input, output) = (Enumerable.Range(0, 128).ToArray(), new int[128]);
        RunSource(
            """
            __global__ void k(const int* in, int* out) {
                __shared__ int best[4];
                int t = threadIdx.x, warp = t / 32;
                if (t % 32 == 0) best[warp] = in[t] + 1000;
                __syncthreads();
                int first = best[0];
                int sum = in[t];
                for (int d = 16; d > 0; d /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, d);
                if (t % 32 == 0) best[warp] = sum;
                __syncthreads();
                out[t] = first + best[warp];
            }
            """, 1, 128, 0, input, output);
        Assert.Equal(Enumerable.Range(0, 128).Select(t => 1000 + Enumerable.Range(t / 32 * 32, 32).Sum()), output);
    }

    [Fact]
    public void Votes_steer_a_warp_as_one()
    {
        var (input, output) = (new int[128], new int[128]);
        for (var i = 0; i < 128; i++) input[i] = i / 32 == 2 ? 3 : i % 5;
        RunSource(
            """
            __global__ void k(const int* in, int* out) {
                int t = threadIdx.x, v = in[t], rounds = 0;
                while (__any_sync(0xffffffffu, v > 0)) { if (v > 0) v--; rounds++; }
                unsigned odd = __ballot_sync(0xffffffffu, in[t] % 2);
                if (__all_sync(0xffffffffu, in[t] == 3)) rounds += 100;
                else if (odd & 1) rounds += 1000;
                if (__popc(odd & __activemask()) > 20) out[t] = rounds + __shfl_sync(0xffffffffu, in[t], rounds & 31);
                else out[t] = rounds;
            }
            """, 1, 128, 0, input, output);

        for (var t = 0; t < 128; t++)
        {
            var warp = input[(t & ~31)..((t & ~31) + 32)];
            var rounds = warp.Max() + (warp.All(v => v == 3) ? 100 : warp[0] % 2 == 1 ? 1000 : 0);
            Assert.Equal(warp.Count(v => v % 2 == 1) > 20 ? rounds + warp[rounds & 31] : rounds, output[t]);
        }
    }

    [Fact]
    public void Warps_sum_rows_of_any_length_and_leave_early()
    {
        const int Rows = 11;
        var starts = new int[Rows + 1];
        for (var r = 0; r < Rows; r++) starts[r + 1] = starts[r] + (r * 13 % 70);
        var values = Enumerable.Range(0, starts[^1]).Select(i => (float)(i % 17)).ToArray();
        var (sums, last) = (new float[Rows], new float[1]);
        RunSource(
            """
            __global__ void k(const int* starts, const float* values, float* sums, float* last, int rows) {
                __shared__ float kept[4];
                int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
                if (row >= rows) return;
                float sum = 0;
                for (int i = starts[row] + lane; i < starts[row + 1]; i += 32) sum += values[i];
                for (int d = 16; d > 0; d /= 2) sum += __shfl_down_sync(0xffffffffu, sum, d);
                if (lane == 0) { sums[row] = sum; kept[threadIdx.x / 32] = sum; }
                __syncwarp();
                if (row == rows - 1 && lane == 5) last[0] = kept[threadIdx.x / 32];
            }
            """, 3, 128, 0, starts, values, sums, last, Rows);

        for (var r = 0; r < Rows; r++) Assert.Equal(values[starts[r]..starts[r + 1]].Sum(), sums[r]);
        Assert.Equal(sums[^1], last[0]);
    }

    [Fact]
    public void Blocks_sum_with_shuffles_and_shared_memory()
    {
        var input = Enumerable.Range(0, 4 * 256).Select(i => (i * 37 % 101) - 50.0).ToArray();
        var output = new double[4 * 256];
        RunSource(
            """
            __global__ void k(const double* in, double* out) {
                __shared__ double partial[8];
                int t = threadIdx.x, i = blockIdx.x * 256 + t;
                double v = in[i];
                for (int d = 16; d > 0; d >>= 1) v += __shfl_xor_sync(0xffffffffu, v, d);
                if (t % 32 == 0) partial[t / 32] = v;
                __syncthreads();
                if (t < 32) {
                    v = t < 8 ? partial[t] : 0.0;
                    for (int d = 4; d > 0; d >>= 1) v += __shfl_xor_sync(0xffffffffu, v, d);
                    if (t == 0) partial[0] = v;
                }
                __syncthreads();
                out[i] = partial[0];
            }
            """, 4, 256, 0, input, output);

        for (var i = 0; i < output.Length; i++) Assert.Equal(input[(i & ~255)..((i & ~255) + 256)].Sum(), output[i]);
    }

    [Fact]
    public void Tallies_in_shared_memory_count_lanes_that_meet()
    {
        const int N = 1000;
        var input = Enumerable.Range(0, N).Select(i => i * 7919 % 256).ToArray();
        var (output, sums) = (new int[5 * 16], new float[16]);
        RunSource(
            """
            __global__ void k(const int* in, int* out, float* sums, int n) {
                __shared__ int count[16], low[16], ands[16];
                __shared__ unsigned high[16], ors[16];
                __shared__ float sum[16];
                int t = threadIdx.x;
                if (t < 16) { count[t] = 0; low[t] = 1000; high[t] = 0; ands[t] = -1; ors[t] = 0; sum[t] = 0.0f; }
                __syncthreads();
                for (int i = t; i < n; i += blockDim.x) {
                    int v = in[i], bin = v & 15;
                    atomicAdd(&count[bin], 1);
                    if (v % 3) atomicMin(&low[bin], v - 100);
                    atomicMax(&high[bin], (unsigned)v);
                    atomicAnd(&ands[bin], v | 64);
                    atomicOr(&ors[bin], 1u << (v & 31));
                    atomicAdd(&sum[bin], 0.5f * v);
                }
                __syncthreads();
                if (t < 16) {
                    out[t] = count[t]; out[16 + t] = low[t]; out[32 + t] = (int)high[t]; out[48 + t] = ands[t]; out[64 + t] = (int)ors[t];
                    sums[t] = sum[t];
                }
            }
            """, 1, 128, 0, input, output, sums, N);

        for (var bin = 0; bin < 16; bin++)
        {
            var values = input.Where(v => (v & 15) == bin).ToArray();
            Assert.Equal(values.Length, output[bin]);
            Assert.Equal(values.Where(v => v % 3 != 0).Min() - 100, output[16 + bin]);
            Assert.Equal(values.Max(), output[32 + bin]);
            Assert.Equal(values.Aggregate(-1, (a, v) => a & (v | 64)), output[48 + bin]);
            Assert.Equal(values.Aggregate(0, (a, v) => a | (1 << (v & 31))), output[64 + bin]);
            Assert.Equal(values.Sum(v => 0.5f * v), sums[bin]);
        }
    }

    [Fact]
    public void A_tally_beyond_its_array_names_the_thread_and_the_index()
    {
        if (!IsChecked) return;
        var input = Enumerable.Range(0, 64).Select(i => i == 41 ? 16 : i % 16).ToArray();
        var e = Assert.Throws<KernelFaultException>(() => RunSource(
            """
            __global__ void k(const int* in, int* out) {
                __shared__ int count[16];
                if (threadIdx.x < 16) count[threadIdx.x] = 0;
                __syncthreads();
                atomicAdd(&count[in[threadIdx.x]], 1);
                __syncthreads();
                if (threadIdx.x < 16) out[threadIdx.x] = count[threadIdx.x];
            }
            """, 1, 64, 0, input, new int[16]));
        Assert.Contains("count", e.Message);
        Assert.Contains("41", e.Message);
    }
}
