using CudaWasm.Runtime;
using static CudaWasm.Benchmarks.Cases.CaseList;

namespace CudaWasm.Benchmarks.Cases;

/// <summary>One thread a point of the plane.</summary>
internal static class GridCases
{
    private const int StarRadius = 4;

    private static readonly Dim3 Square = new(16, 16);

    public static BenchmarkCase Convolution(bool quick)
    {
        var n = quick ? 256 : 2048;
        var (image, filter, result) = (Inputs.Floats(n * n), Inputs.Floats(25, 0, 0.08f, 5), HostBuffer.Zeros<float>(n * n));
        return Simple("convolution", n, Square, [image, filter, result, n, n], new CaseOutput(result, 1e-6));
    }

    public static BenchmarkCase Jacobi2D(bool quick)
    {
        const int Sweeps = 4;
        var n = quick ? 256 : 2048;
        var (a, b) = (Inputs.Floats(n * n), HostBuffer.Zeros<float>(n * n));
        var block = new Dim3(32, 8);
        return new BenchmarkCase
        {
            Size = $"{n}², {Sweeps} sweeps",
            Launches =
            [
                .. Enumerable.Range(0, Sweeps).Select(i => new CaseLaunch("jacobi2d", Cover(n, n, block), block, i % 2 == 0 ? [a, b, n] : [b, a, n])),
            ],
            Function = "jacobi2d",
            FunctionArguments = [a, b, n, Sweeps],
            Outputs = [new CaseOutput(a, 1e-6)],
            Restored = [a, b],
        };
    }

    public static BenchmarkCase Hotspot(bool quick)
    {
        var n = quick ? 256 : 2048;
        var (power, temperature, result) = (Inputs.Floats(n * n, 0, 0.001f), Inputs.Floats(n * n, 320, 340, 5), HostBuffer.Zeros<float>(n * n));
        return Simple("hotspot", n, Square, [power, temperature, result, n, n, 0.5f, 0.1f, 0.1f, 0.05f], new CaseOutput(result, 1e-6));
    }

    public static BenchmarkCase StarStencil(bool quick)
    {
        var n = quick ? 256 : 4096;
        var count = (n + (2 * StarRadius)) * (n + (2 * StarRadius));
        var (source, result) = (Inputs.Floats(count), HostBuffer.Zeros<float>(count));
        return Simple("starStencil", n, new Dim3(32, 8), [source, result, n], new CaseOutput(result, 1e-5));
    }

    public static BenchmarkCase Transpose(bool quick)
    {
        var n = quick ? 512 : 4096;
        var (source, result) = (Inputs.Floats(n * n), HostBuffer.Zeros<float>(n * n));
        object[] arguments = [result, source, n, n];
        return Simple("transpose", n, new Dim3(32, 8), arguments, new CaseOutput(result)) with
        {
            Launches = [new CaseLaunch("transpose", new Dim3(n / 32, n / 32), new Dim3(32, 8), arguments)],
        };
    }

    public static BenchmarkCase Mandelbrot(bool quick)
    {
        var n = quick ? 128 : 1024;
        var counts = HostBuffer.Zeros<int>(n * n);
        return Simple("mandelbrot", n, Square, [counts, n, n, 256], new CaseOutput(counts, 0, 0.005));
    }

    public static BenchmarkCase Julia(bool quick)
    {
        var n = quick ? 128 : 1024;
        var counts = HostBuffer.Zeros<int>(n * n);
        return Simple("julia", n, Square, [counts, n, n, 256, -0.8f, 0.156f], new CaseOutput(counts, 0, 0.02));
    }

    private static BenchmarkCase Simple(string kernel, int n, Dim3 block, object[] arguments, CaseOutput output) => new()
    {
        Size = $"{n}²",
        Launches = [new CaseLaunch(kernel, Cover(n, n, block), block, arguments)],
        Function = kernel,
        FunctionArguments = arguments,
        Outputs = [output],
    };
}
