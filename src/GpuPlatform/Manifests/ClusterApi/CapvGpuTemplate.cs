using System.Globalization;
using System.Numerics;
using GpuPlatform.Manifests.Kubernetes;

namespace GpuPlatform.Manifests.ClusterApi;

/// <summary>What a machine with GPUs on vSphere is asked to be.</summary>
public sealed record CapvGpuTemplateOptions
{
    public required string Name { get; init; }

    public string Namespace { get; init; } = "default";

    /// <summary>Virtual machine template to clone; its firmware must be EFI.</summary>
    public required string Template { get; init; }

    public required string Network { get; init; }

    public string? Server { get; init; }

    public string? Datacenter { get; init; }

    public string? Datastore { get; init; }

    public string? Folder { get; init; }

    public string? ResourcePool { get; init; }

    public int NumCpus { get; init; } = 8;

    public long MemoryMiB { get; init; } = 32768;

    public int DiskGiB { get; init; } = 100;

    /// <summary>vmx-17 (vSphere 7.0) or later, which brought assignable devices.</summary>
    public string HardwareVersion { get; init; } = "vmx-17";

    /// <summary>Devices passed through, a text each as <see cref="PciIds.Parse"/> reads it; may name one several times.</summary>
    public IReadOnlyList<PciId> PciDevices { get; init; } = [];

    /// <summary>vGPU profiles, for example <c>grid_a100-10c</c>.</summary>
    public IReadOnlyList<string> VGpuProfiles { get; init; } = [];

    /// <summary>Hardware label that the hosts' devices have, where not every device of the ids will do.</summary>
    public string? CustomLabel { get; init; }
}

/// <summary>Makes templates of machines with GPUs on vSphere.</summary>
public static class CapvGpuTemplate
{
    /// <exception cref="ManifestException">An option breaks a rule; every fault is named.</exception>
    public static VSphereMachineTemplate Create(CapvGpuTemplateOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new ManifestErrors();
        errors.Check(nameof(options.Name), options.Name, KubernetesRules.Dns1123Subdomain);
        errors.Check(nameof(options.Namespace), options.Namespace, KubernetesRules.Dns1123Label);
        errors.Check(!string.IsNullOrWhiteSpace(options.Template), nameof(options.Template), options.Template, "must name the virtual machine template to clone");
        errors.Check(!string.IsNullOrWhiteSpace(options.Network), nameof(options.Network), options.Network, "must name a network");
        errors.Check(options.NumCpus is >= 2 and <= 768, nameof(options.NumCpus), options.NumCpus, "must be 2 to 768");
        errors.Check(options.MemoryMiB is >= 2048 && options.MemoryMiB % 4 == 0, nameof(options.MemoryMiB), options.MemoryMiB, "must be 2048 or more, and a multiple of 4");
        errors.Check(options.DiskGiB >= 20, nameof(options.DiskGiB), options.DiskGiB, "must be 20 or more");
        errors.Check(options.PciDevices.Count + options.VGpuProfiles.Count > 0, nameof(options.PciDevices), "", "or VGpuProfiles must name a GPU");
        errors.Check(options.PciDevices.Count == 0 || options.VGpuProfiles.Count == 0, nameof(options.VGpuProfiles), string.Join(", ", options.VGpuProfiles), "and PciDevices exclude each other: a machine has whole devices or shares of them");
        errors.Check(CapvRules.HardwareVersionOf(options.HardwareVersion) >= CapvRules.LeastHardwareVersion, nameof(options.HardwareVersion), options.HardwareVersion, "must be vmx-17 or later");
        foreach (var profile in options.VGpuProfiles)
            errors.Check(!string.IsNullOrWhiteSpace(profile), nameof(options.VGpuProfiles), profile, "must name vGPU profiles");
        errors.ThrowIfAny();
        return new VSphereMachineTemplate
        {
            Metadata = new ObjectMeta { Name = options.Name, Namespace = options.Namespace },
            Spec = new MachineTemplateSpec<VSphereMachineSpec>(new MachineTemplateResource<VSphereMachineSpec>(CreateSpec(options))),
        };
    }

    private static VSphereMachineSpec CreateSpec(CapvGpuTemplateOptions o) => new()
    {
        Template = o.Template,
        CloneMode = "fullClone",
        Server = o.Server,
        Datacenter = o.Datacenter,
        Datastore = o.Datastore,
        Folder = o.Folder,
        ResourcePool = o.ResourcePool,
        Network = new VSphereNetwork([new VSphereNetworkDevice(o.Network)]),
        NumCpus = o.NumCpus,
        MemoryMiB = o.MemoryMiB,
        DiskGiB = o.DiskGiB,
        HardwareVersion = o.HardwareVersion,
        Resources = new VSphereResources(new Dictionary<string, string> { ["memory"] = string.Create(CultureInfo.InvariantCulture, $"{o.MemoryMiB}Mi") }),
        CustomVmxKeys = o.PciDevices.Count > 0 ? MmioKeys(o.PciDevices) : null,
        PciDevices =
        [
            .. o.PciDevices.Select(d => new VSpherePciDevice { VendorId = d.VendorId, DeviceId = d.DeviceId, CustomLabel = o.CustomLabel }),
            .. o.VGpuProfiles.Select(p => new VSpherePciDevice { VGpuProfile = p, CustomLabel = o.CustomLabel }),
        ],
    };

    /// <summary>
    /// The address space that the devices' memory is mapped to must hold twice of it, rounded up to a power of two (VMware's guide for
    /// devices of 16 GiB and more); a model that is not known counts as 128 GiB.
    /// </summary>
    private static Dictionary<string, string> MmioKeys(IReadOnlyList<PciId> devices)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)(2 * devices.Sum(d => d.MemoryGiB ?? 128)));
        return new Dictionary<string, string>
        {
            ["pciPassthru.use64bitMMIO"] = "TRUE",
            ["pciPassthru.64bitMMIOSizeGB"] = size.ToString(CultureInfo.InvariantCulture),
        };
    }
}
