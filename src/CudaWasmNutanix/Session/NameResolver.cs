using Nutanix.Prism;

namespace CudaWasmNutanix.Session;

/// <summary>Finds the one entity a person means by a name or an extId. Prism's names are not unique, so it may have to ask back.</summary>
internal static class NameResolver
{
    /// <param name="nameOrId">A name, upper and lower case alike where only one fits, or an extId.</param>
    /// <param name="kind">What is looked for, for messages: <c>image</c>.</param>
    /// <param name="candidates">All there are.</param>
    /// <param name="id">The extId of a candidate.</param>
    /// <param name="name">The name of a candidate.</param>
    /// <exception cref="PrismNotFoundException">Nothing fits.</exception>
    /// <exception cref="PrismAmbiguousNameException">Several fit.</exception>
    public static T Resolve<T>(string nameOrId, string kind, IReadOnlyList<T> candidates, Func<T, string> id, Func<T, string> name)
    {
        if (candidates.FirstOrDefault(c => string.Equals(id(c), nameOrId, StringComparison.OrdinalIgnoreCase)) is { } known)
        {
            return known;
        }

        T[] matches = [.. candidates.Where(c => string.Equals(name(c), nameOrId, StringComparison.Ordinal))];
        if (matches.Length == 0)
        {
            matches = [.. candidates.Where(c => string.Equals(name(c), nameOrId, StringComparison.OrdinalIgnoreCase))];
        }

        return matches switch
        {
            [T only] => only,
            [] => throw new PrismNotFoundException(NotFoundText(nameOrId, kind, [.. candidates.Select(name)])),
            _ => throw new PrismAmbiguousNameException(
                $"{matches.Length} {kind}s are called '{nameOrId}'. Give the extId of the one that is meant: {string.Join(", ", matches.Select(id))}.",
                [.. matches.Select(id)]),
        };
    }

    private static string NotFoundText(string nameOrId, string kind, string[] names)
    {
        const int Shown = 8;
        string known = names.Length == 0
            ? "There is none at all"
            : $"There is {string.Join(", ", names.Distinct().Order(StringComparer.OrdinalIgnoreCase).Take(Shown))}{(names.Length > Shown ? ", ..." : "")}";
        return $"There is no {kind} '{nameOrId}'. {known}.";
    }
}
