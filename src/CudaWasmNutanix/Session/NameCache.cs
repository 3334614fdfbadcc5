using System.Collections.Concurrent;
using Nutanix.Prism;

namespace CudaWasmNutanix.Session;

/// <summary>A name that can be completed, and a line that tells namesakes apart.</summary>
internal sealed record NamedItem(string Name, string Description);

/// <summary>
/// Remembers lists of names for a quarter of a minute: pressing Tab through ten hosts should ask the server once.
/// </summary>
internal sealed class NameCache(PrismClient client)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, (DateTime Read, IReadOnlyList<NamedItem> Items)> _lists = new();

    public async Task<IReadOnlyList<NamedItem>> GetAsync(
        string kind,
        Func<PrismClient, CancellationToken, IAsyncEnumerable<NamedItem>> read,
        CancellationToken cancellationToken)
    {
        if (_lists.TryGetValue(kind, out var list) && DateTime.UtcNow - list.Read < Lifetime)
        {
            return list.Items;
        }

        List<NamedItem> items = await read(client, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        _lists[kind] = (DateTime.UtcNow, items);
        return items;
    }
}
