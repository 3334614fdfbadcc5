using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Runtime;

/// <summary>Reads launch files; every complaint names the file and the place in it.</summary>
internal sealed partial class LaunchFileReader
{
    private readonly string _path;
    private readonly string _folder;

    private readonly string? _outputFolder;
    private readonly HashSet<string> _outputs = new(StringComparer.OrdinalIgnoreCase);

    private LaunchFileReader(string path, string? outputFolder)
    {
        _path = path;
        _outputFolder = outputFolder;
        _folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".";
    }

    public static LaunchFile Read(string path, string? outputFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var reader = new LaunchFileReader(path, outputFolder is null ? null : Path.GetFullPath(outputFolder));
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return reader.Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new LaunchFileException(path, null, string.Create(CultureInfo.InvariantCulture, $"line {(e.LineNumber ?? 0) + 1}: this is no JSON: {e.Message}"), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchFileException(path, null, File.Exists(path) ? $"the file cannot be read: {e.Message}" : "there is no such file", e);
        }
    }

    private LaunchFile Read(JsonElement root)
    {
        var fields = Fields(root, "$", "source", "includePaths", "defines", "kernel", "grid", "block", "sharedBytes", "arguments", "symbols", "$schema");
        var source = FullPath(Text(Required(fields, "$", "source"), "$.source"));
        if (!File.Exists(source)) throw Wrong("$.source", $"there is no file {source}");
        return new LaunchFile
        {
            Path = _path,
            Source = source,
            IncludePaths = [.. Items(fields, "includePaths").Select(item => Folder(item.Value, item.Path))],
            Defines = Defines(fields),
            Kernel = Text(Required(fields, "$", "kernel"), "$.kernel"),
            Configuration = new LaunchConfiguration(
                Dimensions(Required(fields, "$", "grid"), "$.grid"),
                Dimensions(Required(fields, "$", "block"), "$.block"),
                fields.TryGetValue("sharedBytes", out var shared) ? (int)Integer(shared, "$.sharedBytes", 0, int.MaxValue) : 0),
            Arguments = [.. Items(fields, "arguments").Select(item => Argument(item.Value, item.Path))],
            Symbols = Symbols(fields),
        };
    }

    private LaunchArgument Argument(JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object) throw Wrong(path, "an object is expected, such as {\"int\": 1} or {\"buffer\": \"float\", \"count\": 1024}");
        if (json.TryGetProperty("buffer", out _)) return Buffer(json, path);
        if (json.TryGetProperty("texture", out _) || json.TryGetProperty("surface", out _)) return Texture(json, path);
        var properties = json.EnumerateObject().ToList();
        if (properties.Count != 1) throw Wrong(path, "an argument is a buffer, a texture or a surface, or has exactly one member: its type with its value");
        var (name, value) = (properties[0].Name, properties[0].Value);
        var place = $"{path}.{name}";
        if (name == "bytes")
        {
            return value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out var bytes) ? new LaunchValue(path, IrType.Void, bytes) : throw Wrong(place, "Base64 text is expected");
        }

        var element = ElementType.Find(name) ?? throw Wrong(path, $"'{name}' is no type; known are {Known}, and bytes");
        return new LaunchValue(path, element.Type, Scalar(element, value, place));
    }

    private LaunchBuffer Buffer(JsonElement json, string path)
    {
        var fields = Fields(json, path, "buffer", "count", "input", "fill", "output");
        var name = Text(fields["buffer"], path + ".buffer");
        var element = ElementType.Find(name) ?? throw Wrong(path + ".buffer", $"'{name}' is no element type; known are {Known}");
        var input = Optional(fields, path, "input");
        if (input is not null && fields.ContainsKey("fill")) throw Wrong(path, "a buffer has an input or a fill, not both");
        if (input is not null && !Exists(input)) throw Wrong(path + ".input", $"there is no file {input}");
        var limit = long.MaxValue / 16;
        long? count = fields.TryGetValue("count", out var number) ? Integer(number, path + ".count", 0, limit) : null;
        if (count is null && input is null) throw Wrong(path, "a buffer needs a count, or an input that tells it");
        var fill = fields.TryGetValue("fill", out var value) ? Scalar(element, value, path + ".fill") : null;
        return new LaunchBuffer(path, element, count, input, fill, OutputPath(fields, path));
    }

    private byte[] Scalar(ElementType element, JsonElement value, string path)
    {
        switch (element.Type)
        {
            case IrType.F16:
                return Bytes((Half)Real(value, path));
            case IrType.F32:
                return value.ValueKind == JsonValueKind.Number ? Bytes(value.GetSingle()) : Bytes((float)Real(value, path));
            case IrType.F64:
                return Bytes(Real(value, path));
            case IrType.U64:
                if (value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var unsigned)) return Bytes(unsigned);
                throw Wrong(path, "a whole number from 0 to 18446744073709551615 is expected");
            default:
                if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return Bytes(value.GetBoolean() ? 1L : 0L)[..element.Size];
                var bits = element.Size * 8;
                var (low, high) = element.Type.IsSigned() ? (long.MinValue >> (64 - bits), long.MaxValue >> (64 - bits)) : (0, (1L << bits) - 1);
                return Bytes(Integer(value, path, low, high))[..element.Size];
        }
    }

    private double Real(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Number) return value.GetDouble();
        return value.ValueKind == JsonValueKind.String ? value.GetString() switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => throw Wrong(path, "a number is expected, or one of the texts NaN, Infinity, -Infinity"),
        }
        : throw Wrong(path, "a number is expected");
    }

    private static byte[] Bytes<T>(T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();

    private Dictionary<string, string> Defines(Dictionary<string, JsonElement> fields)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!fields.TryGetValue("defines", out var json)) return result;
        if (json.ValueKind != JsonValueKind.Object) throw Wrong("$.defines", "an object is expected: names with their texts");
        foreach (var define in json.EnumerateObject())
        {
            result[define.Name] = define.Value.ValueKind switch
            {
                JsonValueKind.String => define.Value.GetString()!,
                JsonValueKind.Number => define.Value.GetRawText(),
                _ => throw Wrong($"$.defines.{define.Name}", "a text or a number is expected"),
            };
        }

        return result;
    }

    private Dictionary<string, LaunchSymbol> Symbols(Dictionary<string, JsonElement> fields)
    {
        var result = new Dictionary<string, LaunchSymbol>(StringComparer.Ordinal);
        if (!fields.TryGetValue("symbols", out var json)) return result;
        if (json.ValueKind != JsonValueKind.Object) throw Wrong("$.symbols", "an object is expected: names of variables with input and output");
        foreach (var symbol in json.EnumerateObject())
        {
            var path = $"$.symbols['{symbol.Name}']";
            if (symbol.Value.ValueKind == JsonValueKind.Object && (symbol.Value.TryGetProperty("texture", out _) || symbol.Value.TryGetProperty("surface", out _)))
            {
                result[symbol.Name] = new LaunchSymbol(path, null, null) { Texture = Texture(symbol.Value, path) };
                continue;
            }

            var inner = Fields(symbol.Value, path, "input", "output");
            var input = Optional(inner, path, "input");
            if (input is not null && !Exists(input)) throw Wrong(path + ".input", $"there is no file {input}");
            result[symbol.Name] = new LaunchSymbol(path, input, OutputPath(inner, path));
        }

        return result;
    }

    private Dim3 Dimensions(JsonElement json, string path)
    {
        if (json.ValueKind == JsonValueKind.Number) return new Dim3(Integer(json, path, 1, int.MaxValue));
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() is < 1 or > 3) throw Wrong(path, "one to three numbers are expected: [x, y, z]");
        var sizes = json.EnumerateArray().Select((item, i) => Integer(item, $"{path}[{i}]", 1, int.MaxValue)).ToList();
        return new Dim3(sizes[0], sizes.Count > 1 ? sizes[1] : 1, sizes.Count > 2 ? sizes[2] : 1);
    }

    private long Integer(JsonElement json, string path, long low, long high)
    {
        if (json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out var value) && value >= low && value <= high) return value;
        throw Wrong(path, string.Create(CultureInfo.InvariantCulture, $"a whole number from {low} to {high} is expected"));
    }

    private string Text(JsonElement json, string path) =>
        json.ValueKind == JsonValueKind.String && json.GetString() is { Length: > 0 } text ? text : throw Wrong(path, "a text is expected");

    private string Folder(JsonElement json, string path)
    {
        var folder = FullPath(Text(json, path));
        return Directory.Exists(folder) ? folder : throw Wrong(path, $"there is no folder {folder}");
    }

    private string? Optional(Dictionary<string, JsonElement> fields, string path, string name) =>
        fields.TryGetValue(name, out var json) && json.ValueKind != JsonValueKind.Null ? DataPath(Text(json, $"{path}.{name}"), $"{path}.{name}") : null;

    private string? OutputPath(Dictionary<string, JsonElement> fields, string path)
    {
        var output = Optional(fields, path, "output");
        if (output is null) return null;
        if (_isRequest) return _outputs.Add(output) ? output : throw Wrong(path + ".output", $"another output is called '{output}' too; give them names of their own");
        if (_outputFolder is not null)
        {
            var moved = Path.Combine(_outputFolder, Path.GetFileName(output));
            if (!_outputs.Add(moved)) throw Wrong(path + ".output", $"another output is written to {moved} too; give them file names of their own");
            Directory.CreateDirectory(_outputFolder);
            return moved;
        }

        if (!Directory.Exists(Path.GetDirectoryName(output))) throw Wrong(path + ".output", $"there is no folder {Path.GetDirectoryName(output)}");
        return Directory.Exists(output) ? throw Wrong(path + ".output", $"{output} is a folder") : output;
    }

    private IEnumerable<(JsonElement Value, string Path)> Items(Dictionary<string, JsonElement> fields, string name)
    {
        if (!fields.TryGetValue(name, out var json)) return [];
        if (json.ValueKind != JsonValueKind.Array) throw Wrong($"$.{name}", "an array is expected");
        return json.EnumerateArray().Select((item, i) => (item, string.Create(CultureInfo.InvariantCulture, $"$.{name}[{i}]")));
    }

    private Dictionary<string, JsonElement> Fields(JsonElement json, string path, params string[] known)
    {
        if (json.ValueKind != JsonValueKind.Object) throw Wrong(path, "an object is expected");
        var result = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in json.EnumerateObject())
        {
            if (!known.Contains(property.Name)) throw Wrong($"{path}.{property.Name}", $"this is not known here; known are {string.Join(", ", known.Where(k => k != "$schema"))}");
            if (!result.TryAdd(property.Name, property.Value)) throw Wrong($"{path}.{property.Name}", "this stands here twice");
        }

        return result;
    }

    private JsonElement Required(Dictionary<string, JsonElement> fields, string path, string name) =>
        fields.TryGetValue(name, out var json) ? json : throw Wrong(path, $"{name} is missing");

    private static string Known => string.Join(", ", ElementType.All.Select(e => e.Name));

    private string FullPath(string path) => Path.GetFullPath(Path.Combine(_folder, path));

    private LaunchFileException Wrong(string jsonPath, string message) => new(_path, jsonPath, message);
}
