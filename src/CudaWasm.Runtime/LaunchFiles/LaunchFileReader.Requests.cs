using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CudaWasm.Runtime;

// Launch requests: inputs and outputs are names of parts, not files.
internal sealed partial class LaunchFileReader
{
    private const string RequestName = "launch";
    private const int MaximumSeconds = 86_400;

    private readonly bool _isRequest;

    private LaunchFileReader()
        : this(RequestName, null) => _isRequest = true;

    public static LaunchRequest ReadRequest(ReadOnlyMemory<byte> json)
    {
        var reader = new LaunchFileReader();
        try
        {
            using var document = JsonDocument.Parse(json);
            return reader.ReadRequest(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new LaunchFileException(RequestName, null, string.Create(CultureInfo.InvariantCulture, $"line {(e.LineNumber ?? 0) + 1}: this is no JSON: {e.Message}"), e);
        }
        catch (InvalidOperationException e)
        {
            // Text with half a surrogate pair is JSON, but no text.
            throw new LaunchFileException(RequestName, null, $"this is no JSON: {e.Message}", e);
        }
    }

    private LaunchRequest ReadRequest(JsonElement root)
    {
        var fields = Fields(root, "$", "kernel", "grid", "block", "sharedBytes", "arguments", "symbols", "timeoutSeconds");
        return new LaunchRequest
        {
            Kernel = fields.TryGetValue("kernel", out var kernel) ? Text(kernel, "$.kernel") : null,
            Configuration = new LaunchConfiguration(
                Dimensions(Required(fields, "$", "grid"), "$.grid"),
                Dimensions(Required(fields, "$", "block"), "$.block"),
                fields.TryGetValue("sharedBytes", out var shared) ? (int)Integer(shared, "$.sharedBytes", 0, int.MaxValue) : 0),
            Arguments = [.. Items(fields, "arguments").Select(item => WithSize(Argument(item.Value, item.Path)))],
            Symbols = Symbols(fields),
            Timeout = fields.TryGetValue("timeoutSeconds", out var seconds) ? Seconds(seconds, "$.timeoutSeconds") : null,
        };
    }

    /// <summary>Memory is made before the parts come, so that a part cannot make it grow.</summary>
    private LaunchArgument WithSize(LaunchArgument argument) =>
        argument is LaunchBuffer { Count: null } ? throw Wrong(argument.JsonPath, "a buffer needs a count") : argument;

    private TimeSpan Seconds(JsonElement json, string path) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var value) && value is > 0 and <= MaximumSeconds
            ? TimeSpan.FromSeconds(value)
            : throw Wrong(path, string.Create(CultureInfo.InvariantCulture, $"a number of seconds above 0, up to {MaximumSeconds}, is expected"));

    private bool Exists(string input) => _isRequest || File.Exists(input);

    private string DataPath(string name, string jsonPath)
    {
        if (!_isRequest) return FullPath(name);
        return PartName().IsMatch(name) ? name : throw Wrong(jsonPath, $"'{name}' is no name of a part: 1 to 64 letters, digits, '_', '-' and '.' are expected");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_.-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PartName();
}
