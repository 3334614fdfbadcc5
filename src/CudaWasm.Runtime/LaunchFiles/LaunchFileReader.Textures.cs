using System.Text.Json;

namespace CudaWasm.Runtime;

// Textures and surfaces in launch files.
internal sealed partial class LaunchFileReader
{
    private static readonly string[] SizeFields = ["format", "width", "height", "depth", "layered", "levels", "input", "fill", "output"];
    private static readonly string[] SamplingFields = ["filter", "mipFilter", "address", "normalized", "readMode", "border"];

    private LaunchTexture Texture(JsonElement json, string path)
    {
        var isSurface = json.TryGetProperty("surface", out _);
        var key = isSurface ? "surface" : "texture";
        var outer = Fields(json, path, key);
        path = $"{path}.{key}";
        var fields = Fields(outer[key], path, isSurface ? SizeFields : [.. SizeFields, .. SamplingFields]);
        var name = Text(Required(fields, path, "format"), path + ".format");
        var format = TextureDescription.FindFormat(name)
            ?? throw Wrong(path + ".format", $"'{name}' is no format; write a scalar of up to 32 bits and 1, 2 or 4 channels, such as float or uchar4");
        var description = new TextureDescription
        {
            Element = format.Element,
            Channels = format.Channels,
            Width = (int)Integer(Required(fields, path, "width"), path + ".width", 1, int.MaxValue),
            Height = Size("height"),
            Depth = Size("depth"),
            IsLayered = Flag("layered"),
            Levels = Size("levels"),
            Filter = Choice<TextureFilterMode>("filter"),
            MipFilter = Choice<TextureFilterMode>("mipFilter"),
            Address = fields.TryGetValue("address", out var address) ? [.. List(address).Select(a => Choose<TextureAddressMode>(a, path + ".address"))] : [TextureAddressMode.Clamp],
            IsNormalized = Flag("normalized"),
            ReadMode = Choice<TextureReadMode>("readMode"),
            Border = fields.TryGetValue("border", out var border) ? [.. List(border).Select(b => (float)Real(b, path + ".border"))] : [],
        };
        try
        {
            description.Check();
        }
        catch (KernelArgumentException e)
        {
            throw Wrong(path, e.Message);
        }

        var input = Optional(fields, path, "input");
        if (input is not null && fields.ContainsKey("fill")) throw Wrong(path, "a texture has an input or a fill, not both");
        if (input is not null && !Exists(input)) throw Wrong(path + ".input", $"there is no file {input}");
        var fill = fields.TryGetValue("fill", out var value) ? Scalar(description.Element, value, path + ".fill") : null;
        return new LaunchTexture(path, description, input, fill, OutputPath(fields, path));

        int Size(string field) => fields.TryGetValue(field, out var number) ? (int)Integer(number, $"{path}.{field}", 1, int.MaxValue) : 1;

        bool Flag(string field) => fields.TryGetValue(field, out var flag) && flag.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong($"{path}.{field}", "true or false is expected"),
        };

        T Choice<T>(string field)
            where T : struct, Enum => fields.TryGetValue(field, out var text) ? Choose<T>(text, $"{path}.{field}") : default;
    }

    private static IEnumerable<JsonElement> List(JsonElement json) => json.ValueKind == JsonValueKind.Array ? json.EnumerateArray() : [json];

    private T Choose<T>(JsonElement json, string path)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName).ToList();
        var index = json.ValueKind == JsonValueKind.String ? names.IndexOf(json.GetString()!) : -1;
        return index >= 0 ? Enum.GetValues<T>()[index] : throw Wrong(path, $"one of {string.Join(", ", names)} is expected");
    }
}
