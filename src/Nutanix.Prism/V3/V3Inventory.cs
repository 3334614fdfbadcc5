using System.Runtime.CompilerServices;
using GpuPlatform;
using Nutanix.Prism.Inventory;
using Nutanix.Prism.V3.Wire;

namespace Nutanix.Prism.V3;

/// <summary>
/// The estate's GPUs out of hosts/list, which tells everything: host, PCI address, NUMA node, who holds it. Clusters give
/// names and machines the names of holders; either may fail without costing a host.
/// </summary>
internal sealed class V3Inventory(V3Api api, V3Prism prism)
{
    public async IAsyncEnumerable<GpuHost> StreamAsync(
        Action<PlatformWarning>? report, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Dictionary<string, PrismCluster> clusters = (await TryAsync("clusters", prism.ListClusters(cancellationToken), report, cancellationToken).ConfigureAwait(false))
            .DistinctBy(c => c.ExtId)
            .ToDictionary(c => c.ExtId);
        Dictionary<string, PrismVm>? vms = null;
        await foreach (V3Host host in prism.ListHosts(cancellationToken).ConfigureAwait(false))
        {
            if (host.Gpus.Count == 0)
            {
                continue;
            }

            Dictionary<string, PrismVm> holders = Named(host.Consumers);
            if (host.Consumers.Any(c => c.Uuid is { Length: > 0 } id && !holders.ContainsKey(id)))
            {
                vms ??= (await TryAsync("virtual machines", prism.ListVms(new VmQuery(), cancellationToken), report, cancellationToken).ConfigureAwait(false))
                    .DistinctBy(v => v.ExtId)
                    .ToDictionary(v => v.ExtId);
                holders = vms;
            }

            yield return new GpuHostAssembler(ClusterOf(host, clusters), holders).Assemble([host.Host], [], [], [host]).Hosts.Single();
        }
    }

    private static PrismCluster ClusterOf(V3Host host, Dictionary<string, PrismCluster> clusters)
    {
        string id = host.Host.Cluster?.Uuid ?? string.Empty;
        return clusters.GetValueOrDefault(id) ?? new PrismCluster { ExtId = id, Name = host.Host.Cluster?.Name ?? id };
    }

    private static Dictionary<string, PrismVm> Named(IReadOnlyList<V3Reference> consumers) => consumers
        .Where(c => c is { Uuid.Length: > 0, Name.Length: > 0 })
        .DistinctBy(c => c.Uuid)
        .ToDictionary(c => c.Uuid!, c => new PrismVm { ExtId = c.Uuid!, Name = c.Name! });

    private async Task<List<T>> TryAsync<T>(string source, IAsyncEnumerable<T> read, Action<PlatformWarning>? report, CancellationToken cancellationToken)
    {
        try
        {
            return await read.ToListAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PrismException e)
        {
            api.Http.Log($"{source}: {e.Message}");
            report?.Invoke(new PlatformWarning(source, $"The {source} could not be read, so their names are missing: {e.Message}", e));
            return [];
        }
    }
}
