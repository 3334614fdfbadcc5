using System.Buffers.Binary;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Runtime;

/// <summary>
/// A texture or surface in a device's memory. Its buffer begins with the description that fetches read, laid out as <c>__cw_texture</c> of
/// the compiler's header texture.h, and the texels follow.
/// </summary>
public sealed class DeviceTexture : IDisposable
{
    private const int HeaderBytes = 128;
    private const int BorderOffset = 64;
    private const int LargestLodOffset = 88;

    /// <summary>Texels are zeros until they are written.</summary>
    /// <exception cref="KernelArgumentException">The description contradicts itself.</exception>
    public DeviceTexture(Device device, TextureDescription description, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(description);
        description.Check();
        Description = description;
        ByteLength = checked(description.TexelCount * description.TexelBytes);
        Buffer = device.Allocate(HeaderBytes + ByteLength, name ?? "texture");
        Buffer.CopyFrom(Header(description));
    }

    public TextureDescription Description { get; }

    /// <summary>Bytes of the texels.</summary>
    public long ByteLength { get; }

    public DeviceBuffer Buffer { get; }

    /// <summary>Writes texels: x fastest, then y, then z or layers; each mip level behind the larger one.</summary>
    public void CopyFrom(ReadOnlySpan<byte> texels, long offset = 0) => Buffer.CopyFrom(texels, HeaderBytes + offset);

    /// <summary>Reads texels.</summary>
    public void CopyTo(Span<byte> texels, long offset = 0) => Buffer.CopyTo(texels, HeaderBytes + offset);

    public void Dispose() => Buffer.Dispose();

    private static byte[] Header(TextureDescription d)
    {
        var header = new byte[HeaderBytes];
        TextureAddressMode Mode(int axis) => d.Address[Math.Min(axis, d.Address.Count - 1)];
        var kind = d.Element.Type.IsFloat() ? 2 : d.Element.Type.IsSigned() ? 0 : 1;
        int[] fields =
        [
            d.Width, d.Height, d.Depth, d.IsLayered ? 1 : 0, d.Levels, kind, d.Element.Size * 8, d.Channels, (int)d.Filter, d.IsNormalized ? 1 : 0,
            (int)d.ReadMode, (int)Mode(0), (int)Mode(1), (int)Mode(2), (int)d.MipFilter,
        ];
        for (var i = 0; i < fields.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4 * i), fields[i]);
        for (var i = 0; i < d.Border.Count; i++) BinaryPrimitives.WriteSingleLittleEndian(header.AsSpan(BorderOffset + (4 * i)), d.Border[i]);
        BinaryPrimitives.WriteSingleLittleEndian(header.AsSpan(LargestLodOffset), d.Levels - 1);
        return header;
    }
}
