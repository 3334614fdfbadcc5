using System.Globalization;
using GpuPlatform;

namespace Nutanix.Prism;

/// <summary>What a workload needs of one host. What is not set does not restrict.</summary>
public sealed record GpuPlacementRequest
{
    public GpuVendor Vendor { get; init; }

    /// <summary>Model, without regard to case: <c>A40</c>, <c>MI300X</c>.</summary>
    public string? Model { get; init; }

    /// <summary>GPUs on one host, at least 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Memory each GPU must have, in bytes; a GPU of unknown memory does not count then.</summary>
    public long? MemoryBytes { get; init; }

    public GpuMode Mode { get; init; }

    /// <summary>extId of the cluster.</summary>
    public string? ClusterId { get; init; }

    /// <summary>Only hosts that have the GPUs on one NUMA node, and say so.</summary>
    public bool OneNumaNode { get; init; }

    public GpuPlacementStrategy Strategy { get; init; }
}

/// <summary>Which of the hosts that fit comes first.</summary>
public enum GpuPlacementStrategy
{
    /// <summary>The host with the fewest GPUs left over: large requests find room later.</summary>
    Pack,

    /// <summary>The host with the most GPUs left over: a lost host costs least.</summary>
    Spread,
}

/// <summary>A host that fits.</summary>
/// <param name="Host">The host.</param>
/// <param name="Gpus">The free GPUs chosen on it, all of one kind.</param>
/// <param name="Rank">1 is the best.</param>
/// <param name="Reason">Why it stands where it stands.</param>
public sealed record GpuPlacementCandidate(GpuHost Host, IReadOnlyList<GpuDevice> Gpus, int Rank, string Reason);

/// <summary>A host that does not fit.</summary>
/// <param name="Host">The host.</param>
/// <param name="Reason">The first thing it lacks.</param>
public sealed record GpuPlacementRejection(GpuHost Host, string Reason);

/// <summary>The ranked hosts and the reasons.</summary>
public sealed record GpuPlacementResult(
    GpuPlacementRequest Request, IReadOnlyList<GpuPlacementCandidate> Candidates, IReadOnlyList<GpuPlacementRejection> Rejections)
{
    /// <summary>The best host, or null.</summary>
    public GpuPlacementCandidate? Best => Candidates.Count > 0 ? Candidates[0] : null;

    /// <summary>The best host.</summary>
    /// <exception cref="NoFreeGpuException">None fits; the message tells why, host by host.</exception>
    public GpuPlacementCandidate Require() => Best ?? throw new NoFreeGpuException(
        Rejections.Count == 0
            ? $"No host to choose from for {GpuPlacement.Describe(Request)}: the estate has no hosts with GPUs."
            : $"No host fits {GpuPlacement.Describe(Request)}. {string.Join(" ", Rejections.Take(8).Select(r => $"{r.Host.Name}: {r.Reason}."))}"
                + (Rejections.Count > 8 ? string.Create(CultureInfo.InvariantCulture, $" And {Rejections.Count - 8} more.") : string.Empty),
        Request.Count,
        Rejections.Sum(r => r.Host.FreeGpuCount));
}

/// <summary>
/// Chooses hosts by best fit: GPUs no larger than needed, then as few left over as possible (or as many, to spread), on one
/// NUMA node if there is a choice. The same hosts and request give the same order, whatever the order of the hosts.
/// </summary>
public static class GpuPlacement
{
    /// <exception cref="ArgumentOutOfRangeException">The count is less than 1.</exception>
    public static GpuPlacementResult Rank(IEnumerable<GpuHost> hosts, GpuPlacementRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Count, 1, nameof(request));
        var fits = new List<Fit>();
        var rejections = new List<GpuPlacementRejection>();
        foreach (GpuHost host in hosts.OrderBy(h => h.Name, StringComparer.Ordinal).ThenBy(h => h.Id, StringComparer.Ordinal))
        {
            (Fit? fit, string? lack) = Try(host, request);
            if (fit is not null)
            {
                fits.Add(fit);
            }
            else
            {
                rejections.Add(new GpuPlacementRejection(host, lack!));
            }
        }

        GpuPlacementCandidate[] ranked = [.. fits
            .OrderBy(f => f.Excess)
            .ThenBy(f => request.Strategy == GpuPlacementStrategy.Spread ? -f.LeftOver : f.LeftOver)
            .ThenBy(f => f.NumaNodes)
            .Select((f, i) => new GpuPlacementCandidate(f.Host, f.Gpus, i + 1, f.Reason))];
        return new GpuPlacementResult(request, ranked, rejections);
    }

    internal static string Describe(GpuPlacementRequest request)
    {
        string model = request.Model ?? (request.Vendor == GpuVendor.Unknown ? "any" : request.Vendor.ToString());
        string memory = request.MemoryBytes is { } bytes ? $" with {GiB(bytes)} each" : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"{request.Count} × {model}{memory}");
    }

    private static (Fit? Fit, string? Lack) Try(GpuHost host, GpuPlacementRequest request)
    {
        if (request.ClusterId is not null && host.ClusterId != request.ClusterId)
        {
            return (null, "it belongs to another cluster");
        }

        if (!host.IsAvailable)
        {
            return (null, "it is in maintenance, disconnected or degraded");
        }

        // Each filter that empties the list is the reason.
        IReadOnlyList<GpuDevice> gpus = host.Gpus;
        (string Lack, Func<GpuDevice, bool> Keep)[] filters =
        [
            ($"it has no {request.Vendor} GPU", g => request.Vendor == GpuVendor.Unknown || g.Vendor == request.Vendor),
            ($"it has no {request.Model}, only {string.Join(", ", host.Models)}", g => request.Model is null || string.Equals(g.Model, request.Model, StringComparison.OrdinalIgnoreCase)),
            ($"it has no GPU in mode {request.Mode}", g => request.Mode == GpuMode.Unknown || g.Mode == request.Mode),
            ($"its GPUs have less than {GiB(request.MemoryBytes ?? 0)}", g => request.MemoryBytes is null || g.MemoryBytes >= request.MemoryBytes),
        ];
        foreach ((string lack, Func<GpuDevice, bool> keep) in filters)
        {
            gpus = [.. gpus.Where(keep)];
            if (gpus.Count == 0)
            {
                return (null, lack);
            }
        }

        GpuDevice[] free = [.. gpus.Where(g => g.IsFree)];
        if (free.Length < request.Count)
        {
            return (null, string.Create(CultureInfo.InvariantCulture, $"{free.Length} of {gpus.Count} fitting GPUs are free, {request.Count} needed"));
        }

        // GPUs of different kinds on one host are not mixed: a machine's GPUs are named by one device id.
        Fit? best = free
            .Where(g => !request.OneNumaNode || g.NumaNode is not null)
            .GroupBy(g => (g.Model, g.DeviceId, g.Mode, g.MemoryBytes))
            .Where(g => request.OneNumaNode ? g.GroupBy(d => d.NumaNode).Any(n => n.Count() >= request.Count) : g.Count() >= request.Count)
            .OrderBy(g => g.Key.MemoryBytes ?? long.MaxValue)
            .ThenBy(g => g.Count())
            .ThenBy(g => g.Key.Model, StringComparer.Ordinal)
            .ThenBy(g => g.Key.DeviceId)
            .Select(g => Choose(host, [.. g], request, free.Length))
            .FirstOrDefault();
        return best is not null
            ? (best, null)
            : request.OneNumaNode
            ? (null, string.Create(CultureInfo.InvariantCulture, $"{free.Length} fitting GPUs are free, but no {request.Count} of one kind on one known NUMA node"))
            : (null, string.Create(CultureInfo.InvariantCulture, $"{free.Length} GPUs are free, but no {request.Count} of one kind"));
    }

    private static Fit Choose(GpuHost host, GpuDevice[] kind, GpuPlacementRequest request, int free)
    {
        // The NUMA node with the fewest GPUs that holds them all; else the first by address.
        GpuDevice[] ordered = [.. kind.OrderBy(g => g.NumaNode ?? int.MaxValue).ThenBy(g => g.PciAddress, StringComparer.Ordinal).ThenBy(g => g.Id, StringComparer.Ordinal)];
        GpuDevice[]? node = ordered
            .Where(g => g.NumaNode is not null)
            .GroupBy(g => g.NumaNode)
            .Where(g => g.Count() >= request.Count)
            .OrderBy(g => g.Count())
            .ThenBy(g => g.Key)
            .Select(g => g.ToArray())
            .FirstOrDefault();
        GpuDevice[] chosen = [.. (node ?? ordered).Take(request.Count)];
        int numaNodes = node is not null ? 1 : chosen.Select(g => g.NumaNode).Distinct().Count();
        long excess = (chosen[0].MemoryBytes ?? 0) - (request.MemoryBytes ?? chosen[0].MemoryBytes ?? 0);
        int leftOver = free - request.Count;
        string memory = chosen[0].MemoryBytes is { } bytes ? $" of {GiB(bytes)}" : string.Empty;
        string numa = request.Count == 1 ? string.Empty
            : chosen.Any(g => g.NumaNode is null) ? ", NUMA nodes not known"
            : numaNodes == 1 ? ", on one NUMA node"
            : string.Create(CultureInfo.InvariantCulture, $", on {numaNodes} NUMA nodes");
        string reason = string.Create(CultureInfo.InvariantCulture, $"{request.Count} × {chosen[0].Model}{memory}{numa}; {leftOver} free GPUs left over");
        return new Fit(host, chosen, excess, leftOver, numaNodes, reason);
    }

    private static string GiB(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.#} GiB");

    private sealed record Fit(GpuHost Host, IReadOnlyList<GpuDevice> Gpus, long Excess, int LeftOver, int NumaNodes, string Reason);
}
