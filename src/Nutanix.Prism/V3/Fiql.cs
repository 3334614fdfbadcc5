namespace Nutanix.Prism.V3;

/// <summary>
/// The FIQL this client sends. How Prism reads an escaped value is not documented anywhere, so a text goes to the server
/// only if no character of it means something in FIQL; the caller filters by itself otherwise.
/// </summary>
internal static class Fiql
{
    /// <returns><c>field==text</c>, or null where the text cannot be sent.</returns>
    public static string? Equal(string field, string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? $"{field}=={text}" : null;

    /// <returns>Alternatives joined with ','; null if any cannot be sent.</returns>
    public static string? AnyOf(string field, IReadOnlyCollection<string> texts)
    {
        string?[] terms = [.. texts.Select(t => Equal(field, t))];
        return terms.Length == 0 || terms.Any(t => t is null) ? null : string.Join(',', terms);
    }
}
