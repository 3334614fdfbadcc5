using GpuPlatform;

namespace Nutanix.Prism;

/// <summary>A virtual machine with GPUs that is to be made.</summary>
public sealed record GpuVmRequest
{
    /// <summary>At most 80 characters.</summary>
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>extId of the cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>
    /// extId of the host the machine should run on. AHV decides at power-on; a machine that came up elsewhere is moved
    /// there if it can be migrated live, which one with a passthrough GPU cannot. <see cref="PrismVm.HostId"/> tells where it runs.
    /// </summary>
    public string? Host { get; init; }

    /// <summary>extId of the disk image to boot from; null for an empty disk of <see cref="DiskBytes"/>.</summary>
    public string? Image { get; init; }

    /// <summary>extIds of the subnets, one network card each.</summary>
    public IReadOnlyList<string> Subnets { get; init; } = [];

    public int NumSockets { get; init; } = 1;

    public int NumCoresPerSocket { get; init; } = 4;

    public long MemoryBytes { get; init; } = 16L << 30;

    /// <summary>Size of the boot disk; null takes the image's size.</summary>
    public long? DiskBytes { get; init; }

    public IReadOnlyList<VmGpuRequest> Gpus { get; init; } = [];

    /// <summary>
    /// cloud-init user data as plain text; its first line is <c>#cloud-config</c> or a <c>#!</c> line. It is encoded once, here,
    /// and never read back.
    /// </summary>
    public string? UserData { get; init; }

    /// <summary>extIds of categories; <c>key:value</c> on v3, which has no ids for them.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Legacy BIOS instead of UEFI. GPUs with large memory need UEFI.</summary>
    public bool LegacyBoot { get; init; }

    /// <summary><c>Q35</c> or <c>PC</c>; null for Q35 with UEFI and the server's own choice with legacy BIOS.</summary>
    public string? MachineType { get; init; }

    /// <summary>UEFI Secure Boot; needs Q35.</summary>
    public bool SecureBoot { get; init; }

    /// <summary>extId of the project.</summary>
    public string? Project { get; init; }

    public bool PowerOn { get; init; }

    /// <summary>Keeps the machine when a later step (power-on) fails; it is removed otherwise.</summary>
    public bool KeepOnFailure { get; init; }

    /// <summary>Makes the machine even if the cluster has one of that name.</summary>
    public bool AllowDuplicateName { get; init; }

    /// <summary>Leaves out the user data, which may hold secrets.</summary>
    public override string ToString() =>
        $"{nameof(GpuVmRequest)} {{ Name = {Name}, Cluster = {Cluster}, Gpus = {string.Join(", ", Gpus)} }}";
}

/// <summary>
/// One GPU of a machine to be made. Enough to tell the device apart: a name, a device id, or all of device id, vendor and
/// mode; the rest is looked up in the cluster.
/// </summary>
public sealed record VmGpuRequest
{
    /// <summary>Device name as Prism shows it (<c>Ampere 40</c>, <c>NVIDIA A40-1Q</c>) or a model (<c>A40</c>).</summary>
    public string? Name { get; init; }

    /// <summary>PCI device id in decimal, or the vGPU type id.</summary>
    public long? DeviceId { get; init; }

    public GpuVendor Vendor { get; init; }

    public GpuMode Mode { get; init; }

    /// <summary>Pins one device, segment:bus:device.function; rarely needed.</summary>
    public string? PciAddress { get; init; }

    public override string ToString() => Name ?? $"device {DeviceId}";
}
