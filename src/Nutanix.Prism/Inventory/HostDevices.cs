using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.Inventory;

/// <summary>A profile row that has found its host, and the PCIe device that stands for the same silicon.</summary>
internal sealed record PlacedRow(GpuProfileRow Row, WirePcieDevice? Pcie);

/// <summary>A host while the devices of its cluster are being shared out.</summary>
internal sealed class HostDevices(WireHost host, IEnumerable<WirePcieDevice> pcie, IReadOnlyList<GpuProfileRow> known)
{
    private readonly HashSet<(string? Pci, bool IsVirtual, long? DeviceId)> _taken = [];

    public WireHost Host { get; } = host;

    /// <summary>The host's GPUs as v3 tells them.</summary>
    public IReadOnlyList<GpuProfileRow> Known { get; } = known;

    public List<PlacedRow> Rows { get; } = [];

    /// <summary>PCIe devices no profile row has claimed.</summary>
    public List<WirePcieDevice> Unclaimed { get; } = [.. pcie.OrderBy(d => d.ExtId, StringComparer.Ordinal)];

    public string Name => string.IsNullOrWhiteSpace(Host.HostName) ? Host.ExtId! : Host.HostName;

    /// <summary>Two devices of one host cannot sit at one address.</summary>
    public bool HasRoomAt(GpuProfileRow row) => row.Pci is null || !_taken.Contains(AddressOf(row));

    public WirePcieDevice? FindPcie(GpuProfileRow row, Func<WirePcieDevice, bool>? where = null) => row.IsVirtual
        ? null
        : Unclaimed.FirstOrDefault(d => d.Configuration?.DeviceId == row.DeviceId && row.DeviceId is not null && (where is null || where(d)));

    public void Place(GpuProfileRow row, WirePcieDevice? device)
    {
        if (device is not null)
        {
            Unclaimed.Remove(device);
        }

        Rows.Add(new PlacedRow(row, device));
        _taken.Add(AddressOf(row));
    }

    /// <summary>GPUs of this model the host names in its list, less those it has got already.</summary>
    public int NamedButMissing(GpuProfileRow row) =>
        Host.GpuList.Count(n => Names(n, row)) - Rows.Count(r => r.Row.IsVirtual == row.IsVirtual && r.Row.Model == row.Model);

    public bool NamesModel(GpuProfileRow row) => Host.GpuList.Any(n => Names(n, row));

    // All vGPU types of a device sit at its address.
    private static (string? Pci, bool IsVirtual, long? DeviceId) AddressOf(GpuProfileRow row) =>
        (row.Pci, row.IsVirtual, row.IsVirtual ? row.DeviceId : null);

    private static bool Names(string listed, GpuProfileRow row) =>
        string.Equals(listed.Trim(), row.DeviceName, StringComparison.OrdinalIgnoreCase)
        || string.Equals(GpuModelName.FromDeviceName(listed), row.Model, StringComparison.OrdinalIgnoreCase);
}
