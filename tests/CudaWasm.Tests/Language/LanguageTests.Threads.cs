using CudaWasm.Runtime;

namespace CudaWasm.Tests.Language;

// Threads, shared memory, barriers, atomics, warps, printf.
public abstract partial class LanguageTests
{
    [Fact]
    public void Every_thread_of_a_three_dimensional_grid_knows_its_place()
    {
        var result = KernelHarness.Run<int>(
            """
            __global__ void k(int *out) {
                int block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
                int thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
                out[block * blockDim.x * blockDim.y * blockDim.z + thread] += block * 1000 + thread;
            }
            """,
            (2 * 3 * 2) * (4 * 2 * 3), new Dim3(2, 3, 2), new Dim3(4, 2, 3), Options);
        Assert.Equal(Enumerable.Range(0, 12 * 24).Select(i => (i / 24 * 1000) + (i % 24)), result);
    }

    [Fact]
    public void A_tree_reduction_in_shared_memory_adds_a_block()
    {
        var result = KernelHarness.Run<int>(
            """
            __global__ void k(int *out) {
                __shared__ int part[128];
                int t = threadIdx.x;
                part[t] = t * t + blockIdx.x;
                __syncthreads();
                for (int s = blockDim.x / 2; s > 0; s >>= 1) {
                    if (t < s) part[t] += part[t + s];
                    __syncthreads();
                }
                if (t == 0) out[blockIdx.x] = part[0];
            }
            """,
            5, new Dim3(5), new Dim3(128), Options);
        var squares = Enumerable.Range(0, 128).Sum(t => t * t);
        Assert.Equal(Enumerable.Range(0, 5).Select(b => squares + (128 * b)), result);
    }

    [Fact]
    public void Barriers_hold_in_device_functions_loops_and_behind_early_returns()
    {
        var result = KernelHarness.Run<int>(
            """
            __device__ int rotate(int *s, int value, int by, int n) {
                s[threadIdx.x] = value;
                __syncthreads();
                int r = s[(threadIdx.x + by) % n];
                __syncthreads();
                return r;
            }
            __global__ void k(int *out) {
                extern __shared__ int s[];
                int n = 48, t = threadIdx.x;
                if (t >= n) return;
                int v = t;
                for (int i = 1; i <= 3; i++) {
                    v = rotate(s, v, i, n) + 1;
                    if (i == 2) v += 100;
                }
                out[t] = v;
            }
            """,
            64, new Dim3(1), new Dim3(64), Options, sharedBytes: 64 * 4, fill: -1);
        Assert.Equal(Enumerable.Range(0, 64).Select(t => t < 48 ? ((t + 6) % 48) + 103 : -1), result);
    }

    [Fact]
    public void Shared_memory_may_be_declared_for_the_file()
    {
        var result = KernelHarness.Run<int>(
            """
            extern __shared__ int dynamic[];
            __shared__ int fixed[8];
            __device__ void put(int i, int v) { dynamic[i] = v; fixed[i] = v * 10; }
            __global__ void k(int *out) {
                put(threadIdx.x, threadIdx.x + 1);
                __syncthreads();
                out[threadIdx.x] = dynamic[7 - threadIdx.x] + fixed[7 - threadIdx.x];
            }
            """,
            8, new Dim3(1), new Dim3(8), Options, sharedBytes: 32);
        Assert.Equal(Enumerable.Range(0, 8).Select(t => (8 - t) * 11), result);
    }

    [Fact]
    public void Atomics_of_many_blocks_lose_nothing()
    {
        var result = KernelHarness.Run<int>(
            """
            __global__ void k(int *out) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                atomicAdd(&out[0], 1);
                atomicMax(&out[1], i);
                atomicMin(&out[2], -i);
                atomicAdd((float *)&out[3], 0.5f);
                atomicOr((unsigned *)&out[4], 1u << (i % 32));
                int old = out[5], seen;
                do { seen = old; old = atomicCAS(&out[5], seen, seen + 2); } while (old != seen);
                atomicInc((unsigned *)&out[6], 99u);
                atomicSub(&out[7], 3);
            }
            """,
            8, new Dim3(40), new Dim3(64), Options);
        Assert.Equal([2560, 2559, -2559, BitConverter.SingleToInt32Bits(1280f), -1, 5120, 60, -7680], result);
    }

    [Fact]
    public void Warps_shuffle_and_vote()
    {
        var result = KernelHarness.Run<int>(
            """
            __global__ void k(int *out) {
                int t = threadIdx.x, v = t;
                for (int d = 16; d > 0; d /= 2) v += __shfl_down_sync(0xffffffff, v, d);
                int first = __shfl_sync(0xffffffff, v, 0);
                unsigned odd = __ballot_sync(0xffffffff, t & 1);
                int up = __shfl_up_sync(0xffffffff, t, 3);
                int x = __shfl_xor_sync(0xffffffff, t, 5);
                int all = __all_sync(0xffffffff, t < 32), any = __any_sync(0xffffffff, t == 40);
                out[t] = first * 16 + (odd == 0xAAAAAAAAu) * 8 + (up == (t % 32 < 3 ? t : t - 3)) * 4 + (x == (t ^ 5)) * 2 + (all == (t < 32) && any == (t >= 32));
            }
            """,
            64, new Dim3(1), new Dim3(64), Options);
        Assert.Equal(Enumerable.Range(0, 64).Select(t => ((t < 32 ? 496 : 496 + 1024) * 16) + 15), result);
    }

    [Fact]
    public void Constants_and_device_globals_start_with_their_initialisers()
    {
        var result = KernelHarness.Run<int>(
            """
            __constant__ int weights[2][3] = {{1, 2, 3}, {4, 5}};
            __device__ int counter = 7;
            static __device__ float scale = 2.5f;
            const int N = 4;
            constexpr int M = N * 2;
            __global__ void k(int *out) {
                int t = threadIdx.x;
                if (t == 0) { out[0] = weights[1][1] + weights[1][2]; out[1] = counter; out[2] = (int)(scale * N); out[3] = M; counter = 9; out[4] = counter; }
            }
            """,
            5, new Dim3(1), new Dim3(2), Options);
        Assert.Equal([5, 7, 10, 8, 9], result);
    }

    [Fact]
    public void Printf_writes_what_c_would()
    {
        var compiled = KernelHarness.CompileOne("""__global__ void k(int *out) { printf("%d %5.2f %s %c|%-4u|%x\n", 1 - (int)threadIdx.x, 3.14159f, "text", 'z', 7u, 255); }""");
        using var output = new StringWriter();
        KernelHarness.RunOn(compiled, new int[1], new Dim3(1), new Dim3(2), Options, output: output);
        Assert.Equal("1  3.14 text z|7   |ff\n0  3.14 text z|7   |ff\n", output.ToString());
    }

    [Fact]
    public void Math_functions_follow_their_argument_types()
    {
        var result = Floats(
            """
            out[0] = sqrtf(2.0f); out[1] = sqrt(2.0); out[2] = powf(2.0f, 0.5f); out[3] = fmaxf(1.0f, NAN); out[4] = min(3, 2) + max(1u, 5u);
            out[5] = abs(-3) + fabs(-2.5); out[6] = floorf(-1.5f); out[7] = rintf(2.5f); out[8] = roundf(2.5f); out[9] = fmodf(-7.5f, 2.0f);
            out[10] = sizeof(sqrt(1.0f)); out[11] = sizeof(sqrt(1)); out[12] = __popc(255) + __clz(1) + __ffs(8); out[13] = fma(2.0f, 3.0f, 4.0f);
            float s, c; sincosf(0.5f, &s, &c); out[14] = s; out[15] = c; out[16] = rsqrtf(4.0f); out[17] = isnan(NAN) + isinf(INFINITY) * 2;
            """,
            18);
        float[] expected =
        [
            MathF.Sqrt(2), (float)Math.Sqrt(2), MathF.Pow(2, 0.5f), 1, 7, 5.5f, -2, 2, 3, -1.5f, 4, 8, 8 + 31 + 4, 10, MathF.Sin(0.5f), MathF.Cos(0.5f), 0.5f, 3,
        ];
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], result[i], 1e-6f);
    }
}
