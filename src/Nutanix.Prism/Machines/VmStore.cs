using System.Runtime.CompilerServices;
using Nutanix.Prism.Api;
using Nutanix.Prism.Http;
using Nutanix.Prism.Inventory;

namespace Nutanix.Prism.Machines;

/// <summary>Finds machines.</summary>
internal sealed class VmStore(IPrismApi api, PrismDirectory directory)
{
    // Filters travel in the URL; more names than this make more requests.
    private const int NamesInOneFilter = 20;

    public Task<VmSnapshot> GetSnapshotAsync(string extId, CancellationToken cancellationToken) => api.GetVmAsync(extId, cancellationToken);

    public async Task<PrismVm> GetAsync(string extId, CancellationToken cancellationToken)
    {
        VmSnapshot vm = await api.GetVmAsync(extId, cancellationToken).ConfigureAwait(false);
        return await directory.NameAsync(vm.Vm, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<PrismVm> ListAsync(VmQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (PrismVm vm in FindAsync(query, cancellationToken).ConfigureAwait(false))
        {
            yield return await directory.NameAsync(vm, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>As <see cref="ListAsync"/>, without the names of clusters and hosts.</summary>
    public async IAsyncEnumerable<PrismVm> FindAsync(VmQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (query.ExtIds.Count > 0)
        {
            foreach (string extId in query.ExtIds.Distinct(StringComparer.Ordinal))
            {
                PrismVm? vm = await TryGetAsync(extId, cancellationToken).ConfigureAwait(false);
                if (vm is not null && Matches(vm, query))
                {
                    yield return vm;
                }
            }

            yield break;
        }

        var seen = new IdSet();
        foreach (string[] names in query.Names.Count == 0 ? [[]] : query.Names.Distinct(StringComparer.Ordinal).Chunk(NamesInOneFilter))
        {
            await foreach (PrismVm vm in api.ListVms(query with { Names = names }, cancellationToken).ConfigureAwait(false))
            {
                if (Matches(vm, query) && seen.Add(vm.ExtId))
                {
                    yield return vm;
                }
            }
        }
    }

    private async Task<PrismVm?> TryGetAsync(string extId, CancellationToken cancellationToken)
    {
        try
        {
            return (await api.GetVmAsync(extId, cancellationToken).ConfigureAwait(false)).Vm;
        }
        catch (PrismNotFoundException)
        {
            return null;
        }
    }

    private static bool Matches(PrismVm vm, VmQuery query) =>
        (query.Names.Count == 0 || query.Names.Contains(vm.Name, StringComparer.Ordinal))
        && (query.ClusterId is null || vm.ClusterId == query.ClusterId)
        && (query.HostId is null || vm.HostId == query.HostId)
        && (!query.GpuOnly || vm.Gpus.Count > 0);
}
