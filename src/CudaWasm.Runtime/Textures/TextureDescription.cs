using System.Globalization;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime;

/// <summary>What a coordinate outside of a texture means (cudaTextureAddressMode). Wrap and mirror work on normalized coordinates, else they clamp.</summary>
public enum TextureAddressMode
{
    Wrap,
    Clamp,
    Mirror,
    Border,
}

/// <summary>cudaTextureFilterMode.</summary>
public enum TextureFilterMode
{
    Point,
    Linear,
}

/// <summary>cudaTextureReadMode.</summary>
public enum TextureReadMode
{
    /// <summary>Texels as they are.</summary>
    Element,

    /// <summary>Integers of 8 and 16 bits as fractions of their largest value.</summary>
    NormalizedFloat,
}

/// <summary>Size, texels and sampling of a texture or a surface; the words are those of CUDA's cudaTextureDesc and cudaChannelFormatDesc.</summary>
public sealed record TextureDescription
{
    private const int MaxSize = 1 << 20;

    /// <summary>Type of a channel: a scalar of 8, 16 or 32 bits.</summary>
    public required ElementType Element { get; init; }

    /// <summary>Channels of a texel: 1, 2 or 4.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>Texels.</summary>
    public required int Width { get; init; }

    /// <summary>Texels; 1 for one dimension.</summary>
    public int Height { get; init; } = 1;

    /// <summary>Texels, layers or, of a cube, six faces.</summary>
    public int Depth { get; init; } = 1;

    /// <summary><see cref="Depth"/> counts layers or faces.</summary>
    public bool IsLayered { get; init; }

    /// <summary>Mip levels, each half as large as the one before.</summary>
    public int Levels { get; init; } = 1;

    public TextureFilterMode Filter { get; init; }

    public TextureFilterMode MipFilter { get; init; }

    /// <summary>For x, y and z; the last one counts for what follows.</summary>
    public IReadOnlyList<TextureAddressMode> Address { get; init; } = [TextureAddressMode.Clamp];

    /// <summary>Coordinates run from 0 to 1.</summary>
    public bool IsNormalized { get; init; }

    public TextureReadMode ReadMode { get; init; }

    /// <summary>Up to four channels; zeros follow.</summary>
    public IReadOnlyList<float> Border { get; init; } = [];

    /// <summary>Bytes of a texel.</summary>
    public int TexelBytes => Element.Size * Channels;

    /// <summary>Texels of all levels.</summary>
    public long TexelCount
    {
        get
        {
            var (count, width, height, depth) = (0L, Width, Height, Depth);
            for (var level = 0; level < Levels; level++)
            {
                count = checked(count + ((long)width * height * depth));
                (width, height) = (Math.Max(width / 2, 1), Math.Max(height / 2, 1));
                if (!IsLayered) depth = Math.Max(depth / 2, 1);
            }

            return count;
        }
    }

    /// <summary>Sizes of an array with the texels, the slowest dimension first; channels last where there are several.</summary>
    public IReadOnlyList<long> Shape
    {
        get
        {
            var shape = new List<long>();
            if (Levels > 1) shape.Add(TexelCount);
            else
            {
                if (Depth > 1) shape.Add(Depth);
                if (Height > 1 || Depth > 1) shape.Add(Height);
                shape.Add(Width);
            }

            if (Channels > 1) shape.Add(Channels);
            return shape;
        }
    }

    /// <summary>Reads a channel format as CUDA spells vectors: <c>float</c>, <c>uchar4</c>; null where it is none.</summary>
    public static (ElementType Element, int Channels)? FindFormat(string name)
    {
        var channels = name.Length > 0 && char.IsAsciiDigit(name[^1]) ? name[^1] - '0' : 1;
        var element = ElementType.Find(name.TrimEnd('1', '2', '4'));
        return element is { Type: not (IrType.I64 or IrType.U64 or IrType.F64) } && channels is 1 or 2 or 4 ? (element!, channels) : null;
    }

    /// <exception cref="KernelArgumentException">The description contradicts itself.</exception>
    public void Check()
    {
        foreach (var (name, size) in new[] { ("width", Width), ("height", Height), ("depth", Depth) })
        {
            if (size is < 1 or > MaxSize) throw Wrong(string.Create(CultureInfo.InvariantCulture, $"its {name} is {size}; it must be from 1 to {MaxSize}"));
        }

        if (Channels is not (1 or 2 or 4)) throw Wrong(string.Create(CultureInfo.InvariantCulture, $"it has {Channels} channels; 1, 2 or 4 are possible"));
        if (Element.Size == 8) throw Wrong($"its channels are {Element.Name}; they have 32 bits at most");
        var mostLevels = 1 + (int)Math.Log2(Math.Max(Width, Math.Max(Height, IsLayered ? 1 : Depth)));
        if (Levels < 1 || Levels > mostLevels) throw Wrong(string.Create(CultureInfo.InvariantCulture, $"it has {Levels} mip levels; its size allows 1 to {mostLevels}"));
        if (Address.Count is < 1 or > 3) throw Wrong("it needs one to three address modes");
        if (Border.Count > 4) throw Wrong("its border has more than four channels");
        if (ReadMode == TextureReadMode.NormalizedFloat && (Element.Type.IsFloat() || Element.Size > 2)) throw Wrong($"only integers of 8 and 16 bits are read as normalized floats, not {Element.Name}");
        if ((Filter == TextureFilterMode.Linear || (MipFilter == TextureFilterMode.Linear && Levels > 1)) && !Element.Type.IsFloat() && ReadMode == TextureReadMode.Element)
        {
            throw Wrong($"linear filtering gives floats: read {Element.Name} as normalizedFloat, or filter by point");
        }
    }

    private static KernelArgumentException Wrong(string what) => new(DiagnosticCodes.BadArgument, $"This texture cannot be: {what}.");
}
