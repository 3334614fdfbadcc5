using System.Text.Json.Nodes;

namespace Nutanix.Prism.Simulator.Query;

/// <summary>
/// What the filter of a list let through, kept for its next page: a cluster of a thousand hosts has a hundred pages of devices,
/// and to look through all devices for each of them would make the simulator the slowest part of a test. Only the
/// simulator's lock guards it.
/// </summary>
internal sealed class ListMemo
{
    private const int MostLists = 64;

    private readonly Dictionary<string, List<JsonObject>> _lists = new(StringComparer.Ordinal);

    /// <summary>To be called when anything may have changed.</summary>
    public void Forget() => _lists.Clear();

    /// <param name="list">Path, options and whatever else the list depends on.</param>
    /// <param name="read">Reads it.</param>
    public List<JsonObject> Get(string list, Func<List<JsonObject>> read)
    {
        if (_lists.TryGetValue(list, out var known)) return known;
        if (_lists.Count >= MostLists) _lists.Clear();
        return _lists[list] = read();
    }
}
