using CudaWasm.Tests.Robustness;
using static CudaWasm.Tests.Syntax.SyntaxTesting;

namespace CudaWasm.Tests.Syntax;

/// <summary>Damaged files give diagnostics, never an exception. Seeded, so that a failure comes again.</summary>
public class FuzzTests
{
    internal const string Sample = """
        #include <cuda_runtime.h>
        #include "missing.cuh"
        #ifndef TILE
        #define TILE(n) ((n) < 16 ? 16 : (n))
        #endif
        #define CHECK(call, ...) do { auto e = (call); if (e) printf(#call, ##__VA_ARGS__); } while (0)
        namespace math { template <typename T> __host__ __device__ constexpr T square(T x) { return x * x; } }
        template <typename T, int N = 4, typename... Rest>
        struct __align__(16) Pack {
            T data[N];
            union { int i; float f; };
            static constexpr int size = N;
            __device__ Pack(const T& a, Rest... rest) : data{a}, i(0) { ((i += rest), ...); }
            __device__ Pack& operator+=(const Pack& o) { for (int k = 0; k < N; ++k) data[k] += o.data[k]; return *this; }
            __device__ operator T() const { return data[0]; }
        };
        enum class Mode : unsigned char { Fast = 1, Slow = Fast << 2 };
        typedef float (*fn_t)(float, const int[4]);
        __constant__ float table[2][3] = {{1.f, 2.f, 3.f}, {0x1p-2f, .5e3f, 1'000.0f}};
        extern "C" __global__ void __launch_bounds__(TILE(256)) kernel(float* __restrict__ out, Pack<int, 8> p, Mode m = Mode::Fast)
        {
            __shared__ float tile[TILE(4)][TILE(4) + 1];
            extern __shared__ unsigned char raw[];
            const auto idx = blockIdx.x * blockDim.x + threadIdx.x;
            #pragma unroll 4
            for (int i = 0, j = 1; i < 8 && j > 0; i++, j <<= 1) {
                switch (i & 3) { case 0: case 1: continue; default: break; }
                tile[i % 4][j] = static_cast<float>(p.data[i]) * (float)math::square<int>(i) - sizeof(Pack<int>);
            }
            __syncthreads();
            if (int v = raw[idx]; v > 2) out[idx] = [=](float s) { return s * v; }(tile[0][0]);
            else if (idx < 3u) { goto done; } else do { out[idx] = -out[idx]; } while (--v >> 1);
            asm volatile("mov.u32 %0, %%laneid;" : "=r"(v) : "r"(1), "l"(out) : "memory");
        done:
            reinterpret_cast<float4*>(out)[0] = make_float4(1, 2, 3, L'x');
        }
        template <class T> void launch(T* d, int n) {
            const int block = 128; std::vector<T> host(n, T{});
            kernel<<<dim3((n + block - 1) / block), block, n >> 2, 0>>>(d, Pack<int, 8>(1));
            cudaLaunchKernel((void*)kernel, dim3(1), dim3(2), nullptr, 0, 0);
        }
        int main() { CHECK(cudaSetDevice(0)); launch<float>(nullptr, 7); return R"(text)"[0]; }
        """;

    [Fact]
    public void The_sample_has_no_errors()
    {
        var unit = Parse(Sample, out var diagnostics);
        Assert.False(diagnostics.HasErrors, string.Join("\n", diagnostics.Select(d => d.Render())));
        Assert.Equal(2, unit.Launches.Count);
        Assert.Empty(unit.Tolerated);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Damaged_files_give_diagnostics_only(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var mutated = SourceDamage.Mutilate(Sample, random);
            var failure = Record.Exception(() => Parse(mutated, out _));
            Assert.True(failure is null, $"seed {seed}, round {round}: {failure}\n{mutated}");
        }
    }
}
