using System.Collections.Frozen;

namespace CudaWasm.Compiler.Syntax;

/// <summary>Library headers that nvcc includes by itself, and which are too large to be read for files that use nothing of them.</summary>
internal static class ImplicitHeaders
{
    private const string Texture = "__cw/texture.h";
    private const string Intrinsics = "__cw/intrinsics.h";

    private static readonly FrozenSet<string> TextureNames = FrozenSet.Create(StringComparer.Ordinal, "cudaTextureObject_t", "cudaSurfaceObject_t", "CUtexObject", "CUsurfObject");

    /// <summary>The header that declares a name; null where it is none of a library's.</summary>
    public static string? Of(string name) => TextureNames.Contains(name) ? Texture : IsIntrinsic(name) ? Intrinsics : null;

    /// <summary>SIMD and DPX intrinsics (<c>__vabs2</c>, <c>__vimax3_s32</c>) and conversions other than to nearest (<c>__int2float_rz</c>).</summary>
    private static bool IsIntrinsic(string name) =>
        name.StartsWith("__", StringComparison.Ordinal) && name.Length > 5
        && ((name[2] == 'v' && (name[^1] is '2' or '4' || name.EndsWith("_relu", StringComparison.Ordinal))) || name[^3..] is "_rd" or "_ru" or "_rz")
        && (name[2] == 'v' || name.Contains("2float", StringComparison.Ordinal) || name.Contains("2double", StringComparison.Ordinal));

    /// <summary>The header of a class template whose name is also a common word, so that only the one with arguments counts.</summary>
    public static string? OfTemplate(string name) => name is "texture" or "surface" ? Texture : null;
}
