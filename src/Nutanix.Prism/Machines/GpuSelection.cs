using GpuPlatform;
using Nutanix.Prism.Api;
using Nutanix.Prism.Inventory;
using Nutanix.Prism.V4;

namespace Nutanix.Prism.Machines;

/// <summary>
/// Turns the GPUs asked for into what a create body needs, out of the profiles of the cluster: people know names, Prism
/// wants device id, vendor and mode. Counts what is free, since Prism would say so only at power-on.
/// </summary>
internal static class GpuSelection
{
    /// <param name="requests">The GPUs asked for.</param>
    /// <param name="rows">Profile rows of the cluster; null where the server does not tell them.</param>
    /// <param name="clusterName">For messages.</param>
    /// <exception cref="NoFreeGpuException">Fewer are free than asked for.</exception>
    /// <exception cref="PrismNotFoundException">The cluster has no such GPU.</exception>
    /// <exception cref="PrismAmbiguousNameException">The name stands for several kinds of GPU.</exception>
    public static IReadOnlyList<VmGpuSpec> Resolve(IReadOnlyList<VmGpuRequest> requests, IReadOnlyList<GpuProfileRow>? rows, string clusterName)
    {
        var result = new List<VmGpuSpec>(requests.Count);
        var taken = new Dictionary<Kind, int>();
        foreach (VmGpuRequest request in requests)
        {
            Kind kind = rows is null ? FromRequest(request) : Find(request, rows, clusterName);
            if (rows is not null)
            {
                int wanted = taken[kind] = taken.GetValueOrDefault(kind) + 1;
                int free = rows.Where(r => Kind.Of(r) == kind).Sum(r => r.FreeSlots);
                if (wanted > free)
                {
                    int all = requests.Count(r => FindOrNull(r, rows, clusterName) == kind);
                    throw NoneFree(kind, all, free, rows, clusterName);
                }
            }

            result.Add(new VmGpuSpec(kind.Name, kind.DeviceId, kind.Vendor, kind.Mode, request.PciAddress));
        }

        return result;
    }

    private static Kind Find(VmGpuRequest request, IReadOnlyList<GpuProfileRow> rows, string clusterName)
    {
        if (request.Name is null && request.DeviceId is null)
        {
            throw new ArgumentException("A GPU was asked for without a name and without a device id; give one of them.");
        }

        IEnumerable<GpuProfileRow> fitting = rows.Where(r =>
            (request.DeviceId is null || r.DeviceId == request.DeviceId)
            && (request.Vendor == GpuVendor.Unknown || r.Vendor == request.Vendor)
            && (request.Mode == GpuMode.Unknown || r.Mode == request.Mode));
        if (request.Name is { } name)
        {
            GpuProfileRow[] exact = [.. fitting.Where(r => string.Equals(r.DeviceName, name.Trim(), StringComparison.OrdinalIgnoreCase))];

            // A bare model means the whole device, unless a vGPU was asked for.
            fitting = exact.Length > 0
                ? exact
                : fitting.Where(r => string.Equals(r.Model, name.Trim(), StringComparison.OrdinalIgnoreCase)
                    && (r.IsVirtual == (request.Mode == GpuMode.Virtual)));
        }

        GpuProfileRow[] found = [.. fitting];
        Kind[] kinds = [.. found.Select(Kind.Of).Distinct()];
        if (kinds.Length > 1)
        {
            // Kinds that cannot be had do not make a name ambiguous.
            Kind[] free = [.. kinds.Where(k => found.Any(r => Kind.Of(r) == k && r.FreeSlots > 0))];
            kinds = free.Length > 0 ? free : [kinds[0]];
        }

        return kinds.Length switch
        {
            1 => kinds[0],
            0 => throw new PrismNotFoundException(
                $"Cluster {clusterName} has no GPU '{request}'. It has: {List(rows.Select(r => r.DeviceName ?? r.Model))}.")
            {
                Target = request.ToString(),
            },
            _ => throw new PrismAmbiguousNameException(
                $"'{request}' stands for several kinds of GPU in cluster {clusterName}: {List(kinds.Select(k => k.ToString()))}. Name the device id or the mode too.",
                [.. kinds.Select(k => k.ToString())])
            {
                Target = request.ToString(),
            },
        };
    }

    private static Kind? FindOrNull(VmGpuRequest request, IReadOnlyList<GpuProfileRow> rows, string clusterName)
    {
        try
        {
            return Find(request, rows, clusterName);
        }
        catch (PrismException)
        {
            return null;
        }
    }

    private static Kind FromRequest(VmGpuRequest request) =>
        request.DeviceId is { } id && request.Vendor != GpuVendor.Unknown && request.Mode != GpuMode.Unknown
            ? new Kind(id, request.Name, request.Vendor, request.Mode)
            : throw new PrismException(
                $"The GPU '{request}' cannot be looked up, since this server does not list its GPU profiles. Give device id, vendor and mode.")
            {
                Target = request.ToString(),
            };

    private static NoFreeGpuException NoneFree(Kind kind, int wanted, int free, IReadOnlyList<GpuProfileRow> rows, string clusterName)
    {
        string holders = List(rows.Where(r => Kind.Of(r) == kind).SelectMany(r => r.AllocatedVms));
        string held = holders.Length == 0 ? string.Empty : $" Held by: {holders}.";
        return new NoFreeGpuException(
            $"Cluster {clusterName} has {free} free of {rows.Count(r => Kind.Of(r) == kind)} {kind}, {wanted} asked for.{held} Choose another cluster or model, or remove a machine that holds one.",
            wanted,
            free)
        {
            Target = kind.ToString(),
        };
    }

    private static string List(IEnumerable<string> names)
    {
        string[] distinct = [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return distinct.Length <= 12 ? string.Join(", ", distinct) : string.Join(", ", distinct.Take(12)) + ", …";
    }

    /// <summary>What Prism counts as one kind of GPU.</summary>
    private sealed record Kind(long? DeviceId, string? Name, GpuVendor Vendor, GpuMode Mode)
    {
        public static Kind Of(GpuProfileRow row) => new(row.DeviceId, row.DeviceName, row.Vendor, row.Mode);

        public override string ToString() => $"{Name ?? $"device {DeviceId}"} ({PrismLiterals.FromMode(Mode) ?? "unknown mode"})";
    }
}
