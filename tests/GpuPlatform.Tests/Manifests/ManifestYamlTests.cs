using GpuPlatform.Manifests;
using YamlDotNet.Serialization;

namespace GpuPlatform.Tests.Manifests;

public class ManifestYamlTests
{
    public static TheoryData<string> HostileTexts =>
    [
        "", " ", "yes", "No", "ON", "off", "y", "N", "true", "False", "null", "NULL", "~", "1", "-1", "0x1F", "0o17", "017", "1_000", "1e3",
        "1.5", ".5", "1:30", "190:20:30", ".inf", "-.INF", ".NaN", "2024-01-01", "2024-01-01T00:00:00Z", "=", "<<", "<", "*alias", "&anchor",
        "!tag", "|", ">", "%directive", "@at", "`tick", "- item", "-", "? key", ": value", "a: b", "a:", "#comment", "a #comment", "{a: b}",
        "[a]", "'single'", "\"double\"", "back\\slash", "a\nb", "a\nb\n", "a\nb\n\n", "\na", " leading", "trailing ", "a\r\nb\r\n", "a\tb", "\ta\nb", "a \nb",
        "---", "...", "--- a", "a\n---\nb", "\u00e9t\u00e9", "\u65e5\u672c\u8a9e", "\U0001F680 rocket", "line\u2028separator", "nel\u0085here", "bom\uFEFF",
        "\u0007bell", "\u001b[31m", "nbsp\u00a0", "x\n  indented\n    more\n", "#!/bin/sh\necho \"$HOME\" # done\n", "key: |\n  text\n",
    ];

    [Theory]
    [MemberData(nameof(HostileTexts))]
    public void Hostile_text_comes_back_as_the_same_string(string text)
    {
        var yaml = ManifestYaml.Serialize(new Dictionary<string, string> { ["value"] = text });

        var parsed = ParseUntyped(yaml);

        Assert.Equal(text, Assert.IsType<string>(parsed["value"]));
    }

    [Theory]
    [MemberData(nameof(HostileTexts))]
    public void Hostile_keys_come_back_as_the_same_string(string text)
    {
        var yaml = ManifestYaml.Serialize(new Dictionary<string, string> { [text] = "v" });

        Assert.Equal([text], ParseUntyped(yaml).Keys);
    }

    [Fact]
    public void Long_text_is_not_folded()
    {
        var text = string.Join(' ', Enumerable.Repeat("word:", 400));

        Assert.Equal(text, ParseUntyped(ManifestYaml.Serialize(new Dictionary<string, string> { ["value"] = text }))["value"]);
    }

    [Fact]
    public void Scripts_are_written_as_readable_blocks()
    {
        var yaml = ManifestYaml.Serialize(new Dictionary<string, string> { ["run"] = "#!/bin/sh\necho hello\n" });

        Assert.Equal("run: |\n  #!/bin/sh\n  echo hello\n", yaml);
    }

    [Fact]
    public void Lines_end_the_same_on_every_system()
    {
        Assert.DoesNotContain('\r', ManifestYaml.SerializeStream([new Dictionary<string, string> { ["a"] = "b" }, new Dictionary<string, string> { ["c"] = "d" }]));
    }

    /// <summary>Reads scalars as their YAML type, so that a string written bare would come back as a number or boolean.</summary>
    private static Dictionary<string, object?> ParseUntyped(string yaml)
    {
        var deserializer = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var parsed = deserializer.Deserialize<Dictionary<object, object?>>(yaml);
        return parsed.ToDictionary(p => Assert.IsType<string>(p.Key), p => p.Value);
    }
}
