using Nutanix.Prism.Simulator.Gpus;

namespace Nutanix.Prism.Simulator.Estates;

/// <summary>One AHV host.</summary>
internal sealed class Host
{
    /// <summary>What the controller VM and the hypervisor keep for themselves.</summary>
    public const long ReservedMemoryBytes = 40L << 30;

    public required string ExtId { get; init; }

    public required HostDescription Hardware { get; init; }

    public required Cluster Cluster { get; init; }

    /// <summary>Position in its cluster, from 0.</summary>
    public required int Index { get; init; }

    public required DateTimeOffset BootTime { get; init; }

    public List<GpuDevice> Gpus { get; } = [];

    /// <summary>extIds of the host's categories.</summary>
    public required IReadOnlyList<string> Categories { get; init; }

    /// <summary>The VMs that run here.</summary>
    public List<VirtualMachine> Running { get; } = [];

    public string Name => Hardware.Name;

    public int CpuCores => Hardware.CpuSockets * Hardware.CoresPerSocket;

    public string Address => $"10.{Cluster.Index}.{1 + (Index / 200)}.{20 + (Index % 200)}";

    public string ControllerVmAddress => $"10.{Cluster.Index}.{101 + (Index / 200)}.{20 + (Index % 200)}";

    public long FreeMemoryBytes => Hardware.MemoryBytes - ReservedMemoryBytes - Running.Sum(vm => vm.MemoryBytes);

    public bool SharesDevices => Gpus.Any(g => g.Shared);

    /// <summary>Version of the vGPU manager; null on a host that hands out whole devices only.</summary>
    public string? GpuDriverVersion => SharesDevices ? "570.158.02" : null;
}

/// <summary>One physical GPU and who uses it. All vGPUs of a device have the same profile, as NVIDIA's default demands.</summary>
internal sealed class GpuDevice
{
    public required string ExtId { get; init; }

    public required GpuModel Model { get; init; }

    public required Host Host { get; init; }

    public required PciAddress Address { get; init; }

    public required int NumaNode { get; init; }

    public bool Shared { get; init; }

    /// <summary>The VM that holds the whole device.</summary>
    public VirtualMachine? Passthrough { get; private set; }

    /// <summary>The profile the device is cut into at the moment.</summary>
    public VgpuProfile? Profile { get; private set; }

    /// <summary>One entry a vGPU; a VM with two of them is listed twice.</summary>
    public List<VirtualMachine> Instances { get; } = [];

    public bool IsFree => Passthrough is null && Instances.Count == 0;

    /// <summary>How many more instances of a profile the device can give now.</summary>
    public int Available(VgpuProfile profile)
    {
        if (!Shared || Passthrough is not null) return 0;
        if (Profile is null) return profile.MaxInstances;
        return Profile == profile ? profile.MaxInstances - Instances.Count : 0;
    }

    public void Assign(VirtualMachine vm, VgpuProfile? profile)
    {
        if (profile is null)
        {
            Passthrough = vm;
            return;
        }

        Profile = profile;
        Instances.Add(vm);
    }

    public void Release(VirtualMachine vm)
    {
        if (Passthrough == vm) Passthrough = null;
        Instances.RemoveAll(v => v == vm);
        if (Instances.Count == 0) Profile = null;
    }
}
