using CudaWasm.Runtime;

namespace CudaWasm.Benchmarks.Cases;

/// <summary>All cases.</summary>
internal static class CaseList
{
    private const int Mi = 1024 * 1024;

    public static IReadOnlyList<CaseDefinition> All { get; } =
    [
        new("triad", StreamCases.Triad),
        new("saxpy", StreamCases.Saxpy),
        new("gelu", StreamCases.Gelu),
        new("black-scholes", StreamCases.BlackScholes),
        new("convolution", GridCases.Convolution),
        new("jacobi2d", GridCases.Jacobi2D),
        new("hotspot", GridCases.Hotspot),
        new("star-stencil", GridCases.StarStencil),
        new("transpose", GridCases.Transpose),
        new("mandelbrot", GridCases.Mandelbrot),
        new("julia", GridCases.Julia),
        new("sgemm-naive", MatrixCases.SgemmNaive),
        new("sgemm-tiled", MatrixCases.SgemmTiled),
        new("spmv", MatrixCases.Spmv),
        new("softmax", MatrixCases.Softmax),
        new("layernorm", MatrixCases.Layernorm),
        new("nbody", MatrixCases.Nbody),
        new("reduce-shared", CollectiveCases.ReduceShared),
        new("reduce-tree", CollectiveCases.ReduceTree),
        new("reduce-shuffle", CollectiveCases.ReduceShuffle),
        new("scan", CollectiveCases.Scan),
        new("histogram", CollectiveCases.Histogram),
        new("bitonic-sort", CollectiveCases.BitonicSort),
        new("md5", CollectiveCases.Md5),
    ];

    /// <summary>Elements of a one-dimensional case of 16 Mi.</summary>
    public static int Length(bool quick) => quick ? Mi / 4 : 16 * Mi;

    public static string Describe(int count) => count % Mi == 0 ? $"{count / Mi} Mi" : count % 1024 == 0 ? $"{count / 1024} Ki" : $"{count}";

    /// <summary>Blocks that cover a number of threads.</summary>
    public static Dim3 Cover(int count, int block) => new((count + block - 1) / block);

    public static Dim3 Cover(int width, int height, Dim3 block) => new((width + block.X - 1) / block.X, (height + block.Y - 1) / block.Y);
}
