using System.Runtime.InteropServices;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Cpu;

namespace CudaWasm.Tests.Launching;

/// <summary>A device of two workers, and kernels for it from source.</summary>
public abstract class LaunchHarness : IDisposable
{
    private readonly List<Kernel> _kernels = [];

    private protected Device Device { get; } = new CpuDevice(2);

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected Kernel Load(string source, LoadOptions? options = null)
    {
        var compilation = CudaCompiler.Compile(new SourceText("test.cu", source), new CompileOptions());
        Assert.Empty(compilation.AllDiagnostics.Select(d => d.Render()));
        var kernel = Device.Load(Assert.Single(compilation.Kernels), options);
        _kernels.Add(kernel);
        return kernel;
    }

    private protected DeviceBuffer BufferOf<T>(params T[] values)
        where T : unmanaged
    {
        var buffer = Device.Allocate(Marshal.SizeOf<T>() * values.Length);
        buffer.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
        return buffer;
    }

    private protected static T[] Read<T>(DeviceBuffer buffer)
        where T : unmanaged
    {
        var values = new T[buffer.ByteLength / Marshal.SizeOf<T>()];
        buffer.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>Bytes that a call allocates on all threads, the least of a few tries: others allocate, too.</summary>
    private protected static long Allocated(Action call)
    {
        call();
        var least = long.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var before = GC.GetTotalAllocatedBytes(true);
            call();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(true) - before);
        }

        return least;
    }

    public void Dispose()
    {
        foreach (var kernel in _kernels) kernel.Dispose();
        Device.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>What all threads allocate is counted, so nothing else may run beside.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
