using CudaWasm.Runtime;

namespace CudaWasm.Tests.Runtime;

/// <summary>Threads that work together: atomics, warps, grids.</summary>
public abstract partial class KernelTests
{
    [Fact]
    public void Atomics_from_many_blocks_lose_nothing()
    {
        var (i, u, l, f, d) = (new int[6], new uint[5], new ulong[3], new float[1], new double[1]);
        i[3] = int.MaxValue;
        i[4] = int.MinValue;
        l[1] = ulong.MaxValue;
        RunSource(
            """
            __global__ void k(int* i, unsigned* u, unsigned long long* l, float* f, double* d) {
                int t = blockIdx.x * blockDim.x + threadIdx.x;
                atomicAdd(i, 1); atomicSub(i + 1, 2); atomicMin(i + 3, 5 - t); atomicMax(i + 4, t);
                atomicInc(u, 6); atomicDec(u + 1, 6); atomicOr(u + 2, 1u << (t % 32)); atomicXor(u + 3, 1u);
                atomicAdd(l, 3ull); atomicAnd(l + 1, ~(1ull << (t % 64))); atomicMax(l + 2, (unsigned long long)t);
                atomicAdd(f, 1.0f); atomicAdd(d, 0.5);
                int old = i[5], seen;
                do { seen = old; old = atomicCAS(i + 5, seen, seen + 1); } while (seen != old);
                if (t == 7) atomicExch(u + 4, 99u);
            }
            """, 64, 128, 0, i, u, l, f, d);

        const int N = 64 * 128;
        Assert.Equal([N, -2 * N, 0, 5 - (N - 1), N - 1, N], i);
        Assert.Equal([N % 7, Decremented(N), uint.MaxValue, 0, 99], u);
        Assert.Equal([3ul * N, 0, N - 1], l);
        Assert.Equal((N, N / 2.0), ((double)f[0], d[0]));

        static uint Decremented(int times)
        {
            uint value = 0;
            for (var n = 0; n < times; n++) value = value == 0 || value > 6 ? 6 : value - 1;
            return value;
        }
    }

    [Fact]
    public void Shuffles_read_other_lanes_or_their_own_value()
    {
        var output = new int[7 * 40];
        RunSource(
            """
            __global__ void k(int* out) {
                int t = threadIdx.x, n = blockDim.x, v = t * 10;
                out[t] = __shfl_sync(0xffffffffu, v, 3);
                out[n + t] = __shfl_up_sync(0xffffffffu, v, 2, 8);
                out[2 * n + t] = __shfl_down_sync(0xffffffffu, v, 2, 8);
                out[3 * n + t] = __shfl_xor_sync(0xffffffffu, v, 1);
                out[4 * n + t] = (int)__shfl_sync(0xffffffffu, (double)v, t + 1, 4);
                int sum = v;
                for (int d = 16; d > 0; d /= 2) sum += __shfl_down_sync(0xffffffffu, sum, d);
                out[5 * n + t] = t % 32 == 0 ? sum : 0;
                if (t % 2) v = __shfl_sync(0xffffffffu, v, 0);
                out[6 * n + t] = v;
            }
            """, 1, 40, 0, output);

        int Lane(int t, int lane) => ((t / 32 * 32) + lane) is var source && source < 40 ? source * 10 : t * 10;
        for (var t = 0; t < 40; t++)
        {
            var lane = t % 32;
            Assert.Equal(Lane(t, 3), output[t]);
            Assert.Equal(lane % 8 >= 2 ? Lane(t, lane - 2) : t * 10, output[40 + t]);
            Assert.Equal(lane % 8 < 6 ? Lane(t, lane + 2) : t * 10, output[80 + t]);
            Assert.Equal(Lane(t, lane ^ 1), output[120 + t]);
            Assert.Equal(Lane(t, (lane & ~3) + ((t + 1) & 3)), output[160 + t]);
            // Lane 0 of the second branch is not there: every lane keeps its own value.
            Assert.Equal(t * 10, output[240 + t]);
        }

        Assert.Equal(Enumerable.Range(0, 32).Sum() * 10, output[200]);
    }

    [Fact]
    public void Votes_matches_and_reductions_cover_the_lanes_that_are_here()
    {
        var output = new uint[8 * 32];
        RunSource(
            """
            __global__ void k(unsigned* out) {
                int t = threadIdx.x;
                out[t] = __ballot_sync(0xffffffffu, t % 3 == 0);
                out[32 + t] = __any_sync(0xffffffffu, t == 9);
                out[64 + t] = __all_sync(0xffffffffu, t < 31);
                out[96 + t] = __match_any_sync(0xffffffffu, t / 10);
                out[128 + t] = __reduce_add_sync(0xffffffffu, (unsigned)t);
                out[160 + t] = (unsigned)__reduce_min_sync(0xffffffffu, t - 20);
                if (t >= 24) out[192 + t] = __activemask();
                if (t < 4) out[224 + t] = __ballot_sync(0xfu, t != 2);
            }
            """, 1, 32, 0, output);

        Assert.Equal(0x49249249u, output[0]);
        Assert.Equal((1u, 0u), (output[32], output[64]));
        Assert.Equal([0x3FFu, 0xFFC00u, 0x3FF00000u, 0xC0000000u], new[] { output[96], output[106], output[116], output[127] });
        Assert.Equal(496u, output[130]);
        Assert.Equal(unchecked((uint)-20), output[165]);
        Assert.Equal(0xFF000000u, output[192 + 24]);
        Assert.Equal([11u, 11u, 11u, 11u, 0u], output[224..229]);
    }

    [Fact]
    public void Warps_that_exchange_through_volatile_shared_memory_run_in_step()
    {
        var sums = new int[3];
        RunSource(
            """
            __device__ void warpReduce(volatile int* s, unsigned t) {
                s[t] += s[t + 32]; s[t] += s[t + 16]; s[t] += s[t + 8]; s[t] += s[t + 4]; s[t] += s[t + 2]; s[t] += s[t + 1];
            }
            __global__ void k(const int* in, int* out) {
                extern __shared__ int s[];
                unsigned t = threadIdx.x;
                s[t] = in[blockIdx.x * blockDim.x + t];
                __syncthreads();
                for (unsigned d = blockDim.x / 2; d > 32; d >>= 1) { if (t < d) s[t] += s[t + d]; __syncthreads(); }
                if (t < 32) warpReduce(s, t);
                if (t == 0) out[blockIdx.x] = s[0];
            }
            """, 3, 128, 512, Enumerable.Range(1, 384).ToArray(), sums);

        Assert.Equal(Enumerable.Range(0, 3).Select(b => Enumerable.Range((b * 128) + 1, 128).Sum()), sums);
    }

    [Fact]
    public void A_grid_can_wait_for_all_its_blocks()
    {
        const string Source = """
            #include <cooperative_groups.h>
            namespace cg = cooperative_groups;
            __global__ void k(int* data, int* out) {
                cg::grid_group grid = cg::this_grid();
                int t = blockIdx.x * blockDim.x + threadIdx.x, n = gridDim.x * blockDim.x;
                for (int round = 0; round < 3; round++) {
                    int v = data[(t + 1) % n];
                    grid.sync();
                    data[t] = v + 1;
                    grid.sync();
                }
                out[t] = data[t];
            }
            """;
        var output = new int[8 * 4];
        RunSource(Source, 8, 4, 0, Enumerable.Range(0, 32).ToArray(), output);
        Assert.Equal(Enumerable.Range(0, 32).Select(t => ((t + 3) % 32) + 3), output);

        var error = Assert.Throws<KernelArgumentException>(() => RunSource(Source, 2000, 1, 0, new int[2000], new int[2000]));
        Assert.Equal("CW4002", error.Code);
    }

    [Fact]
    public void A_grid_that_waits_stops_when_a_block_faults()
    {
        var fault = Assert.Throws<KernelFaultException>(() => RunSource(
            """
            #include <cooperative_groups.h>
            __global__ void k(int* data, int zero) {
                if (blockIdx.x == 2) data[0] = 1 / zero;
                cooperative_groups::this_grid().sync();
            }
            """, 4, 4, 0, new int[1], 0));
        Assert.Equal(new Dim3(2, 0, 0), fault.BlockIdx);
    }
}
