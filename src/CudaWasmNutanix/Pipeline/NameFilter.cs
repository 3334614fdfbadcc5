using System.Management.Automation;

namespace CudaWasmNutanix.Pipeline;

/// <summary>Names as a person types them: any of several, with wildcards, upper and lower case alike. None given means all.</summary>
public sealed class NameFilter
{
    private readonly string[] _names;
    private readonly WildcardPattern[] _patterns;
    private readonly bool[] _hit;

    public NameFilter(IEnumerable<string>? names)
    {
        _names = [.. names ?? []];
        _patterns = [.. _names.Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant))];
        _hit = new bool[_names.Length];
    }

    /// <summary>The only name, where it has no wildcard: something a server can be asked for directly.</summary>
    public string? SingleLiteral => _names is [string name] && !WildcardPattern.ContainsWildcardCharacters(name) ? name : null;

    /// <summary>Names without a wildcard that matched nothing so far: what a person is told is missing.</summary>
    public IEnumerable<string> Missing =>
        _names.Where((name, i) => !_hit[i] && !WildcardPattern.ContainsWildcardCharacters(name));

    public bool IsMatch(string? name)
    {
        bool match = _names.Length == 0;
        for (int i = 0; i < _patterns.Length; i++)
        {
            if (name is not null && _patterns[i].IsMatch(name))
            {
                _hit[i] = match = true;
            }
        }

        return match;
    }

    /// <summary>True when any of the names matches; one device may be called by several.</summary>
    public bool IsMatchAny(params IEnumerable<string?> names) => names.Aggregate(false, (match, name) => IsMatch(name) || match);
}
