namespace Nutanix.Prism.Simulator.Query;

/// <summary>The decoded options of a URL's query; a plus sign is a blank, as in forms.</summary>
internal static class QueryString
{
    /// <exception cref="QueryException">An option is given twice.</exception>
    public static Dictionary<string, string> Parse(string query)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = Decode(equals < 0 ? part : part[..equals]);
            if (!options.TryAdd(name, equals < 0 ? "" : Decode(part[(equals + 1)..]))) throw new QueryException(name, $"The query option '{name}' is given twice.");
        }

        return options;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
