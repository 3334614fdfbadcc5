using System.Collections;
using System.Globalization;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime;

/// <summary>
/// Makes a texture's description from what a person has at a prompt: an array of texels of one to three dimensions, or a dictionary with
/// the array as <c>Data</c> and, by the names of <see cref="Keys"/>, what differs from a plain one.
/// </summary>
internal static class TextureArgument
{
    public static IReadOnlyList<string> Keys { get; } =
        ["Data", "Format", "Width", "Height", "Depth", "Layered", "Levels", "Filter", "MipFilter", "Address", "Normalized", "ReadMode", "Border"];

    /// <summary>The array of texels and what is to be known of them.</summary>
    /// <param name="argument">An array or a dictionary.</param>
    /// <param name="typeOf">The element type of an array; null where it is no array of numbers.</param>
    /// <exception cref="KernelArgumentException">The argument cannot be a texture.</exception>
    public static (Array Data, TextureDescription Description) Read(object argument, Func<Array, ElementType?> typeOf)
    {
        var fields = argument is IDictionary dictionary ? Fields(dictionary) : new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase) { ["Data"] = argument };
        if (!fields.TryGetValue("Data", out var value) || value is not Array data || typeOf(data) is not { } element) throw Wrong("Data must be an array of numbers with its texels");
        var channels = 1;
        if (Find(fields, "Format") is { } name)
        {
            var format = TextureDescription.FindFormat(Text(name)) ?? throw Wrong($"'{name}' is no Format; write a scalar of up to 32 bits and 1, 2 or 4 channels, such as float or uchar4");
            if (format.Element != element) throw Wrong($"Format is {name}, but Data holds {element.Name}");
            channels = format.Channels;
        }

        // The last dimension holds the channels where there are several and the array tells all sizes.
        var sizes = Enumerable.Range(0, data.Rank).Select(data.GetLength).ToList();
        if (channels > 1 && sizes.Count > 1 && sizes[^1] == channels) sizes.RemoveAt(sizes.Count - 1);
        else if (channels > 1) sizes[^1] /= channels;
        int Size(string key, int fromEnd) => Find(fields, key) is { } given ? Integer(key, given) : sizes.Count > fromEnd ? sizes[^(fromEnd + 1)] : 1;
        var hasSize = fields.ContainsKey("Width");
        var description = new TextureDescription
        {
            Element = element,
            Channels = channels,
            Width = Size("Width", 0),
            Height = hasSize && !fields.ContainsKey("Height") ? 1 : Size("Height", 1),
            Depth = hasSize && !fields.ContainsKey("Depth") ? 1 : Size("Depth", 2),
            IsLayered = Flag(fields, "Layered"),
            Levels = Find(fields, "Levels") is { } levels ? Integer("Levels", levels) : 1,
            Filter = Choice<TextureFilterMode>(fields, "Filter"),
            MipFilter = Choice<TextureFilterMode>(fields, "MipFilter"),
            Address = Find(fields, "Address") is { } address ? [.. Items(address).Select(a => Parse<TextureAddressMode>("Address", a))] : [TextureAddressMode.Clamp],
            IsNormalized = Flag(fields, "Normalized"),
            ReadMode = Choice<TextureReadMode>(fields, "ReadMode"),
            Border = Find(fields, "Border") is { } border ? [.. Items(border).Select(b => Convert.ToSingle(b, CultureInfo.InvariantCulture))] : [],
        };
        description.Check();
        var expected = description.TexelCount * channels;
        if (data.Length != expected) throw Wrong(string.Create(CultureInfo.InvariantCulture, $"its size needs {expected} numbers, but Data has {data.Length}"));
        return (data, description);
    }

    private static Dictionary<string, object> Fields(IDictionary dictionary)
    {
        var fields = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in dictionary)
        {
            var key = Text(entry.Key);
            if (!Keys.Contains(key, StringComparer.OrdinalIgnoreCase)) throw Wrong($"'{key}' is not known; known are {string.Join(", ", Keys)}");
            if (entry.Value is { } value) fields[key] = value;
        }

        return fields;
    }

    private static object? Find(Dictionary<string, object> fields, string key) => fields.GetValueOrDefault(key);

    private static IEnumerable<object> Items(object value) => value is Array array ? array.Cast<object>() : [value];

    private static bool Flag(Dictionary<string, object> fields, string key) => Find(fields, key) is { } value && Convert.ToBoolean(value, CultureInfo.InvariantCulture);

    private static T Choice<T>(Dictionary<string, object> fields, string key)
        where T : struct, Enum => Find(fields, key) is { } value ? Parse<T>(key, value) : default;

    private static T Parse<T>(string key, object value)
        where T : struct, Enum => Enum.TryParse<T>(Text(value), true, out var parsed) && Enum.IsDefined(parsed) ? parsed
            : throw Wrong($"{key} is '{value}'; possible are {string.Join(", ", Enum.GetNames<T>())}");

    private static int Integer(string key, object value)
    {
        try
        {
            return Convert.ToInt32(value, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FormatException or OverflowException or InvalidCastException)
        {
            throw Wrong($"{key} is '{value}', which is no whole number");
        }
    }

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static KernelArgumentException Wrong(string what) => new(DiagnosticCodes.BadArgument, $"This texture cannot be: {what}.");
}
