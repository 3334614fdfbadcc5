using Nutanix.Prism.Api;

namespace Nutanix.Prism.Inventory;

/// <summary>
/// Clusters, and the names of clusters and hosts: machines refer to both by id only. Names are kept for a minute, so
/// that a list of a thousand machines asks once.
/// </summary>
internal sealed class PrismDirectory(IPrismApi api) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _gate = new(1);
    private Dictionary<string, string>? _names;
    private long _readAt;

    /// <summary>Fills in the names of the machine's cluster and host; a name that cannot be found stays null.</summary>
    public async Task<PrismVm> NameAsync(PrismVm vm, CancellationToken cancellationToken)
    {
        if ((vm.ClusterName is not null || vm.ClusterId is null) && (vm.HostName is not null || vm.HostId is null))
        {
            return vm;
        }

        Dictionary<string, string> names = await NamesAsync(cancellationToken).ConfigureAwait(false);
        return vm with
        {
            ClusterName = vm.ClusterName ?? Find(names, vm.ClusterId),
            HostName = vm.HostName ?? Find(names, vm.HostId),
        };
    }

    public void Dispose() => _gate.Dispose();

    private async Task<Dictionary<string, string>> NamesAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_names is null || api.Http.Time.GetElapsedTime(_readAt) > Lifetime)
            {
                _names = await ReadNamesAsync(cancellationToken).ConfigureAwait(false);
                _readAt = api.Http.Time.GetTimestamp();
            }

            return _names;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<Dictionary<string, string>> ReadNamesAsync(CancellationToken cancellationToken)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        Task<List<PrismCluster>> clusters = api.ListClusters(cancellationToken).ToListAsync(cancellationToken).AsTask();
        Task<List<KeyValuePair<string, string>>> hosts = api.ListHostNames(cancellationToken).ToListAsync(cancellationToken).AsTask();
        try
        {
            await Task.WhenAll(clusters, hosts).ConfigureAwait(false);
        }
        catch (PrismException e)
        {
            // Names are for people; the machines are what was asked for.
            api.Http.Log($"Names of clusters and hosts could not be read: {e.Message}");
        }

        foreach (PrismCluster cluster in clusters.IsCompletedSuccessfully ? clusters.Result : [])
        {
            names[cluster.ExtId] = cluster.Name;
        }

        foreach ((string id, string name) in hosts.IsCompletedSuccessfully ? hosts.Result : [])
        {
            names[id] = name;
        }

        return names;
    }

    private static string? Find(Dictionary<string, string> names, string? id) => id is null ? null : names.GetValueOrDefault(id);
}
