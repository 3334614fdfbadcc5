using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using CudaWasm.Runtime;

namespace CudaWasm.Tests.Launching;

/// <summary>Buffers that are memory of the caller: nothing is copied.</summary>
public sealed class WrappedMemoryTests : LaunchHarness
{
    private const string Twice = "__global__ void twice(int *x, int n) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) x[i] *= 2; }";

    [Fact]
    public void A_kernel_works_in_an_array_itself()
    {
        var values = Enumerable.Range(0, 100).ToArray();
        using var buffer = Device.Wrap(values, "values");

        Load(Twice).Launch(new LaunchConfiguration(2, 64), [KernelArgument.Buffer(buffer), KernelArgument.FromInt32(100)], null, Token);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => 2 * i), values);
        Assert.Equal(("values", 400L), (buffer.Name, buffer.ByteLength));
    }

    [Fact]
    public void Accesses_beyond_an_array_are_faults()
    {
        var values = new int[100];
        using var buffer = Device.Wrap(values);

        var fault = Assert.Throws<KernelFaultException>(() =>
            Load(Twice).Launch(new LaunchConfiguration(2, 64), [KernelArgument.Buffer(buffer), KernelArgument.FromInt32(101)], null, Token));

        Assert.Equal(100, fault.Index);
    }

    [Fact]
    public void Arrays_may_have_dimensions_and_truth_values_and_halves_but_no_text()
    {
        var grid = new int[2, 3];
        var flags = new[] { true, false };
        var halves = new[] { (Half)1.5 };
        using var a = Device.Wrap(grid);
        using var b = Device.Wrap(flags);
        using var c = Device.Wrap(halves);

        a.CopyFrom(MemoryMarshal.AsBytes([7, 8, 9]), 12);
        b.CopyFrom([0, 1]);

        Assert.Equal([0, 0, 0, 7, 8, 9], grid.Cast<int>());
        Assert.Equal([false, true], flags);
        Assert.Equal(2, c.ByteLength);
        Assert.Throws<KernelArgumentException>(() => Device.Wrap(new[] { "text" }));
        Assert.Equal(0, Device.Wrap(Array.Empty<int>()).ByteLength);
    }

    [Fact]
    public void A_memory_mapped_file_is_read_and_written_in_place()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, MemoryMarshal.AsBytes(Enumerable.Range(0, 3000).ToArray().AsSpan()));
            using (var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open))
            using (var view = file.CreateViewAccessor())
            {
                using var buffer = Device.Wrap(view.SafeMemoryMappedViewHandle, view.PointerOffset + 4000, 8000);
                Load(Twice).Launch(new LaunchConfiguration(8, 256), [KernelArgument.Buffer(buffer), KernelArgument.FromInt32(2000)], null, Token);
            }

            var written = MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(path)).ToArray();
            Assert.Equal(Enumerable.Range(0, 3000).Select(i => i < 1000 ? i : 2 * i), written);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public unsafe void Native_memory_is_a_buffer()
    {
        var memory = (int*)NativeMemory.AllocZeroed(16, sizeof(int));
        try
        {
            memory[3] = 21;
            using (var buffer = Device.Wrap((nint)memory, 16 * sizeof(int)))
            {
                Load(Twice).Launch(new LaunchConfiguration(1, 16), [KernelArgument.Buffer(buffer), KernelArgument.FromInt32(16)], null, Token);
            }

            Assert.Equal(42, memory[3]);
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    [Fact]
    public void What_cannot_be_a_buffer_is_refused()
    {
        using var file = MemoryMappedFile.CreateNew(null, 100);
        using var view = file.CreateViewAccessor();
        var handle = view.SafeMemoryMappedViewHandle;

        Assert.Throws<KernelArgumentException>(() => Device.Wrap(0, 10));
        Assert.Throws<KernelArgumentException>(() => Device.Wrap(16, -1));
        Assert.Throws<KernelArgumentException>(() => Device.Wrap(handle, -1, 10));
        Assert.Throws<KernelArgumentException>(() => Device.Wrap(handle, (long)handle.ByteLength, 1));
    }

    [Fact]
    public void Bound_arrays_are_copied_only_if_the_kernel_writes_them()
    {
        var (read, written) = (new[] { 1, 2 }, new[] { 3, 4 });
        var kernel = Load("__global__ void k(const int *in, int *out) { out[threadIdx.x] += in[threadIdx.x]; }");
        using var binder = ArgumentBinder.Bind(Device, kernel.Source, [read, written]);
        kernel.Launch(new LaunchConfiguration(1, 2), binder.Arguments, null, Token);

        Assert.Equal([3, 4], written);
        read[0] = 10;
        kernel.Launch(new LaunchConfiguration(1, 2), binder.Arguments, null, Token);
        binder.CopyBack();
        Assert.Equal([14, 8], written);
    }

    [Fact]
    public void An_array_for_a_parameter_that_is_read_and_one_that_is_written_is_one_buffer()
    {
        var both = new[] { 1, 2, 3 };
        var kernel = Load("__global__ void k(const int *in, int *out) { out[threadIdx.x + 1] += in[threadIdx.x]; }");

        foreach (var inPlace in new[] { false, true })
        {
            using var binder = ArgumentBinder.Bind(Device, kernel.Source, [both, both], inPlace);
            Assert.Same(binder.Arguments[0].DeviceBuffer, binder.Arguments[1].DeviceBuffer);
            kernel.Launch(new LaunchConfiguration(1, 1), binder.Arguments, null, Token);
            Assert.Equal(inPlace ? 4 : 2, both[1]);
            binder.CopyBack();
        }

        Assert.Equal([1, 4, 3], both);
    }
}
