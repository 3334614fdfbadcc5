using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Nutanix.Prism.V4;

/// <summary>A path version: <c>v4.0.a1</c> &lt; <c>v4.0.b2</c> &lt; <c>v4.0</c> &lt; <c>v4.3</c>.</summary>
internal readonly partial record struct ApiVersion(int Major, int Minor, char Stage, int Revision) : IComparable<ApiVersion>
{
    // Above the letters of the stages before a release, so that versions compare by their members.
    private const char Released = 'z';

    public static ApiVersion Of(int major, int minor) => new(major, minor, Released, 0);

    public static bool TryParse([NotNullWhen(true)] string? text, out ApiVersion version)
    {
        Match match = Pattern().Match(text?.Trim() ?? string.Empty);
        version = match.Success
            ? new ApiVersion(
                int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture),
                int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture),
                match.Groups[3].Success ? match.Groups[3].ValueSpan[0] : Released,
                match.Groups[4].Success ? int.Parse(match.Groups[4].ValueSpan, CultureInfo.InvariantCulture) : 0)
            : default;
        return match.Success;
    }

    public int CompareTo(ApiVersion other) =>
        (Major, Minor, Stage, Revision).CompareTo((other.Major, other.Minor, other.Stage, other.Revision));

    public override string ToString() => Stage == Released
        ? string.Create(CultureInfo.InvariantCulture, $"v{Major}.{Minor}")
        : string.Create(CultureInfo.InvariantCulture, $"v{Major}.{Minor}.{Stage}{Revision}");

    [GeneratedRegex(@"^v(\d{1,4})\.(\d{1,4})(?:\.([ab])(\d{1,4}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
