namespace Nutanix.Prism.Simulator.Api;

/// <summary>The namespaces served and the newest path version of each.</summary>
internal sealed class ServedVersions
{
    private static readonly Dictionary<string, ApiVersion> Newest = new(StringComparer.Ordinal)
    {
        ["clustermgmt"] = new(4, 3),
        ["vmm"] = new(4, 3),
        ["prism"] = new(4, 4),
        ["networking"] = new(4, 4),
    };

    private readonly Dictionary<string, ApiVersion> _served = new(Newest);

    /// <exception cref="ArgumentException">An unknown namespace, or text that is no v4 version.</exception>
    public ServedVersions(IReadOnlyDictionary<string, string> limits)
    {
        foreach (var (name, text) in limits)
        {
            if (!Newest.TryGetValue(name, out var newest)) throw new ArgumentException($"The simulator has no namespace '{name}'; it serves {string.Join(", ", Newest.Keys)}.", nameof(limits));
            if (!ApiVersion.TryParse(text, out var version) || version < ApiVersion.First) throw new ArgumentException($"'{text}' is not a version like v4.0 (namespace {name}).", nameof(limits));
            if (version > newest) throw new ArgumentException($"The newest version of the namespace {name} is {newest}, not {text}.", nameof(limits));
            _served[name] = version;
        }
    }

    /// <summary>The highest version served in a namespace; false for a namespace that is not there.</summary>
    public bool TryGet(string name, out ApiVersion highest) => _served.TryGetValue(name, out highest);
}
