using System.Collections.Frozen;

namespace CudaWasm.Compiler.Syntax;

/// <summary>Library headers that nvcc includes by itself, and which are too large to be read for files that use nothing of them.</summary>
internal static class ImplicitHeaders
{
    private const string Texture = "__cw/texture.h";

    private static readonly FrozenSet<string> TextureNames = FrozenSet.Create(StringComparer.Ordinal, "cudaTextureObject_t", "cudaSurfaceObject_t");

    /// <summary>The header that declares a name; null where it is none of a library's.</summary>
    public static string? Of(string name) => TextureNames.Contains(name) ? Texture : null;

    /// <summary>The header of a class template whose name is also a common word, so that only the one with arguments counts.</summary>
    public static string? OfTemplate(string name) => name is "texture" or "surface" ? Texture : null;
}
