using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Gpus;

namespace Nutanix.Prism.Simulator.Estates;

/// <summary>A virtual machine: the configuration as clients wrote it, plus what the platform knows.</summary>
internal sealed class VirtualMachine
{
    private readonly List<(DateTimeOffset At, bool On)> _power = [];

    public required string ExtId { get; init; }

    public required Cluster Cluster { get; set; }

    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>Time from which the VM answers to GET and shows in lists.</summary>
    public required DateTimeOffset VisibleFrom { get; init; }

    /// <summary>The writable part of the VM, validated: never shared with another node tree.</summary>
    public required JsonObject Config { get; set; }

    public DateTimeOffset UpdateTime { get; private set; }

    /// <summary>Counts the changes; the ETag is made of it.</summary>
    public long Revision { get; private set; } = 1;

    public bool IsOn { get; private set; }

    public Host? Host { get; private set; }

    public List<VmGpu> Gpus { get; } = [];

    /// <summary>Rendering of <see cref="Revision"/>; thrown away with every change.</summary>
    public JsonObject? Rendered { get; set; }

    public string Name => (string?)Config["name"] ?? "";

    public long MemoryBytes => JsonBuild.Integer(Config["memorySizeBytes"]) ?? 4L << 30;

    public long VcpuCount => (JsonBuild.Integer(Config["numSockets"]) ?? 1) * (JsonBuild.Integer(Config["numCoresPerSocket"]) ?? 1) * (JsonBuild.Integer(Config["numThreadsPerCore"]) ?? 1);

    /// <summary>Notes a change made at a time.</summary>
    public void Touch(DateTimeOffset at)
    {
        UpdateTime = at;
        Revision++;
        Rendered = null;
    }

    /// <summary>Starts the VM on a host with the devices a placement chose; one a GPU, in order.</summary>
    public void PowerOn(Host host, IReadOnlyList<GpuDevice> devices, DateTimeOffset at)
    {
        IsOn = true;
        Occupy(host, devices);
        _power.Add((at, true));
        Touch(at);
    }

    /// <summary>Stops the VM and gives its devices back.</summary>
    public void PowerOff(DateTimeOffset at)
    {
        Vacate();
        IsOn = false;
        _power.Add((at, false));
        Touch(at);
    }

    /// <summary>A restart of the guest: it stays where it is.</summary>
    public void Restart(DateTimeOffset at)
    {
        _power.Add((at, true));
        Touch(at);
    }

    /// <summary>Moves the running VM to another host and its devices there.</summary>
    public void MoveTo(Host host, IReadOnlyList<GpuDevice> devices, DateTimeOffset at)
    {
        Vacate();
        Occupy(host, devices);
        Touch(at);
    }

    /// <summary>Start of the run that covers a time, or null where the VM was off then.</summary>
    public DateTimeOffset? RunningSince(DateTimeOffset at)
    {
        for (var i = _power.Count - 1; i >= 0; i--)
        {
            if (_power[i].At <= at) return _power[i].On ? _power[i].At : null;
        }

        return null;
    }

    private void Occupy(Host host, IReadOnlyList<GpuDevice> devices)
    {
        Host = host;
        host.Running.Add(this);
        for (var i = 0; i < Gpus.Count; i++)
        {
            Gpus[i].Device = devices[i];
            devices[i].Assign(this, Gpus[i].Profile);
        }
    }

    private void Vacate()
    {
        Host?.Running.Remove(this);
        foreach (var gpu in Gpus)
        {
            gpu.Device?.Release(this);
            gpu.Device = null;
        }

        Host = null;
    }
}

/// <summary>One GPU of a VM's configuration, and the device behind it while the VM runs.</summary>
internal sealed class VmGpu
{
    public required string ExtId { get; init; }

    /// <summary><c>PASSTHROUGH_GRAPHICS</c>, <c>PASSTHROUGH_COMPUTE</c> or <c>VIRTUAL</c>.</summary>
    public required string Mode { get; init; }

    public required string Vendor { get; init; }

    public required int DeviceId { get; init; }

    /// <summary>The catalogue's model; null where no host ever had such a device.</summary>
    public GpuModel? Model { get; init; }

    public VgpuProfile? Profile { get; init; }

    /// <summary>The one device the client asked for, if any.</summary>
    public PciAddress? PinnedAddress { get; init; }

    public string? RequestedName { get; init; }

    public GpuDevice? Device { get; set; }

    public bool IsVirtual => Mode == "VIRTUAL";

    public string Name => Profile?.Name ?? Model?.DeviceName ?? RequestedName ?? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"device {DeviceId}");
}
