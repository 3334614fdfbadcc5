using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler;

/// <summary>
/// The library headers that kernels need, written in CUDA C++ and embedded here; all other system headers are passed over, as no
/// kernel needs them.
/// </summary>
internal static class HeaderLibrary
{
    private const string Folder = "cuda-wasm/";

    private static readonly string[] Standard =
    [
        "limits", "type_traits", "algorithm", "utility", "functional", "cmath", "climits", "cfloat", "cstdint", "numeric", "array", "tuple", "complex", "limits.h", "float.h",
        "cuda/functional", "iostream", "vector", "string", "memory", "random", "map", "iterator", "cstdio", "cstdlib",
    ];

    private static readonly Dictionary<string, string> Names = MakeNames();
    private static readonly ConcurrentDictionary<string, SourceText> Texts = [];

    public static bool TryGet(string name, [NotNullWhen(true)] out SourceText? source)
    {
        source = null;
        if (!Names.TryGetValue(name, out var resource))
        {
            if (name.StartsWith("cub/", StringComparison.Ordinal)) resource = "cub.h";
            else if (name.StartsWith("thrust/", StringComparison.Ordinal)) resource = "thrust.h";
            else if (name.StartsWith("cuda/std/", StringComparison.Ordinal)) resource = "std.h";
            else return false;
        }

        source = Texts.GetOrAdd(resource, Read);
        return true;
    }

    /// <summary>True for the text of a header of this library.</summary>
    public static bool Holds(SourceText? source) => source is not null && source.Path.StartsWith(Folder, StringComparison.Ordinal);

    private static Dictionary<string, string> MakeNames()
    {
        var names = Standard.ToDictionary(n => n, _ => "std.h");
        foreach (var n in new[] { "cooperative_groups.h", "cooperative_groups/reduce.h", "cooperative_groups/scan.h", "cooperative_groups/memcpy_async.h" }) names[n] = "cooperative_groups.h";
        foreach (var n in new[] { "cuComplex.h", "cufft.h", "cufftXt.h" }) names[n] = "cuComplex.h";
        foreach (var n in new[] { "mma.h", "crt/mma.h" }) names[n] = "mma.h";
        foreach (var n in new[] { "cuda/barrier", "cuda/pipeline", "cuda/atomic", "cuda/std/atomic", "cuda/std/barrier", "cuda_pipeline.h", "cuda_pipeline_primitives.h", "cuda_awbarrier.h" }) names[n] = "cuda_async.h";
        foreach (var n in new[] { "curand_kernel.h", "curand_uniform.h", "curand_normal.h", "curand_philox4x32_x.h", "curand_lognormal.h" }) names[n] = "curand_kernel.h";
        foreach (var n in new[] { "cuda_fp16.h", "cuda_fp16.hpp", "cuda_bf16.h", "cuda_bf16.hpp" }) names[n] = "cuda_fp16.h";
        foreach (var n in new[] { "limits.h", "type_traits.h", "utility.h", "complex.h", "texture.h", "intrinsics.h", "curand_xorwow.h" }) names["__cw/" + n] = n;
        return names;
    }

    private static SourceText Read(string resource)
    {
        using var stream = typeof(HeaderLibrary).Assembly.GetManifestResourceStream("Headers/" + resource)!;
        using var reader = new StreamReader(stream);
        return new SourceText(Folder + resource, reader.ReadToEnd());
    }

    /// <summary>Looks here first for angled names, and last for quoted ones.</summary>
    internal sealed class Resolver(ISourceResolver? inner) : ISourceResolver
    {
        public bool TryResolve(string name, bool isAngled, SourceText includer, [NotNullWhen(true)] out SourceText? source)
        {
            if (isAngled && TryGet(name, out source)) return true;
            source = null;
            return (inner is not null && inner.TryResolve(name, isAngled, includer, out source)) || TryGet(name, out source);
        }
    }
}
