using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>Reads quantities (<c>500m</c>, <c>16Gi</c>, <c>1e3</c>) as the API server does, for comparing them.</summary>
internal static partial class KubernetesQuantity
{
    private static readonly Dictionary<string, decimal> Scales = new(StringComparer.Ordinal)
    {
        [""] = 1m,
        ["n"] = 1e-9m,
        ["u"] = 1e-6m,
        ["m"] = 1e-3m,
        ["k"] = 1e3m,
        ["M"] = 1e6m,
        ["G"] = 1e9m,
        ["T"] = 1e12m,
        ["P"] = 1e15m,
        ["E"] = 1e18m,
        ["Ki"] = 1L << 10,
        ["Mi"] = 1L << 20,
        ["Gi"] = 1L << 30,
        ["Ti"] = 1L << 40,
        ["Pi"] = 1L << 50,
        ["Ei"] = 1L << 60,
    };

    public static bool TryParse(string text, out decimal amount)
    {
        amount = 0;
        var match = Pattern().Match(text);
        if (!match.Success)
            return false;

        try
        {
            var suffix = match.Groups["suffix"].Value;
            amount = suffix.Length > 1 && suffix[0] is 'e' or 'E' && !Scales.ContainsKey(suffix)
                ? decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)
                : decimal.Parse(match.Groups["number"].Value, NumberStyles.Float, CultureInfo.InvariantCulture) * Scales[suffix];
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    [GeneratedRegex(
        @"\A(?<number>[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+))(?<suffix>[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+|)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
