using CudaWasm.Runtime;
using static CudaWasm.Benchmarks.Cases.CaseList;

namespace CudaWasm.Benchmarks.Cases;

/// <summary>Work in which each thread, warp or block goes over many inputs.</summary>
internal static class MatrixCases
{
    private static readonly Dim3 Square = new(16, 16);
    private static readonly Dim3 Line = new(256);

    public static BenchmarkCase SgemmNaive(bool quick)
    {
        var n = quick ? 128 : 512;
        var (a, b, c) = Matrices(n);
        object[] arguments = [n, n, n, 1.5f, a, b, 0.5f, c];
        return new BenchmarkCase
        {
            Size = $"{n}³",
            Launches = [new CaseLaunch("sgemmNaive", Cover(n, n, Square), Square, arguments)],
            Function = "sgemmNaive",
            FunctionArguments = arguments,
            Outputs = [new CaseOutput(c, 1e-5)],
            Restored = [c],
        };
    }

    public static BenchmarkCase SgemmTiled(bool quick)
    {
        var n = quick ? 128 : 512;
        var (a, b, c) = Matrices(n);
        object[] arguments = [a, b, c, n, n, n];
        return new BenchmarkCase
        {
            Size = $"{n}³",
            Launches = [new CaseLaunch("sgemmTiled", Cover(n, n, Square), Square, arguments)],
            Function = "sgemmTiled",
            FunctionArguments = arguments,
            Outputs = [new CaseOutput(c, 1e-5)],
        };
    }

    public static BenchmarkCase Spmv(bool quick)
    {
        var rows = quick ? 4096 : 65536;
        var (starts, columns, values) = Inputs.SparseMatrix(rows);
        var (x, y) = (Inputs.Floats(rows, seed: 5), HostBuffer.Zeros<float>(rows));
        object[] arguments = [starts, columns, values, x, y, rows];
        return new BenchmarkCase
        {
            Size = $"{Describe(rows)} rows",
            Launches = [new CaseLaunch("spmv", Cover(rows * 32, 256), Line, arguments)],
            Function = "spmv",
            FunctionArguments = arguments,
            Outputs = [new CaseOutput(y, 1e-5)],
        };
    }

    public static BenchmarkCase Softmax(bool quick)
    {
        const int Columns = 1024;
        var rows = quick ? 64 : 4096;
        var (source, result) = (Inputs.Floats(rows * Columns, -4, 4), HostBuffer.Zeros<float>(rows * Columns));
        return new BenchmarkCase
        {
            Size = $"{rows} x {Columns}",
            Launches = [new CaseLaunch("softmax", new Dim3(rows), Line, [source, result, Columns])],
            Function = "softmax",
            FunctionArguments = [source, result, Columns, rows],
            Outputs = [new CaseOutput(result, 1e-5)],
        };
    }

    public static BenchmarkCase Layernorm(bool quick)
    {
        const int Columns = 1024;
        var rows = quick ? 64 : 4096;
        var (source, result) = (Inputs.Floats(rows * Columns, -1, 3), HostBuffer.Zeros<float>(rows * Columns));
        var (gamma, beta) = (Inputs.Floats(Columns, 0.5f, 1.5f, 5), Inputs.Floats(Columns, -1, 1, 6));
        return new BenchmarkCase
        {
            Size = $"{rows} x {Columns}",
            Launches = [new CaseLaunch("layernorm", new Dim3(rows), Line, [source, gamma, beta, result, Columns, 1e-5f])],
            Function = "layernorm",
            FunctionArguments = [source, gamma, beta, result, Columns, 1e-5f, rows],
            Outputs = [new CaseOutput(result, 1e-5)],
        };
    }

    public static BenchmarkCase Nbody(bool quick)
    {
        var n = quick ? 1024 : 8192;
        var (bodies, accelerations) = (Inputs.Floats(4 * n), HostBuffer.Zeros<float>(4 * n));
        object[] arguments = [bodies, accelerations, n];
        return new BenchmarkCase
        {
            Size = $"{n} bodies",
            Launches = [new CaseLaunch("nbody", new Dim3(n / 256), Line, arguments)],
            Function = "nbody",
            FunctionArguments = arguments,
            Outputs = [new CaseOutput(accelerations, 1e-4)],
        };
    }

    private static (HostBuffer A, HostBuffer B, HostBuffer C) Matrices(int n) =>
        (Inputs.Floats(n * n, -1, 1), Inputs.Floats(n * n, -1, 1, 5), Inputs.Floats(n * n, -1, 1, 6));
}
