using System.Globalization;

namespace Nutanix.Prism.Simulator.Api;

/// <summary>A version in an API path: <c>v4.0.a1</c> &lt; <c>v4.0.b1</c> &lt; <c>v4.0</c> &lt; <c>v4.1</c>.</summary>
internal readonly record struct ApiVersion(int Major, int Minor, ReleaseStage Stage = ReleaseStage.General, int Revision = 0) : IComparable<ApiVersion>
{
    public static ApiVersion First { get; } = new(4, 0, ReleaseStage.Alpha, 1);

    public static bool TryParse(string text, out ApiVersion version)
    {
        version = default;
        var parts = text.Split('.');
        if (parts.Length is < 2 or > 3 || !parts[0].StartsWith('v')) return false;
        if (!Number(parts[0].AsSpan(1), out var major) || !Number(parts[1], out var minor)) return false;
        if (parts.Length == 2)
        {
            version = new(major, minor);
            return true;
        }

        if (parts[2].Length < 2 || parts[2][0] is not ('a' or 'b') || !Number(parts[2].AsSpan(1), out var revision)) return false;
        version = new(major, minor, parts[2][0] == 'a' ? ReleaseStage.Alpha : ReleaseStage.Beta, revision);
        return true;
    }

    public int CompareTo(ApiVersion other) =>
        (Major, Minor, (int)Stage, Revision).CompareTo((other.Major, other.Minor, (int)other.Stage, other.Revision));

    public static bool operator <(ApiVersion left, ApiVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(ApiVersion left, ApiVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(ApiVersion left, ApiVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ApiVersion left, ApiVersion right) => left.CompareTo(right) >= 0;

    public override string ToString()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"v{Major}.{Minor}");
        return Stage == ReleaseStage.General ? text : string.Create(CultureInfo.InvariantCulture, $"{text}.{(Stage == ReleaseStage.Alpha ? 'a' : 'b')}{Revision}");
    }

    private static bool Number(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}

internal enum ReleaseStage
{
    Alpha,
    Beta,
    General,
}
