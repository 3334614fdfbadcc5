using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Manifests;

/// <summary>What Kubernetes takes a bare scalar for: it reads YAML 1.1, where more words than <c>true</c> are truth values.</summary>
internal static partial class YamlScalars
{
    private static readonly HashSet<string> Booleans = [.. Cased("true"), .. Cased("false"), .. Cased("yes"), .. Cased("no"), .. Cased("on"), .. Cased("off"), .. Cased("y"), .. Cased("n")];
    private static readonly HashSet<string> Nulls = ["", "~", .. Cased("null")];

    public static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain } scalar && Nulls.Contains(scalar.Value ?? "");

    public static bool IsBoolean(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain } scalar && Booleans.Contains(scalar.Value!);

    public static bool IsInteger(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain } scalar && IntegerPattern().IsMatch(scalar.Value!);

    public static bool IsNumber(YamlNode node) => IsInteger(node) || (node is YamlScalarNode { Style: ScalarStyle.Plain } scalar && FloatPattern().IsMatch(scalar.Value!));

    /// <summary>Lower case, capitalised, upper case: no other ways are read.</summary>
    private static IEnumerable<string> Cased(string word) => [word, char.ToUpperInvariant(word[0]) + word[1..], word.ToUpperInvariant()];

    [GeneratedRegex(@"\A[-+]?(0x[0-9a-fA-F_]+|0o?[0-7_]+|0b[01_]+|0|[1-9][0-9_]*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex IntegerPattern();

    [GeneratedRegex(@"\A([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z", RegexOptions.CultureInvariant)]
    private static partial Regex FloatPattern();
}
