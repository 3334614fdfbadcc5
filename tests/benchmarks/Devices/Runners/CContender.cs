namespace CudaWasm.Benchmarks.Runners;

/// <summary>Plain C loops with OpenMP, compiled by gcc.</summary>
internal sealed class CContender : NativeContender
{
    /// <summary>No fast-math: the same rules of arithmetic as a kernel has.</summary>
    private const string Options = "-O3 -march=native -fopenmp";

    private const string Purpose = "to compare with plain C";

    private CContender(string folder, string library, string version)
        : base("C", folder, library, $"{version}, {Options}")
    {
    }

    /// <param name="compiler">The compiler's command.</param>
    /// <exception cref="BenchmarkException">There is no gcc, or it cannot compile the functions.</exception>
    public static CContender Create(string compiler = "gcc")
    {
        var version = Execute(Purpose, compiler, "--version").Split('\n')[0].Trim();
        var folder = NewFolder();
        var library = LibraryIn(folder);
        Execute(Purpose, compiler, [.. Options.Split(' '), "-shared", "-fPIC", "-o", library, .. Sources("kernels", "*.c"), "-lm"]);
        return new CContender(folder, library, version);
    }
}
