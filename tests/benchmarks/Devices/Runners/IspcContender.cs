using CudaWasm.Benchmarks.Cases;

namespace CudaWasm.Benchmarks.Runners;

/// <summary>ISPC, the compiler of a language for SIMD, with tasks over OpenMP. It has some of the cases.</summary>
internal sealed class IspcContender : NativeContender
{
    private const string Options = "-O3";
    private const string Folder = "kernels/ispc";
    private const string Purpose = "to compare with ISPC (https://ispc.github.io)";

    private IspcContender(string folder, string library, string version)
        : base("ISPC", folder, library, $"{version}, {Options}")
    {
    }

    public override bool Has(CaseDefinition definition) => Sources(Folder, definition.Name + ".ispc").Length > 0;

    /// <param name="compiler">ISPC's command.</param>
    /// <param name="linker">The C compiler's command.</param>
    /// <exception cref="BenchmarkException">There is no ISPC or no gcc, or one of them fails.</exception>
    public static IspcContender Create(string compiler = "ispc", string linker = "gcc")
    {
        var version = Execute(Purpose, compiler, "--version").Split('\n')[0].Trim();
        var folder = NewFolder();
        var objects = new List<string>();
        foreach (var source in Sources(Folder, "*.ispc"))
        {
            objects.Add(Path.Combine(folder, Path.GetFileNameWithoutExtension(source) + ".o"));
            Execute(Purpose, compiler, Options, "--pic", source, "-o", objects[^1]);
        }

        var library = LibraryIn(folder);
        Execute(Purpose, linker, ["-O3", "-fopenmp", "-shared", "-fPIC", "-o", library, .. Sources(Folder, "*.c"), .. objects, "-lm"]);
        return new IspcContender(folder, library, version);
    }
}
