namespace GpuPlatform;

/// <summary>Finds what a misspelled name may have meant.</summary>
public static class NearestName
{
    /// <summary>
    /// The candidate that is the same but for case, '_' and '-'; else the one within a third of the name's length in edits, the nearest
    /// first; null where none is near.
    /// </summary>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        string? best = null;
        // Any short name is near to any other.
        var limit = name.Length < 3 ? 0 : Math.Max(1, name.Length / 3);
        foreach (var candidate in candidates.Where(c => c != name).Order(StringComparer.Ordinal))
        {
            if (Letters(candidate) == Letters(name))
                return candidate;
            var distance = Distance(name, candidate);
            if (distance > limit || (best is not null && distance == limit))
                continue;

            limit = distance;
            best = candidate;
        }

        return best;
    }

    /// <summary>Edits (insert, delete, replace, swap of neighbours) that turn one text into the other.</summary>
    public static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, replaced);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }

    private static string Letters(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
}
