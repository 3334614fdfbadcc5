using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CudaWasm.Runtime;

/// <summary>
/// NumPy's .npy format: magic, version, a Python dictionary with type, order and shape, then the elements
/// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). Little-endian scalars in C order.
/// </summary>
public sealed partial class NpyFile
{
    private NpyFile(ElementType element, IReadOnlyList<long> shape, long dataOffset)
    {
        Element = element;
        Shape = shape;
        DataOffset = dataOffset;
    }

    public ElementType Element { get; }

    /// <summary>Sizes, the slowest dimension first; empty for a single value.</summary>
    public IReadOnlyList<long> Shape { get; }

    public long Count => Shape.Aggregate(1L, (a, b) => checked(a * b));

    /// <summary>Where the elements begin in the file.</summary>
    public long DataOffset { get; }

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads the header and leaves the stream at the first element.</summary>
    /// <exception cref="InvalidDataException">It is no .npy file, or one of a kind that is not supported.</exception>
    public static NpyFile ReadHeader(Stream stream)
    {
        Span<byte> start = stackalloc byte[8];
        if (stream.ReadAtLeast(start, 8, false) < 8 || !start[..6].SequenceEqual(Magic)) throw new InvalidDataException("this is not a .npy file");
        var version = start[6];
        if (version is < 1 or > 3) throw new InvalidDataException($"version {version} of .npy is not known");
        var lengthBytes = version == 1 ? 2 : 4;
        Span<byte> size = stackalloc byte[4];
        size.Clear();
        if (stream.ReadAtLeast(size[..lengthBytes], lengthBytes, false) < lengthBytes) throw new InvalidDataException("the header is cut off");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > 1 << 20) throw new InvalidDataException("the header is too long");
        var header = new byte[length];
        if (stream.ReadAtLeast(header, header.Length, false) < header.Length) throw new InvalidDataException("the header is cut off");
        return Parse(Encoding.UTF8.GetString(header), 8 + lengthBytes + length);
    }

    /// <summary>The header of version 1.0, padded so that the elements begin on a multiple of 64.</summary>
    public static byte[] Header(ElementType element, IReadOnlyList<long> shape)
    {
        ArgumentNullException.ThrowIfNull(element);
        var sizes = string.Join(", ", shape.Select(s => s.ToString(CultureInfo.InvariantCulture)));
        var dictionary = $"{{'descr': '{element.NpyDescriptor}', 'fortran_order': False, 'shape': ({sizes}{(shape.Count == 1 ? "," : "")}), }}";
        var total = (10 + dictionary.Length + 1 + 63) / 64 * 64;
        var text = dictionary.PadRight(total - 11) + "\n";
        var result = new byte[total];
        Magic.CopyTo(result);
        result[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(result.AsSpan(8), (ushort)text.Length);
        Encoding.ASCII.GetBytes(text, result.AsSpan(10));
        return result;
    }

    private static NpyFile Parse(string header, long dataOffset)
    {
        var descriptor = DescriptorPattern().Match(header);
        var order = OrderPattern().Match(header);
        var shape = ShapePattern().Match(header);
        if (!descriptor.Success || !order.Success || !shape.Success) throw new InvalidDataException("the header lacks descr, fortran_order or shape, or has a structured type");
        var type = descriptor.Groups[1].Value;
        var element = type switch
        {
            "|b1" => ElementType.Find("uchar"),
            _ => ElementType.All.FirstOrDefault(e => e.NpyDescriptor == type || (e.Size == 1 && e.NpyDescriptor[1..] == type[1..]) || "=" + e.NpyDescriptor[1..] == type),
        };
        if (element is null)
        {
            throw new InvalidDataException(type.StartsWith('>') ? $"type {type} is big-endian; convert it with .astype('<{type[1..]}')" : $"type {type} is none of the elements a buffer can have");
        }

        var sizes = new List<long>();
        foreach (var size in shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!long.TryParse(size.TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out var value)) throw new InvalidDataException($"the shape ({shape.Groups[1].Value}) is not understood");
            sizes.Add(value);
        }

        if (order.Groups[1].Value == "True" && sizes.Count(s => s != 1) > 1) throw new InvalidDataException("the array is in Fortran order; save it with numpy.ascontiguousarray");
        return new NpyFile(element, sizes, dataOffset);
    }

    [GeneratedRegex(@"'descr'\s*:\s*'([^']+)'")]
    private static partial Regex DescriptorPattern();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)")]
    private static partial Regex OrderPattern();

    [GeneratedRegex(@"'shape'\s*:\s*\(([^)]*)\)")]
    private static partial Regex ShapePattern();
}
