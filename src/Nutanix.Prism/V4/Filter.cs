using System.Globalization;

namespace Nutanix.Prism.V4;

/// <summary>The few OData forms this client sends.</summary>
internal static class Filter
{
    /// <summary><c>field eq 'text'</c>; an apostrophe in the text is doubled.</summary>
    public static string Equal(string field, string text) => $"{field} eq '{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary><c>field eq Namespace.Module.Type'VALUE'</c></summary>
    public static string EqualEnum(string field, string type, string value) => $"{field} eq {type}'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    public static string Since(string field, DateTimeOffset time) => $"{field} ge {Time(time)}";

    public static string? Or(IEnumerable<string> terms) => Join(terms, " or ");

    public static string? And(IEnumerable<string?> terms) => Join(terms, " and ");

    /// <summary>ISO 8601 in UTC with milliseconds.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string? Join(IEnumerable<string?> terms, string word)
    {
        string[] parts = [.. terms.Where(t => t is not null).Select(t => t!)];
        return parts.Length switch
        {
            0 => null,
            1 => parts[0],
            _ => string.Join(word, parts.Select(p => p.Contains(" or ", StringComparison.Ordinal) ? $"({p})" : p)),
        };
    }
}
