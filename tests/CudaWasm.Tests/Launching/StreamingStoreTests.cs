using System.Runtime.InteropServices;
using CudaWasm.Compiler.Targets.Cil;
using CudaWasm.Runtime;

namespace CudaWasm.Tests.Launching;

/// <summary>Buffers that no cache can keep are written past the caches.</summary>
public sealed class StreamingStoreTests : LaunchHarness
{
    private const int Threads = 64 * 256;

    public static TheoryData<int, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<int, int, int>();
            foreach (var bits in new[] { 128, 256, 512 })
            {
                foreach (var registers in new[] { 1, 2, 4 })
                {
                    foreach (var shift in new[] { 0, 1, 16 }) cases.Add(bits, registers, shift);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_element_is_written_and_no_other(int bits, int registers, int shift)
    {
        const string Source =
            """
            __global__ void k(const int* in, float* single, double* twice, int* rows, int n, int shift) {
                __shared__ int tile[8][32];
                int t = threadIdx.y * blockDim.x + threadIdx.x, i = blockIdx.x * 256 + t;
                tile[threadIdx.y][threadIdx.x] = in[i];
                __syncthreads();
                int v = tile[threadIdx.y][threadIdx.x];
                if (i < n) {
                    single[i + shift] = v + 0.5f;
                    twice[i + shift] = 2.0 * v;
                }
                rows[(blockIdx.x * 8 + threadIdx.y) * 48 + threadIdx.x + shift] = -v;
            }
            """;
        var (single, twice, rows, values) = Run(Source, new Dim3(32, 8), bits, registers, shift);

        for (var i = 0; i < Threads + 64; i++)
        {
            var (at, column) = (i - shift, (i - shift) % 48);
            Assert.Equal(at >= 0 && at < Threads - 100 ? values[at] + 0.5f : 0, single[i]);
            Assert.Equal(at >= 0 && at < Threads - 100 ? 2.0 * values[at] : 0, twice[i]);
            Assert.Equal(at >= 0 && column < 32 ? -values[(at / 48 * 32) + column] : 0, rows[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_kernel_without_barriers_writes_the_same(int bits, int registers, int shift)
    {
        const string Source =
            """
            __global__ void k(const int* in, float* single, double* twice, int* rows, int n, int shift) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i >= n) return;
                single[i + shift] = in[i] + 0.5f;
                twice[i + shift] = 2.0 * in[i];
                rows[i + shift] = -in[i];
            }
            """;
        var (single, twice, rows, values) = Run(Source, new Dim3(256), bits, registers, shift);

        for (var i = 0; i < Threads + 64; i++)
        {
            var value = i >= shift && i - shift < Threads - 100 ? values[i - shift] : (int?)null;
            Assert.Equal((value + 0.5f ?? 0, 2.0 * value ?? 0, -value ?? 0), (single[i], twice[i], rows[i]));
        }
    }

    private (float[] Single, double[] Twice, int[] Rows, int[] Values) Run(string source, Dim3 block, int bits, int registers, int shift)
    {
        var values = Enumerable.Range(0, Threads).Select(i => i * 7 % 1001).ToArray();
        using var input = BufferOf(values);
        // Pages that nobody touches cost nothing.
        var outputs = Enumerable.Range(0, 3).Select(_ => Device.Allocate(Math.Max(LastLevelCache.Bytes, 1 << 20))).ToList();
        try
        {
            Load(source, new LoadOptions { VectorBits = bits, VectorRegisters = registers }).Launch(
                new LaunchConfiguration(Threads / 256, block),
                [KernelArgument.Buffer(input), .. outputs.Select(o => KernelArgument.Buffer(o)), KernelArgument.FromInt32(Threads - 100), KernelArgument.FromInt32(shift)],
                null,
                Token);
            return (First<float>(outputs[0]), First<double>(outputs[1]), First<int>(outputs[2]), values);
        }
        finally
        {
            foreach (var output in outputs) output.Dispose();
        }
    }

    private static T[] First<T>(DeviceBuffer buffer)
        where T : unmanaged
    {
        var values = new T[Threads + 64];
        buffer.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
