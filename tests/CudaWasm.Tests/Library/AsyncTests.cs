using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using CudaWasm.Tests.Language;

namespace CudaWasm.Tests.Library;

/// <summary>cuda::barrier, cuda::pipeline, memcpy_async, cuda::atomic_ref, and complex numbers.</summary>
public sealed class AsyncTests
{
    private const string Includes = "#include <cooperative_groups.h>\n#include <cuda/barrier>\n#include <cuda/pipeline>\n#include <cuda/atomic>\n#include <cuda_pipeline.h>\nnamespace cg = cooperative_groups;\n";

    [Fact]
    public void A_barrier_of_the_block_is_waited_for_in_two_halves()
    {
        var data = Run(
            """
            __shared__ cuda::barrier<cuda::thread_scope_block> bar;
            __shared__ int s[64];
            if (threadIdx.x == 0) init(&bar, blockDim.x);
            __syncthreads();
            s[threadIdx.x] = threadIdx.x * 2;
            auto token = bar.arrive();
            int own = s[threadIdx.x];
            bar.wait(std::move(token));
            own += s[63 - threadIdx.x];
            bar.arrive_and_wait();
            out[threadIdx.x] = own;
            """,
            64);
        Assert.All(data, v => Assert.Equal(126, v));
    }

    [Fact]
    public void A_barrier_of_a_part_of_the_block_is_refused()
    {
        var fault = Assert.Throws<KernelFaultException>(() => Run("__shared__ cuda::barrier<cuda::thread_scope_block> bar; if (threadIdx.x == 0) init(&bar, 32); __syncthreads(); bar.arrive_and_wait(); out[0] = 1;", 64));
        Assert.Equal(DiagnosticCodes.Trap, fault.Code);
        Assert.Contains("less than the whole block", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Copies_of_a_pipeline_have_arrived_when_it_was_waited_for()
    {
        var data = Run(
            """
            __shared__ alignas(16) int s[2][64];
            cuda::pipeline<cuda::thread_scope_thread> pipe = cuda::make_pipeline();
            const auto shape = cuda::aligned_size_t<alignof(int)>(sizeof(int));
            for (int stage = 0; stage < 2; stage++) {
                pipe.producer_acquire();
                cuda::memcpy_async(&s[stage][threadIdx.x], &out[threadIdx.x], shape, pipe);
                pipe.producer_commit();
            }
            cuda::pipeline_consumer_wait_prior<1>(pipe);
            pipe.consumer_wait();
            __syncthreads();
            int sum = s[0][63 - threadIdx.x] + s[1][threadIdx.x];
            pipe.consumer_release();
            __syncthreads();
            __pipeline_memcpy_async(&s[0][threadIdx.x], &out[threadIdx.x], 4); __pipeline_commit(); __pipeline_wait_prior(0);
            auto block = cg::this_thread_block();
            __shared__ cuda::pipeline_shared_state<cuda::thread_scope_block, 2> state;
            auto shared = cuda::make_pipeline(block, &state);
            shared.producer_acquire(); cuda::memcpy_async(block, s[1], s[0], sizeof(s[0]), shared); shared.producer_commit(); shared.consumer_wait();
            out[threadIdx.x] = sum + s[1][(threadIdx.x + 1) % 64];
            """,
            64, 5);
        Assert.All(data, v => Assert.Equal(15, v));
    }

    [Fact]
    public void Atomic_references_read_and_change()
    {
        var data = Run(
            """
            cuda::atomic_ref<int, cuda::thread_scope_device> sum(out[0]), most(out[1]);
            sum.fetch_add(threadIdx.x, cuda::std::memory_order_relaxed); most.fetch_max(threadIdx.x); ++cuda::atomic_ref<int>(out[2]);
            int expected = 0; cuda::atomic_ref<int> once(out[3]); if (once.compare_exchange_strong(expected, 77)) atomicAdd(&out[4], 1);
            out[5] = once.load();
            """,
            64);
        Assert.Equal([2016, 63, 64, 77, 1, 77], data[..6]);
    }

    [Fact]
    public void Complex_numbers_compute_under_all_three_names()
    {
        var data = KernelHarness.Run<float>(
            """
            #include <thrust/complex.h>
            #include <complex>
            __global__ void k(float *out) {
                thrust::complex<float> a(3, 4), b = 2.0f * a + 1.0f;
                cuda::std::complex<float> c = a * b; std::complex<double> d(a);
                out[0] = b.real(); out[1] = b.imag(); out[2] = c.real(); out[3] = c.imag();
                out[4] = thrust::abs(a); out[5] = thrust::norm(a); out[6] = (a / b * b).imag(); out[7] = thrust::conj(a).imag();
                out[8] = (float)abs(d); out[9] = thrust::exp(thrust::complex<float>(0, 1)).real(); out[10] = (float)sqrt(std::complex<double>(-4, -0.0)).imag();
                a += thrust::complex<float>(1, 1); a *= 2.0f; out[11] = a.real() * 10 + a.imag(); out[12] = -a == thrust::complex<float>(-8, -10);
            }
            """,
            13, new Dim3(1), new Dim3(1), new LoadOptions());
        float[] expected = [7, 8, -11, 52, 5, 25, 4, -4, 5, MathF.Cos(1), -2, 90, 1];
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], data[i], 1e-5f);
    }

    private static int[] Run(string statements, int threads, int fill = 0) =>
        KernelHarness.Run<int>($"{Includes}__global__ void k(int *out) {{\n{statements}\n}}", 64, new Dim3(1), new Dim3(threads), new LoadOptions(), fill: fill);
}
