namespace Nutanix.Prism.Http;

/// <summary>Ids that were seen. Most are UUIDs and are kept as 16 bytes: a list of an estate must not keep the estate.</summary>
internal sealed class IdSet
{
    private readonly HashSet<Guid> _uuids = [];
    private readonly HashSet<string> _others = new(StringComparer.Ordinal);

    /// <returns>False if it was there.</returns>
    public bool Add(string id) => Guid.TryParse(id, out Guid uuid) ? _uuids.Add(uuid) : _others.Add(id);
}
