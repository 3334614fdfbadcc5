using System.Globalization;
using System.Text.Json;
using GpuPlatform.Toml;

namespace GpuPlatform.Tests.Toml;

/// <summary>
/// The public cases of toml-lang/toml-test for TOML 1.0. They are not part of the repository: a checkout of them in a folder
/// toml-test, beside this checkout or above it, is found.
/// </summary>
public sealed class TomlTestCases
{
    [Fact]
    public void What_is_valid_is_read_as_it_is_meant()
    {
        string folder = Folder();
        var faults = new List<string>();
        var count = 0;
        foreach (string name in Cases(folder, "valid/", ".toml"))
        {
            count++;
            string path = Path.Combine(folder, name);
            try
            {
                TomlTable table = TomlReader.Read(File.ReadAllBytes(path));
                using JsonDocument expected = JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(path, ".json")));
                if (Difference(expected.RootElement, table, "$") is { } difference)
                    faults.Add($"{name}: {difference}");
            }
            catch (TomlException e)
            {
                faults.Add($"{name}: {e.Message}");
            }
        }

        Assert.True(count > 150, $"Only {count} cases were found.");
        Assert.Empty(faults);
    }

    [Fact]
    public void What_is_invalid_is_refused()
    {
        string folder = Folder();
        var taken = new List<string>();
        var count = 0;
        foreach (string name in Cases(folder, "invalid/", ".toml"))
        {
            count++;
            try
            {
                TomlReader.Read(File.ReadAllBytes(Path.Combine(folder, name)));
                taken.Add(name);
            }
            catch (TomlException)
            {
                // As it must be.
            }
        }

        Assert.True(count > 300, $"Only {count} cases were found.");
        Assert.Empty(taken);
    }

    private static string Folder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "toml-test", "tests");
            if (Directory.Exists(path))
                return path;
        }

        Assert.Skip("There is no folder toml-test beside the checkout: git clone https://github.com/toml-lang/toml-test there to run the public TOML cases.");
        return "";
    }

    private static IEnumerable<string> Cases(string folder, string kind, string extension) => File
        .ReadLines(Path.Combine(folder, "files-toml-1.0.0"))
        .Where(n => n.StartsWith(kind, StringComparison.Ordinal) && n.EndsWith(extension, StringComparison.Ordinal));

    private static string? Difference(JsonElement expected, object actual, string at) => (expected.ValueKind, actual) switch
    {
        (JsonValueKind.Object, TomlTable table) when !IsScalar(expected) =>
            expected.EnumerateObject().Count() != table.Values.Count
                ? $"{at} has {string.Join(", ", table.Values.Keys)}"
                : expected.EnumerateObject()
                    .Select(m => table.Values.TryGetValue(m.Name, out object? value) ? Difference(m.Value, value, $"{at}.{m.Name}") : $"{at}.{m.Name} is missing")
                    .FirstOrDefault(d => d is not null),
        (JsonValueKind.Array, TomlArray array) => expected.GetArrayLength() != array.Items.Count
            ? $"{at} has {array.Items.Count} items"
            : expected.EnumerateArray().Select((item, i) => Difference(item, array.Items[i], $"{at}[{i}]")).FirstOrDefault(d => d is not null),
        (JsonValueKind.Object, _) when IsScalar(expected) => Same(expected.GetProperty("type").GetString()!, expected.GetProperty("value").GetString()!, actual)
            ? null
            : $"{at} is {actual} ({actual.GetType().Name}), not {expected}",
        _ => $"{at} is a {actual.GetType().Name}",
    };

    private static bool IsScalar(JsonElement element) => element.ValueKind == JsonValueKind.Object
        && element.EnumerateObject().Count() == 2
        && element.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String
        && element.TryGetProperty("value", out JsonElement value) && value.ValueKind == JsonValueKind.String;

    private static bool Same(string type, string text, object actual) => type switch
    {
        "string" => actual is string s && s == text,
        "integer" => actual is long n && n == long.Parse(text, CultureInfo.InvariantCulture),
        "bool" => actual is bool b && b == (text == "true"),
        "float" => actual is double d && (text.TrimStart('+', '-') switch
        {
            "nan" => double.IsNaN(d),
            "inf" => double.IsInfinity(d) && d < 0 == text.StartsWith('-'),
            _ => d.Equals(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)),
        }),
        _ => actual is TomlTime time && SameTime(type, text, time),
    };

    private static bool SameTime(string type, string text, TomlTime time) => (type, time.Kind) switch
    {
        ("datetime", TomlTimeKind.OffsetDateTime) => Offset(text) == Offset(time.Text),
        ("datetime-local", TomlTimeKind.LocalDateTime) or ("date-local", TomlTimeKind.LocalDate) or ("time-local", TomlTimeKind.LocalTime) =>
            Trim(text) == Trim(time.Text),
        _ => false,
    };

    private static DateTimeOffset Offset(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    // Zeros at the end of a fraction mean nothing.
    private static string Trim(string text)
    {
        text = text.ToUpperInvariant().Replace(' ', 'T');
        return text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
    }
}
