using GpuPlatform;

namespace Nutanix.Prism;

/// <summary>The GPUs of one model in one cluster, counted.</summary>
public sealed record GpuSummary
{
    public string? ClusterId { get; init; }

    public string? ClusterName { get; init; }

    public GpuVendor Vendor { get; init; }

    public required string Model { get; init; }

    /// <summary>Hosts that have such a GPU.</summary>
    public int Hosts { get; init; }

    /// <summary>Devices and vGPU slots.</summary>
    public int Total { get; init; }

    /// <summary>Those a machine could be given now.</summary>
    public int Free { get; init; }

    /// <summary>Those a machine holds.</summary>
    public int InUse { get; init; }

    /// <summary>Neither free nor held: on hosts in maintenance, or in a state the platform does not explain.</summary>
    public int Unavailable => Total - Free - InUse;

    /// <summary>Memory of all, in bytes; null where no device tells.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Memory of the free ones, in bytes.</summary>
    public long? FreeMemoryBytes { get; init; }

    /// <summary>Counts by cluster, vendor and model, in that order.</summary>
    public static IReadOnlyList<GpuSummary> Of(IEnumerable<GpuHost> hosts) =>
    [
        .. hosts
            .SelectMany(h => h.Gpus.Select(g => (Host: h, Gpu: g)))
            .GroupBy(p => (p.Host.ClusterId, p.Host.ClusterName, p.Gpu.Vendor, p.Gpu.Model))
            .Select(g => new GpuSummary
            {
                ClusterId = g.Key.ClusterId,
                ClusterName = g.Key.ClusterName,
                Vendor = g.Key.Vendor,
                Model = g.Key.Model,
                Hosts = g.Select(p => p.Host.Id).Distinct().Count(),
                Total = g.Count(),
                Free = g.Count(p => p.Gpu.IsFree),
                InUse = g.Count(p => p.Gpu.AssignedVmId is not null),
                MemoryBytes = Sum(g.Select(p => p.Gpu)),
                FreeMemoryBytes = Sum(g.Select(p => p.Gpu).Where(d => d.IsFree)),
            })
            .OrderBy(s => s.ClusterName, StringComparer.OrdinalIgnoreCase)
            .ThenBy(s => s.Vendor)
            .ThenBy(s => s.Model, StringComparer.OrdinalIgnoreCase),
    ];

    private static long? Sum(IEnumerable<GpuDevice> gpus)
    {
        long?[] known = [.. gpus.Select(g => g.MemoryBytes).Where(m => m is not null)];
        return known.Length == 0 ? null : known.Sum();
    }
}
