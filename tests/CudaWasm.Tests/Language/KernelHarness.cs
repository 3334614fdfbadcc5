using System.Runtime.InteropServices;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;

namespace CudaWasm.Tests.Language;

/// <summary>Compiles a source, launches its kernel, and gives back what it wrote.</summary>
internal static class KernelHarness
{
    public static CudaCompilation Compile(string source, params IReadOnlyList<string> kernels) =>
        CudaCompiler.Compile(new SourceText("test.cu", source), new CompileOptions { Kernels = kernels });

    /// <summary>The only kernel of a source that must compile without a word.</summary>
    public static CompiledKernel CompileOne(string source, params IReadOnlyList<string> kernels)
    {
        var compilation = Compile(source, kernels);
        Assert.Empty(compilation.AllDiagnostics.Select(d => d.Render()));
        return Assert.Single(compilation.Kernels);
    }

    /// <summary>Launches a kernel that takes one pointer, and returns the elements it points to.</summary>
    public static T[] Run<T>(string source, int count, Dim3 grid, Dim3 block, LoadOptions options, int sharedBytes = 0, T fill = default)
        where T : unmanaged
    {
        var data = new T[count];
        data.AsSpan().Fill(fill);
        RunOn(CompileOne(source), data, grid, block, options, sharedBytes);
        return data;
    }

    public static void RunOn<T>(CompiledKernel compiled, T[] data, Dim3 grid, Dim3 block, LoadOptions options, int sharedBytes = 0, TextWriter? output = null)
        where T : unmanaged
    {
        using var device = Devices.Open("cpu");
        using var kernel = device.Load(compiled, options);
        using var buffer = device.Allocate(MemoryMarshal.AsBytes(data.AsSpan()).Length, "out");
        buffer.CopyFrom(MemoryMarshal.AsBytes(data.AsSpan()));
        var launch = new LaunchOptions { Timeout = TimeSpan.FromSeconds(20), Output = output };
        kernel.Launch(new LaunchConfiguration(grid, block, sharedBytes), [KernelArgument.Buffer(buffer)], launch, TestContext.Current.CancellationToken);
        buffer.CopyTo(MemoryMarshal.AsBytes(data.AsSpan()));
    }
}
