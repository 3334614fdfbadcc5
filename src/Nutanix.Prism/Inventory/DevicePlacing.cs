using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.Inventory;

/// <summary>
/// Finds the host of each GPU profile row. v4 tells per device what it is and who holds it, but not where it sits. Where
/// v3's host list is served it knows; else the host comes, in this order, from the machine that holds the device, the PCIe device with the same owner, a PCIe device
/// of the same device id (preferring one whose state agrees), the names a host lists, or there being one host only.
/// The result depends on the input alone, never on the order of answers.
/// </summary>
internal static class DevicePlacing
{
    /// <returns>The rows no host could be found for.</returns>
    public static List<GpuProfileRow> Place(
        IReadOnlyList<HostDevices> hosts, IReadOnlyList<GpuProfileRow> rows, IReadOnlyDictionary<string, PrismVm> vms)
    {
        // A cluster can have a thousand hosts and ten thousand rows: nothing here may go through all hosts for each row.
        var estate = new Estate(hosts, vms);
        rows = PlaceKnown(estate, rows);
        var lost = new List<GpuProfileRow>();

        // Rows whose holder is known first: they leave the right devices to the others.
        foreach (GpuProfileRow row in rows.Where(r => !r.IsVirtual).OrderBy(r => r.AllocatedVms.Count > 0 ? 0 : 1))
        {
            if (!PlacePhysical(estate, row))
            {
                lost.Add(row);
            }
        }

        (HostDevices Host, GpuProfileRow Row)[] physical = [.. hosts.SelectMany(h => h.Rows.Where(r => !r.Row.IsVirtual).Select(r => (h, r.Row)))];
        ILookup<(string?, string), HostDevices> byDevice = physical.ToLookup(p => (p.Row.Pci, p.Row.Model), p => p.Host);
        ILookup<string?, HostDevices> byAddress = physical.ToLookup(p => p.Row.Pci, p => p.Host);
        foreach (GpuProfileRow row in rows.Where(r => r.IsVirtual).OrderBy(r => r.AllocatedVms.Count > 0 ? 0 : 1))
        {
            HostDevices? host = estate.HolderOf(row) ?? BesidePhysical(row, byDevice, byAddress) ?? ByName(hosts, row);
            if (host is null)
            {
                lost.Add(row);
            }
            else
            {
                host.Place(row, null);
            }
        }

        return lost;
    }

    // What v3 says of a host is there; the v4 row of the same device adds what v4 knows better. PCI addresses repeat from host
    // to host, so a row goes by its holder first; rows that nobody holds and that say the same are as good as each other.
    private static List<GpuProfileRow> PlaceKnown(Estate estate, IReadOnlyList<GpuProfileRow> rows)
    {
        ILookup<(bool, string?, long?), GpuProfileRow> byPlace = rows.OrderBy(r => r.ExtId, StringComparer.Ordinal).ToLookup(PlaceOf);
        var used = new HashSet<GpuProfileRow>(ReferenceEqualityComparer.Instance);
        (HostDevices Host, GpuProfileRow Known)[] known = [.. estate.Hosts.SelectMany(h => h.Known.Select(k => (h, k)))];
        var partners = new GpuProfileRow?[known.Length];
        Func<HostDevices, GpuProfileRow, GpuProfileRow, bool>[] preferences =
        [
            (_, k, row) => row.AllocatedVms.Intersect(k.AllocatedVms, StringComparer.Ordinal).Any(),
            (_, k, row) => k.AllocatedVms.Count == 0 && row.AllocatedVms.Count == 0 && row.IsInUse == k.IsInUse,
            (host, k, row) => row.AllocatedVms.Count > 0 && row.IsInUse == k.IsInUse && estate.HolderOf(row) == host,
            (host, _, row) => estate.HolderOf(row) is not { } other || other == host,
        ];
        foreach (Func<HostDevices, GpuProfileRow, GpuProfileRow, bool> fits in preferences)
        {
            for (int i = 0; i < known.Length; i++)
            {
                partners[i] ??= byPlace[PlaceOf(known[i].Known)].FirstOrDefault(r => !used.Contains(r) && fits(known[i].Host, known[i].Known, r));
                if (partners[i] is { } row)
                {
                    used.Add(row);
                }
            }
        }

        for (int i = 0; i < known.Length; i++)
        {
            (HostDevices host, GpuProfileRow row) = (known[i].Host, partners[i] is { } v4 ? known[i].Known.With(v4) : known[i].Known);
            host.Place(row, host.FindPcie(row, d => Owns(d, row)) ?? host.FindPcie(row, d => IsTaken(d) == row.IsInUse) ?? host.FindPcie(row));
        }

        return [.. rows.Where(r => !used.Contains(r))];

        static (bool, string?, long?) PlaceOf(GpuProfileRow row) => (row.IsVirtual, row.Pci, row.DeviceId);
    }

    private static bool PlacePhysical(Estate estate, GpuProfileRow row)
    {
        if (estate.HolderOf(row) is { } holder)
        {
            holder.Place(row, holder.FindPcie(row, d => Owns(d, row)) ?? holder.FindPcie(row, IsTaken) ?? holder.FindPcie(row));
            return true;
        }

        Func<WirePcieDevice, bool>[] preferences = row.AllocatedVms.Count > 0
            ? [d => Owns(d, row), IsTaken, _ => true]
            : [d => IsTaken(d) == row.IsInUse, _ => true];
        foreach (Func<WirePcieDevice, bool> preference in preferences)
        {
            foreach (HostDevices host in estate.With(row.DeviceId).Where(h => h.HasRoomAt(row)))
            {
                if (host.FindPcie(row, preference) is { } device)
                {
                    host.Place(row, device);
                    return true;
                }
            }
        }

        if (ByName(estate.Hosts, row) is not { } named)
        {
            return false;
        }

        named.Place(row, named.FindPcie(row));
        return true;
    }

    // A vGPU type sits where the physical device of the same address sits.
    private static HostDevices? BesidePhysical(
        GpuProfileRow row, ILookup<(string?, string), HostDevices> byDevice, ILookup<string?, HostDevices> byAddress) => row.Pci is null
        ? null
        : byDevice[(row.Pci, row.Model)].FirstOrDefault(h => h.HasRoomAt(row)) ?? byAddress[row.Pci].FirstOrDefault(h => h.HasRoomAt(row));

    private static HostDevices? ByName(IReadOnlyList<HostDevices> hosts, GpuProfileRow row)
    {
        HostDevices[] room = [.. hosts.Where(h => h.HasRoomAt(row))];
        HostDevices? named = room.Where(h => h.NamedButMissing(row) > 0).OrderByDescending(h => h.NamedButMissing(row)).FirstOrDefault();
        if (named is not null)
        {
            return named;
        }

        HostDevices[] naming = [.. room.Where(h => h.NamesModel(row))];
        if (naming.Length == 1)
        {
            return naming[0];
        }

        HostDevices[] withGpus = [.. room.Where(h => h.Host.GpuList.Count > 0 || h.Rows.Count > 0)];
        return hosts.Count == 1 ? hosts[0] : withGpus.Length == 1 ? withGpus[0] : null;
    }

    private static bool Owns(WirePcieDevice device, GpuProfileRow row) =>
        device.OwnerVmExtId is { Length: > 0 } owner && row.AllocatedVms.Contains(owner);

    private static bool IsTaken(WirePcieDevice device) => !PcieGpu.IsFree(device);

    /// <summary>The hosts by what is looked for.</summary>
    private sealed class Estate
    {
        private readonly Dictionary<string, HostDevices> _byId = new(StringComparer.Ordinal);
        private readonly ILookup<long?, HostDevices> _byDevice;
        private readonly IReadOnlyDictionary<string, PrismVm> _vms;

        public Estate(IReadOnlyList<HostDevices> hosts, IReadOnlyDictionary<string, PrismVm> vms)
        {
            (Hosts, _vms) = (hosts, vms);
            foreach (HostDevices host in hosts)
            {
                _byId.TryAdd(host.Host.ExtId!, host);
            }

            _byDevice = hosts
                .SelectMany(h => h.Unclaimed.Select(d => d.Configuration?.DeviceId).Distinct().Select(id => (Host: h, Id: id)))
                .ToLookup(p => p.Id, p => p.Host);
        }

        public IReadOnlyList<HostDevices> Hosts { get; }

        /// <summary>Hosts that have, or had before it was given away, a PCIe device of that id.</summary>
        public IEnumerable<HostDevices> With(long? deviceId) => _byDevice[deviceId];

        /// <summary>The host of the first machine that holds the device and whose host is known.</summary>
        public HostDevices? HolderOf(GpuProfileRow row)
        {
            foreach (string id in row.AllocatedVms)
            {
                if (_vms.TryGetValue(id, out PrismVm? vm) && vm.HostId is { } hostId && _byId.TryGetValue(hostId, out HostDevices? host))
                {
                    return host;
                }
            }

            return null;
        }
    }
}
