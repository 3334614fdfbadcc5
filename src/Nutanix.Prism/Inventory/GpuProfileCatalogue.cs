using System.Runtime.CompilerServices;
using GpuPlatform;
using Nutanix.Prism.Api;

namespace Nutanix.Prism.Inventory;

/// <summary>Counts the rows of each cluster's GPU profiles by kind.</summary>
internal static class GpuProfileCatalogue
{
    public static async IAsyncEnumerable<GpuProfile> ReadAsync(
        IPrismApi api,
        IReadOnlyCollection<string>? clusterIds,
        Action<PlatformWarning>? report,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (PrismCluster cluster in api.ListClusters(cancellationToken).ConfigureAwait(false))
        {
            // The profile calls fail for the Prism Central's own entry.
            if (cluster.IsPrismCentral || clusterIds?.Contains(cluster.ExtId) == false)
            {
                continue;
            }

            List<GpuProfileRow> rows;
            try
            {
                rows = await api.ReadGpuRowsAsync(cluster.ExtId, cancellationToken).ConfigureAwait(false);
            }
            catch (PrismException e)
            {
                report?.Invoke(new PlatformWarning($"cluster {cluster.Name}", $"The GPU profiles of cluster {cluster.Name} could not be read: {e.Message}", e));
                continue;
            }

            foreach (GpuProfile profile in Count(cluster, rows))
            {
                yield return profile;
            }
        }
    }

    private static IEnumerable<GpuProfile> Count(PrismCluster cluster, List<GpuProfileRow> rows) => rows
        .GroupBy(r => (r.IsVirtual, r.DeviceId, r.DeviceName, r.Mode))
        .Select(kind =>
        {
            GpuProfileRow row = kind.First();
            string name = row.DeviceName ?? row.Model;
            return new GpuProfile
            {
                Name = name,
                Model = row.Model,
                Vendor = row.Vendor,
                Mode = row.Mode,
                DeviceId = row.DeviceId,
                MemoryBytes = row.MemoryBytes,
                Meaning = GpuProfileMeaning.Of(name, row.Mode, row.MemoryBytes),
                ClusterId = cluster.ExtId,
                ClusterName = cluster.Name,
                Devices = kind.Count(),
                Free = kind.Sum(r => r.FreeSlots),
                InUse = kind.Sum(r => r.AllocatedVms.Count > 0 ? r.AllocatedVms.Count : r.IsInUse ? 1 : 0),
                MaxInstancesPerVm = row.MaxInstancesPerVm,
                MaxResolution = row.MaxResolution,
                Licenses = row.Licenses,
            };
        })
        .OrderBy(p => p.Model, StringComparer.Ordinal)
        .ThenBy(p => p.Mode)
        .ThenBy(p => p.MemoryBytes)
        .ThenBy(p => p.Name, StringComparer.Ordinal);
}
