using System.Globalization;
using GpuPlatform;
using Nutanix.Prism.V3;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.Inventory;

/// <summary>Builds the hosts of one cluster out of everything that is known of it. No I/O.</summary>
internal sealed class GpuHostAssembler(PrismCluster cluster, IReadOnlyDictionary<string, PrismVm> vms)
{
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    /// <param name="hosts">All hosts of the cluster.</param>
    /// <param name="rows">Its GPU profile rows; empty where they could not be read.</param>
    /// <param name="pcie">The GPUs among its PCIe devices.</param>
    /// <param name="known">Hosts as v3 tells them, with GPUs whose host is therefore known; empty without v3.</param>
    /// <returns>Hosts with GPUs by name, and how many devices could not be given to a host.</returns>
    public (List<GpuHost> Hosts, int Lost) Assemble(
        IReadOnlyList<WireHost> hosts, IReadOnlyList<GpuProfileRow> rows, IReadOnlyList<WirePcieDevice> pcie, IReadOnlyList<V3Host> known)
    {
        ILookup<string?, WirePcieDevice> byHost = pcie.ToLookup(d => d.HostExtId);
        Dictionary<string, V3Host> byId = known.DistinctBy(h => h.Host.ExtId).ToDictionary(h => h.Host.ExtId!);
        HostDevices[] places = [.. hosts
            .Where(h => !string.IsNullOrEmpty(h.ExtId))
            .Select(h => new HostDevices(h, byHost[h.ExtId], byId.GetValueOrDefault(h.ExtId!)?.Gpus ?? []))
            .OrderBy(h => h.Name, StringComparer.Ordinal)
            .ThenBy(h => h.Host.ExtId, StringComparer.Ordinal)];
        List<GpuProfileRow> lost = DevicePlacing.Place(places, rows, vms);

        var result = new List<GpuHost>();
        foreach (HostDevices place in places)
        {
            GpuHost host = Describe(place);
            GpuDevice[] devices = [.. Devices(place, host)
                .OrderBy(d => d.PciAddress, StringComparer.Ordinal)
                .ThenBy(d => d.DeviceName, StringComparer.Ordinal)
                .ThenBy(d => d.Id, StringComparer.Ordinal)];
            if (devices.Length > 0)
            {
                result.Add(host with { Gpus = devices });
            }
        }

        if (lost.Count > 0)
        {
            result.Add(Homeless(lost));
        }

        return (result, lost.Count);
    }

    private GpuHost Describe(HostDevices place) => new()
    {
        Id = place.Host.ExtId!,
        Name = place.Name,
        ClusterId = cluster.ExtId,
        ClusterName = cluster.Name,
        CpuModel = place.Host.CpuModel,
        CpuThreads = (int?)place.Host.NumberOfCpuThreads,
        MemoryBytes = place.Host.MemorySizeBytes,
        HypervisorName = place.Host.Hypervisor?.FullName ?? place.Host.Hypervisor?.Type,
        GpuDriverVersion = string.IsNullOrWhiteSpace(place.Host.GpuDriverVersion) ? null : place.Host.GpuDriverVersion,
        IsAvailable = IsAvailable(place.Host),
    };

    private IEnumerable<GpuDevice> Devices(HostDevices place, GpuHost host)
    {
        foreach (PlacedRow placed in place.Rows)
        {
            foreach (GpuDevice device in placed.Row.IsVirtual ? Slots(placed.Row, place, host) : Whole(placed, place, host))
            {
                yield return device;
            }
        }

        foreach (WirePcieDevice device in place.Unclaimed)
        {
            yield return FromPcie(device, host);
        }

        // Nothing but the names the host lists: what it has is known, who holds it is not.
        if (place.Rows.Count == 0 && place.Unclaimed.Count == 0)
        {
            foreach (string name in place.Host.GpuList)
            {
                yield return new GpuDevice
                {
                    Id = Unique($"{host.Id}/{name.Trim()}"),
                    Model = GpuModelName.FromDeviceName(name),
                    DeviceName = name.Trim(),
                    Vendor = GpuVendorName.Parse(null, name),
                    HostId = host.Id,
                    HostName = host.Name,
                    ClusterId = cluster.ExtId,
                    ClusterName = cluster.Name,
                };
            }
        }
    }

    // A device that is cut into vGPUs shows as its vGPUs, so that its memory does not count twice.
    private IEnumerable<GpuDevice> Whole(PlacedRow placed, HostDevices place, GpuHost host)
    {
        GpuProfileRow row = placed.Row;
        if (row.IsShared && place.Rows.Any(r => IsSlotOf(r.Row, row) && (r.Row.FreeSlots > 0 || r.Row.IsInUse)))
        {
            yield break;
        }

        string id = placed.Pcie?.ExtId ?? row.ExtId ?? $"{host.Id}/{row.Pci ?? row.DeviceName ?? row.Model}";
        string? holder = row.AllocatedVms.FirstOrDefault() ?? NullIfEmpty(placed.Pcie?.OwnerVmExtId);
        yield return Device(row, host, Unique(id), holder, isFree: row.FreeSlots > 0 && holder is null && (placed.Pcie is null || PcieGpu.IsFree(placed.Pcie)));
    }

    // The vGPU types of a whole, unused device are other ways to use it, not more devices.
    private IEnumerable<GpuDevice> Slots(GpuProfileRow row, HostDevices place, GpuHost host)
    {
        GpuProfileRow? whole = place.Rows.Select(r => r.Row).FirstOrDefault(r => !r.IsVirtual && IsSlotOf(row, r));
        if (whole is { IsShared: false } && !row.IsInUse)
        {
            yield break;
        }

        string id = row.ExtId ?? string.Create(CultureInfo.InvariantCulture, $"{host.Id}/{row.Pci ?? row.DeviceName}/{row.DeviceId}");
        if (row.AllocatedVms.Count == 0 && row.IsInUse)
        {
            yield return Device(row, host, Unique(id), holder: null, isFree: false);
        }

        foreach (string vm in row.AllocatedVms)
        {
            yield return Device(row, host, Unique(id), vm, isFree: false);
        }

        for (int slot = 0; slot < row.FreeSlots; slot++)
        {
            yield return Device(row, host, Unique(id), holder: null, isFree: true);
        }
    }

    private static bool IsSlotOf(GpuProfileRow slot, GpuProfileRow whole) =>
        slot.IsVirtual && (slot.Pci is null || whole.Pci is null ? slot.Model == whole.Model : slot.Pci == whole.Pci);

    private GpuDevice Device(GpuProfileRow row, GpuHost host, string id, string? holder, bool isFree) => new()
    {
        Id = id,
        Model = row.Model,
        DeviceName = row.DeviceName,
        Vendor = row.Vendor,
        Mode = row.Mode,
        MemoryBytes = row.MemoryBytes,
        DeviceId = row.DeviceId,
        PciAddress = row.Pci,
        NumaNode = row.NumaNode,
        HostId = host.Id,
        HostName = host.Name,
        ClusterId = cluster.ExtId,
        ClusterName = cluster.Name,
        AssignedVmId = holder,
        AssignedVmName = NameOf(holder),
        IsFree = isFree && host.IsAvailable,
    };

    private GpuDevice FromPcie(WirePcieDevice device, GpuHost host)
    {
        string? holder = NullIfEmpty(device.OwnerVmExtId);
        return new GpuDevice
        {
            Id = Unique(NullIfEmpty(device.ExtId) ?? $"{host.Id}/{device.Description}"),
            Model = GpuModelName.FromDeviceName(device.Description, device.Configuration?.DeviceId),
            DeviceName = NullIfEmpty(device.Description),
            Vendor = PcieGpu.Vendor(device),
            DeviceId = device.Configuration?.DeviceId,
            HostId = host.Id,
            HostName = host.Name,
            ClusterId = cluster.ExtId,
            ClusterName = cluster.Name,
            AssignedVmId = holder,
            AssignedVmName = NameOf(holder),
            IsFree = PcieGpu.IsFree(device) && host.IsAvailable,
        };
    }

    // Devices are not dropped because their host is not known.
    private GpuHost Homeless(List<GpuProfileRow> rows)
    {
        var host = new GpuHost
        {
            Id = $"{cluster.ExtId}/unknown",
            Name = $"(unknown host of {cluster.Name})",
            ClusterId = cluster.ExtId,
            ClusterName = cluster.Name,
        };
        var place = new HostDevices(new WireHost { ExtId = host.Id }, [], []);
        place.Rows.AddRange(rows.Select(r => new PlacedRow(r, null)));
        return host with { Gpus = [.. Devices(place, host).Select(d => d with { HostId = null, HostName = null })] };
    }

    private string? NameOf(string? vmId) => vmId is not null && vms.TryGetValue(vmId, out PrismVm? vm) ? vm.Name : null;

    private string Unique(string id)
    {
        string unique = id;
        for (int n = 2; !_ids.Add(unique); n++)
        {
            unique = string.Create(CultureInfo.InvariantCulture, $"{id}#{n}");
        }

        return unique;
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static bool IsAvailable(WireHost host) =>
        host.IsDegraded != true
        && (string.IsNullOrWhiteSpace(host.MaintenanceState) || host.MaintenanceState.Contains("normal", StringComparison.OrdinalIgnoreCase))
        && host.Hypervisor?.AcropolisConnectionState != "DISCONNECTED"
        && host.Hypervisor?.State?.Contains("MAINTENANCE", StringComparison.OrdinalIgnoreCase) != true
        && host.NodeStatus is not ("TO_BE_REMOVED" or "OK_TO_BE_REMOVED");
}
