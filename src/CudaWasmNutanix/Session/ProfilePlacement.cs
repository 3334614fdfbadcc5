using System.Globalization;
using GpuPlatform;
using Nutanix.Prism;

namespace CudaWasmNutanix.Session;

/// <summary>
/// Chooses a cluster for GPU profiles. A device that is not cut yet shows as one whole device, so its vGPU types are found
/// in the profiles and not among the devices of hosts.
/// </summary>
internal static class ProfilePlacement
{
    /// <param name="client">The client.</param>
    /// <param name="hosts">Hosts whose clusters are meant.</param>
    /// <param name="names">Profiles, one GPU each; null for the smallest vGPU type that does.</param>
    /// <param name="model">Model of that vGPU; null for any.</param>
    /// <param name="memoryBytes">Its least frame buffer; null for any.</param>
    /// <param name="count">How many of it.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="NoFreeGpuException">No cluster has them free.</exception>
    public static async Task<GpuPlacementCandidate> ChooseAsync(
        PrismClient client, IReadOnlyList<GpuHost> hosts, IReadOnlyList<string>? names, string? model, long? memoryBytes, int count, CancellationToken cancellationToken)
    {
        string[] clusters = [.. hosts.Select(h => h.ClusterId).OfType<string>().Distinct()];
        List<GpuProfile> all = await client.GetGpuProfilesAsync(clusters, null, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        (string Cluster, GpuProfile[] Chosen, int Left)[] fits = [.. all
            .GroupBy(p => p.ClusterId)
            .Select(g => (g.Key, Pick(g, names, model, memoryBytes, count)))
            .Where(c => c.Item2 is not null)
            .Select(c => (c.Key, c.Item2!, c.Item2!.Min(p => p.Free)))
            .OrderByDescending(c => c.Item3)
            .ThenBy(c => c.Key, StringComparer.Ordinal)];
        string wish = names is null ? $"{count} vGPU{(model is null ? "" : $" of an {model}")}" : string.Join(", ", names);
        if (fits.Length == 0)
        {
            throw new NoFreeGpuException(
                $"No cluster has {wish} free. Get-NtnxGpuProfile -Free lists what is: {string.Join(", ", all.Where(p => p.Free > 0).Select(p => p.Name).Distinct().Take(12))}.", names?.Count ?? count, 0);
        }

        (string cluster, GpuProfile[] chosen, int left) = fits[0];
        GpuHost host = hosts.First(h => h.ClusterId == cluster);
        GpuDevice[] gpus = [.. chosen.Select((p, i) => new GpuDevice
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{cluster}/{p.Name}/{i}"),
            Model = p.Model,
            DeviceName = p.Name,
            Vendor = p.Vendor,
            Mode = p.Mode,
            DeviceId = p.DeviceId,
            MemoryBytes = p.MemoryBytes,
            ClusterId = cluster,
        })];
        string reason = string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", chosen.Select(p => p.Name))} of cluster {host.ClusterName}, of which {left} are free");
        return new GpuPlacementCandidate(host, gpus, 1, reason);
    }

    private static GpuProfile[]? Pick(IEnumerable<GpuProfile> profiles, IReadOnlyList<string>? names, string? model, long? memoryBytes, int count)
    {
        if (names is null)
        {
            GpuProfile? smallest = profiles
                .Where(p => p.Mode == GpuMode.Virtual && p.Free >= count && (p.MaxInstancesPerVm ?? count) >= count)
                .Where(p => (model is null || string.Equals(p.Model, model, StringComparison.OrdinalIgnoreCase)) && (memoryBytes is null || p.MemoryBytes >= memoryBytes))
                .OrderBy(p => p.MemoryBytes)
                .ThenBy(p => p.Name, StringComparer.Ordinal)
                .FirstOrDefault();
            return smallest is null ? null : [.. Enumerable.Repeat(smallest, count)];
        }

        GpuProfile[] named = [.. names.Select(n => profiles.FirstOrDefault(p => string.Equals(p.Name, n, StringComparison.OrdinalIgnoreCase))).OfType<GpuProfile>()];
        return named.Length == names.Count && named.GroupBy(p => p.Name).All(g => g.First().Free >= g.Count()) ? named : null;
    }
}
