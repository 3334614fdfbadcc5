using CudaWasm.Runtime;
using static CudaWasm.Benchmarks.Cases.CaseList;

namespace CudaWasm.Benchmarks.Cases;

/// <summary>One thread an element.</summary>
internal static class StreamCases
{
    private static readonly Dim3 Block = new(256);

    public static BenchmarkCase Triad(bool quick)
    {
        var n = Length(quick);
        var (a, b, c) = (HostBuffer.Zeros<float>(n), Inputs.Floats(n), Inputs.Floats(n, seed: 5));
        return Simple("triad", n, [a, b, c, 3f, n], new CaseOutput(a, 1e-6));
    }

    public static BenchmarkCase Saxpy(bool quick)
    {
        var n = Length(quick);
        var (x, y) = (Inputs.Floats(n), Inputs.Floats(n, seed: 5));
        object[] arguments = [n, 2f, x, y];
        return new BenchmarkCase
        {
            Size = Describe(n),
            Launches = [new CaseLaunch("saxpy", new Dim3(quick ? 64 : 4096), Block, arguments)],
            Function = "saxpy",
            FunctionArguments = arguments,
            Outputs = [new CaseOutput(y, 1e-6)],
            Restored = [y],
        };
    }

    public static BenchmarkCase Gelu(bool quick)
    {
        var n = Length(quick);
        var (x, y) = (Inputs.Floats(n, -5, 5), HostBuffer.Zeros<float>(n));
        return Simple("gelu", n, [x, y, n], new CaseOutput(y, 1e-6));
    }

    public static BenchmarkCase BlackScholes(bool quick)
    {
        var n = Length(quick) / 4;
        var (price, strike, years) = (Inputs.Floats(n, 5, 30), Inputs.Floats(n, 1, 100, 5), Inputs.Floats(n, 0.25f, 10, 6));
        var (call, put) = (HostBuffer.Zeros<float>(n), HostBuffer.Zeros<float>(n));
        return Simple("blackScholes", n, [price, strike, years, call, put, 0.02f, 0.3f, n], new CaseOutput(call, 1e-5), new CaseOutput(put, 1e-5));
    }

    private static BenchmarkCase Simple(string kernel, int n, object[] arguments, params CaseOutput[] outputs) => new()
    {
        Size = Describe(n),
        Launches = [new CaseLaunch(kernel, Cover(n, 256), Block, arguments)],
        Function = kernel,
        FunctionArguments = arguments,
        Outputs = outputs,
    };
}
