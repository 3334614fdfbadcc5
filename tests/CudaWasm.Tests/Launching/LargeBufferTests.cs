using System.Runtime.InteropServices;
using CudaWasm.Compiler.Targets.Cil;
using CudaWasm.Runtime;

namespace CudaWasm.Tests.Launching;

/// <summary>Buffers beyond 4 GiB, of which a few pages are touched: the others cost nothing.</summary>
public sealed class LargeBufferTests : LaunchHarness
{
    private const long Bytes = 5L << 30;

    /// <summary>Scalar, and every width of vectors.</summary>
    public static TheoryData<int> Widths => [0, 128, 256, 512];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Elements_beyond_4_GiB_are_reached(int bits)
    {
        const string Source = """
            __global__ void affine(float *x, const int *at, size_t first) { size_t i = first + blockIdx.x * blockDim.x + threadIdx.x; x[i] = i % 1000; if (blockIdx.x == 1) x[at[threadIdx.x] + first / 2] += 2; }
            """;
        const int Threads = 64;
        using var x = Allocate();
        using var at = BufferOf(Enumerable.Range(0, Threads).Select(i => i * 7 % Threads).ToArray());
        // Elements 0.6 Gi and 1.2 Gi of 1.25 Gi.
        const long First = 1_200_000_000;

        Load(Source, new LoadOptions { VectorBits = bits }).Launch(
            new LaunchConfiguration(2, Threads), [KernelArgument.Buffer(x), KernelArgument.Buffer(at), KernelArgument.FromInt64(First)], null, Token);

        Assert.Equal(Enumerable.Range(0, 2 * Threads).Select(i => (float)((First + i) % 1000)), Read<float>(x, First, 2 * Threads));
        Assert.Equal(Enumerable.Repeat(2f, Threads), Read<float>(x, First / 2, Threads));
        Assert.Equal([0, 0], Read<float>(x, First - 2, 2));
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Indices_from_2_to_the_31_on_are_right(int bits)
    {
        // Unsigned indices of the block and of a table, bytes and halves, and a stride.
        const string Source = """
            __global__ void k(unsigned char *x, const unsigned *at, unsigned first, unsigned short *y) {
                unsigned i = first + blockIdx.x * blockDim.x + threadIdx.x;
                x[i] = threadIdx.x + 1;
                x[at[threadIdx.x]] += 3;
                x[i * 2u - first + 1000] = 9;
                y[i - 4096] = x[i] * 2;
            }
            """;
        const uint First = 3_000_000_000;
        const int Threads = 32;
        using var x = Allocate();
        using var y = Allocate(2 * (First + 4096L));
        using var at = BufferOf(Enumerable.Range(0, Threads).Select(i => First + 100 + (uint)(i * 3)).ToArray());
        var kernel = Load(Source, new LoadOptions { VectorBits = bits });

        kernel.Launch(
            new LaunchConfiguration(1, Threads),
            [KernelArgument.Buffer(x), KernelArgument.Buffer(at), KernelArgument.FromUInt32(First), KernelArgument.Buffer(y)],
            null,
            Token);

        Assert.Equal(Enumerable.Range(1, Threads).Select(i => (byte)i), Read<byte>(x, First, Threads));
        Assert.Equal(Enumerable.Range(0, Threads * 3).Select(i => (byte)(i % 3 == 0 ? 3 : 0)), Read<byte>(x, First + 100, Threads * 3));
        Assert.Equal(Enumerable.Range(0, Threads * 2).Select(i => (byte)(i % 2 == 0 ? 9 : 0)), Read<byte>(x, First + 1000, Threads * 2));
        Assert.Equal(Enumerable.Range(1, Threads).Select(i => (ushort)(i * 2)), Read<ushort>(y, First - 4096, Threads));
    }

    [Theory]
    [InlineData("float *x, unsigned i", 8)]
    [InlineData("double *x, unsigned i", 8)]
    [InlineData("char *x, int i", 8)]
    [InlineData("char *x, unsigned i", 2)]
    [InlineData("short *x, unsigned i", 4)]
    public void Lanes_are_for_buffers_in_which_signed_indices_of_32_bits_reach_everything(string parameters, long gibibytes)
    {
        var compiled = Load($"__global__ void k({parameters}) {{ int t = threadIdx.x; x[t] = x[i + t]; }}").Source;

        var code = CilCompiler.Compile(compiled.Module!, new CilOptions(VectorBits: 256));

        Assert.Equal(gibibytes << 30, code.MaxLaneBytes);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void The_end_of_a_large_buffer_is_guarded(int bits)
    {
        using var x = Allocate();
        var kernel = Load("__global__ void k(int *x, size_t first) { x[first + threadIdx.x] = 1; }", new LoadOptions { VectorBits = bits });
        const long Elements = Bytes / 4;

        kernel.Launch(new LaunchConfiguration(1, 32), [KernelArgument.Buffer(x), KernelArgument.FromInt64(Elements - 32)], null, Token);
        var fault = Assert.Throws<KernelFaultException>(() =>
            kernel.Launch(new LaunchConfiguration(1, 32), [KernelArgument.Buffer(x), KernelArgument.FromInt64(Elements - 31)], null, Token));

        Assert.Equal((Elements, 31L), (fault.Index, fault.ThreadIdx.X));
        Assert.Equal(Enumerable.Repeat(1, 32), Read<int>(x, Elements - 32, 32));
    }

    [Fact]
    public void An_offset_beyond_4_GiB_is_where_an_argument_begins()
    {
        using var x = Allocate();
        var kernel = Load("__global__ void k(int *x) { x[threadIdx.x] = threadIdx.x; }");

        kernel.Launch(new LaunchConfiguration(1, 32), [KernelArgument.Buffer(x, Bytes - 128)], null, Token);

        Assert.Equal(Enumerable.Range(0, 32), Read<int>(x, (Bytes / 4) - 32, 32));
        x.Fill(1, Bytes - 4);
        Assert.Equal([30, 0x01010101], Read<int>(x, (Bytes / 4) - 2, 2));
    }

    private DeviceBuffer Allocate(long bytes = Bytes)
    {
        if (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes < 16L << 30) Assert.Skip("The machine has less than 16 GiB of memory.");
        return Device.Allocate(bytes);
    }

    private static T[] Read<T>(DeviceBuffer buffer, long element, int count)
        where T : unmanaged
    {
        var values = new T[count];
        buffer.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()), element * Marshal.SizeOf<T>());
        return values;
    }
}
