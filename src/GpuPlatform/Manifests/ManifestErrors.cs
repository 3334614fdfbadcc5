using System.Globalization;
using System.Text;

namespace GpuPlatform.Manifests;

/// <summary>Collects faults so that a person corrects them in one go.</summary>
internal sealed class ManifestErrors
{
    private const int ShownLength = 60;

    private readonly List<ManifestError> _errors = [];

    public void Check(bool holds, string field, object? value, string rule)
    {
        if (!holds)
            _errors.Add(new ManifestError(field, Shown(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""), rule));
    }

    public void Check(string field, string? value, TextRule rule) => Check(rule.Holds(value), field, value, rule.Text);

    public void ThrowIfAny()
    {
        if (_errors.Count > 0)
            throw new ManifestException(_errors);
    }

    /// <summary>The value on one line, control characters made visible, at most 60 characters.</summary>
    private static string Shown(string value)
    {
        var text = new StringBuilder();
        foreach (var c in value.Length > ShownLength ? value.AsSpan(0, ShownLength) : value)
        {
            if (char.IsControl(c) || char.IsSurrogate(c))
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                text.Append(c);
        }

        return value.Length > ShownLength ? text.Append("...").ToString() : text.ToString();
    }
}

/// <summary>A rule a text keeps or breaks, and its words for people.</summary>
internal sealed record TextRule(Func<string, bool> Keeps, string Text)
{
    public bool Holds(string? value) => value is not null && Keeps(value);
}
