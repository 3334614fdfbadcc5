using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace GpuPlatform.Manifests.Kubernetes;

/// <summary>The API server's rules for names and values, so that a fault shows before anything is applied.</summary>
internal static partial class KubernetesRules
{
    /// <summary>RFC 1123 label: namespaces and parts of names.</summary>
    public static readonly TextRule Dns1123Label = new(
        v => v.Length <= 63 && Dns1123LabelPattern().IsMatch(v),
        "must be an RFC 1123 label: 1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit");

    /// <summary>RFC 1035 label: Services, whose name is a DNS name of its own.</summary>
    public static readonly TextRule Dns1035Label = new(
        v => v.Length <= 63 && Dns1035LabelPattern().IsMatch(v),
        "must be an RFC 1123 label that begins with a letter (it names a Service too): 1 to 63 of a-z, 0-9 and '-', ending with a letter or digit");

    public static readonly TextRule Dns1123Subdomain = new(
        IsSubdomain,
        "must be an RFC 1123 subdomain: up to 253 of a-z, 0-9, '-' and '.', each part beginning and ending with a letter or digit");

    public static readonly TextRule QualifiedName = new(
        IsQualifiedName,
        "must be a label key: an optional DNS prefix and '/', then 1 to 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit");

    public static readonly TextRule LabelValue = new(
        v => v.Length <= 63 && LabelValuePattern().IsMatch(v),
        "must be a label value: up to 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit");

    public static readonly TextRule ExtendedResource = new(
        v => v.Contains('/') && IsQualifiedName(v),
        "must be an extended resource name: a DNS domain, '/', and a name, such as 'nvidia.com/mig-1g.5gb'");

    /// <summary>A slice of an NVIDIA GPU as the device plugin's <c>mixed</c> MIG strategy names it.</summary>
    public static readonly TextRule MigResource = new(
        v => MigResourcePattern().IsMatch(v),
        "must be a MIG resource such as 'nvidia.com/mig-1g.10gb' or 'nvidia.com/mig-1g.10gb.me'");

    /// <summary>Five cron fields (as github.com/robfig/cron reads them, without seconds and without a time zone), or a word.</summary>
    public static readonly TextRule CronSchedule = new(
        IsCronSchedule,
        "must be five cron fields (minute, hour, day of month, month, day of week) such as '0 3 * * *', or @hourly, @daily, @weekly, @monthly, @yearly");

    public static readonly TextRule TimeZone = new(
        v => v != "Local" && TimeZonePattern().IsMatch(v),
        "must be an IANA time zone such as 'Europe/Zurich'");

    /// <summary>A name both a container environment and a ConfigMap key accept.</summary>
    public static readonly TextRule EnvironmentName = new(
        v => v.Length <= 253 && EnvironmentNamePattern().IsMatch(v) && v is not "." && !v.StartsWith("..", StringComparison.Ordinal),
        "must be an environment variable name: letters, digits, '_', '-' and '.', not beginning with a digit");

    public static readonly TextRule ConfigMapKey = new(
        v => v.Length is > 0 and <= 253 && ConfigMapKeyPattern().IsMatch(v) && v is not "." && !v.StartsWith("..", StringComparison.Ordinal),
        "must be a file name of letters, digits, '_', '-' and '.', not beginning with '..'");

    /// <summary>Any text a container can be given: no NUL, no half surrogate pairs.</summary>
    public static readonly TextRule PlainText = new(
        v => !v.Contains('\0') && HasWholeSurrogates(v),
        "must be valid text without NUL characters");

    /// <summary>[registry[:port]/]path[:tag][@digest], the grammar of github.com/distribution/reference.</summary>
    public static readonly TextRule ImageReference = new(
        v => v.Length <= 512 && ImageReferencePattern().IsMatch(v),
        "must be an image reference: [registry[:port]/]path[:tag][@digest], the path in lower case");

    public static readonly TextRule Quantity = new(
        v => KubernetesQuantity.TryParse(v, out var amount) && amount > 0,
        "must be a positive quantity such as '500m', '4', '16Gi' or '1e3'");

    public static readonly TextRule Cidr = new(
        v => v.Contains('/') && IPNetwork.TryParse(v, out _),
        "must be a network in CIDR form such as '10.0.0.0/8', with no host bits set");

    /// <summary>Versions of charts (semver.org); a build after '+' is left out, since Helm keeps versions in labels.</summary>
    public static readonly TextRule SemanticVersion = new(
        v => v.Length <= 63 && SemanticVersionPattern().IsMatch(v),
        "must be a semantic version such as '1.2.3' or '1.2.3-rc.1'");

    private static bool IsSubdomain(string value) =>
        value.Length <= 253 && value.Split('.').All(part => Dns1123LabelPattern().IsMatch(part));

    private static bool IsQualifiedName(string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        var name = value[(slash + 1)..];
        return (slash < 0 || IsSubdomain(value[..slash])) && name.Length is > 0 and <= 63 && LabelValuePattern().IsMatch(name);
    }

    private static bool IsCronSchedule(string value)
    {
        if (value is "@hourly" or "@daily" or "@midnight" or "@weekly" or "@monthly" or "@yearly" or "@annually")
            return true;

        (int Low, int High, string[] Names)[] fields =
        [
            (0, 59, []),
            (0, 23, []),
            (1, 31, []),
            (1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
            (0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
        ];
        var parts = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == fields.Length && parts.Zip(fields).All(p => p.First.Split(',').All(item => IsCronItem(item, p.Second.Low, p.Second.High, p.Second.Names)));
    }

    private static bool IsCronItem(string item, int low, int high, string[] names)
    {
        var match = CronItemPattern().Match(item);
        if (!match.Success || (match.Groups["step"].Success && !(int.TryParse(match.Groups["step"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step > 0)))
            return false;
        if (match.Groups["any"].Success)
            return true;

        var first = Number(match.Groups["first"].Value);
        var last = match.Groups["last"].Success ? Number(match.Groups["last"].Value) : first;
        return first >= low && last <= high && first <= last;

        int Number(string text)
        {
            var name = Array.IndexOf(names, text.ToLowerInvariant());
            if (name >= 0)
                return name + low;
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        }
    }

    private static bool HasWholeSurrogates(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (!char.IsSurrogate(value[i]))
                continue;

            if (i + 1 == value.Length || !char.IsSurrogatePair(value[i], value[i + 1]))
                return false;

            i++;
        }

        return true;
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Dns1123LabelPattern();

    [GeneratedRegex(@"\A[a-z]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Dns1035LabelPattern();

    [GeneratedRegex(@"\A([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValuePattern();

    [GeneratedRegex(@"\Anvidia\.com/mig-[1-7]g\.[1-9][0-9]{0,2}gb(\.[a-z]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex MigResourcePattern();

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex TimeZonePattern();

    [GeneratedRegex(
        @"\A((?<any>[*?])|(?<first>[0-9A-Za-z]+)(-(?<last>[0-9A-Za-z]+))?)(/(?<step>[0-9]+))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex CronItemPattern();

    [GeneratedRegex(
        @"\A(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex SemanticVersionPattern();

    [GeneratedRegex(@"\A[-._a-zA-Z][-._a-zA-Z0-9]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex EnvironmentNamePattern();

    [GeneratedRegex(@"\A[-._a-zA-Z0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex ConfigMapKeyPattern();

    [GeneratedRegex(
        @"\A(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?/)?"
        + @"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
        + @"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex ImageReferencePattern();
}
