using System.Runtime.CompilerServices;
using Nutanix.Prism.Inventory;
using Nutanix.Prism.V4;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.Machines;

/// <summary>Finds machines.</summary>
internal sealed class VmStore(V4Api api, PrismDirectory directory)
{
    public const string Path = "ahv/config/vms";

    // Filters travel in the URL; more names than this make more requests.
    private const int NamesInOneFilter = 20;

    public Task<Tagged<WireVm>> GetTaggedAsync(string extId, CancellationToken cancellationToken) =>
        api.GetAsync(ApiNamespace.Vmm, $"{Path}/{V4Api.Segment(extId)}", PrismJson.Default.WireVm, cancellationToken);

    public async Task<PrismVm> GetAsync(string extId, CancellationToken cancellationToken)
    {
        Tagged<WireVm> vm = await GetTaggedAsync(extId, cancellationToken).ConfigureAwait(false);
        return await directory.NameAsync(vm.Value.ToVm(), cancellationToken).ConfigureAwait(false);
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

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (IEnumerable<string> names in query.Names.Count == 0 ? [[]] : query.Names.Distinct(StringComparer.Ordinal).Chunk(NamesInOneFilter))
        {
            var options = new ListOptions
            {
                Filter = Filter.And(
                [
                    Filter.Or(names.Select(n => Filter.Equal("name", n))),
                    query.ClusterId is { } cluster ? Filter.Equal("cluster/extId", cluster) : null,
                    query.HostId is { } host ? Filter.Equal("host/extId", host) : null,
                ]),
                FilterIsOptional = true,
            };
            await foreach (WireVm wire in api
                .ListAsync(ApiNamespace.Vmm, Path, PrismJson.Default.WireVm, v => v.ExtId, options, cancellationToken)
                .ConfigureAwait(false))
            {
                PrismVm vm = wire.ToVm();
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
            return (await GetTaggedAsync(extId, cancellationToken).ConfigureAwait(false)).Value.ToVm();
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
