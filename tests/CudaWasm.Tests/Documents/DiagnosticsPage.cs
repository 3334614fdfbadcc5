using System.Text;
using System.Text.RegularExpressions;
using CudaWasm.Tests.Support;

namespace CudaWasm.Tests.Documents;

/// <summary>One code of docs/diagnostics.md.</summary>
/// <param name="Code"><c>CW0001</c>.</param>
/// <param name="Source">The example; null where it cannot be written in a page.</param>
/// <param name="Launch">The launch file that runs it, without the source; null where compiling is enough.</param>
/// <param name="Output">What the page says comes out; null where there is no example.</param>
internal sealed record DiagnosticEntry(string Code, string? Source, string? Launch, string? Output);

/// <summary>docs/diagnostics.md, read as its tests need it.</summary>
internal static partial class DiagnosticsPage
{
    private static readonly string FilePath = Repository.Path("docs", "diagnostics.md");

    public static IReadOnlyList<DiagnosticEntry> Read()
    {
        var text = File.ReadAllText(FilePath).ReplaceLineEndings("\n");
        return [.. Entry().Matches(text).Select(m => new DiagnosticEntry(m.Groups["code"].Value, Block(m.Value, "cuda"), Block(m.Value, "json"), Block(m.Value, "text")))];
    }

    /// <summary>Puts what comes out of an example now into the page.</summary>
    public static void Write(string code, string output)
    {
        var text = File.ReadAllText(FilePath).ReplaceLineEndings("\n");
        text = Entry().Replace(text, m => m.Groups["code"].Value == code ? Fence("text").Replace(m.Value, _ => $"```text\n{output}```\n") : m.Value);
        File.WriteAllText(FilePath, text, new UTF8Encoding(false));
    }

    private static string? Block(string entry, string language) => Fence(language).Match(entry) is { Success: true } match ? match.Groups["body"].Value : null;

    private static Regex Fence(string language) => new($@"^```{language}\n(?<body>.*?)^```\n", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.CultureInvariant);

    [GeneratedRegex(@"^### (?<code>CW\d{4}): .*?(?=^##|\z)", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Entry();
}
