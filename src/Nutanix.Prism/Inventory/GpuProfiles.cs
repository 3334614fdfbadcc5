using Nutanix.Prism.V4;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.Inventory;

/// <summary>
/// Reads a cluster's physical and virtual GPU profiles. Since 4.3 these lists are marked deprecated, but nothing replaces
/// them: the 4.3 catalogue has one row a model, without free or used.
/// </summary>
internal sealed class GpuProfiles(V4Api api)
{
    /// <param name="clusterId">Whose profiles.</param>
    /// <param name="seen">Is given each row as its page arrives.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<List<GpuProfileRow>> GetPhysicalAsync(string clusterId, Action<GpuProfileRow>? seen, CancellationToken cancellationToken) =>
        ReadAsync(clusterId, "physical-gpu-profiles", seen, cancellationToken);

    public Task<List<GpuProfileRow>> GetVirtualAsync(string clusterId, CancellationToken cancellationToken) =>
        ReadAsync(clusterId, "virtual-gpu-profiles", null, cancellationToken);

    private async Task<List<GpuProfileRow>> ReadAsync(
        string clusterId, string collection, Action<GpuProfileRow>? seen, CancellationToken cancellationToken)
    {
        var rows = new List<GpuProfileRow>();
        string path = $"config/clusters/{V4Api.Segment(clusterId)}/{collection}";
        await foreach (WireGpuProfile profile in api
            .ListAsync(ApiNamespace.ClusterMgmt, path, PrismJson.Default.WireGpuProfile, p => p.ExtId, new ListOptions { ReadsAll = true }, cancellationToken)
            .ConfigureAwait(false))
        {
            if (GpuProfileRow.From(profile) is { } row)
            {
                seen?.Invoke(row);
                rows.Add(row);
            }
        }

        return rows;
    }
}
