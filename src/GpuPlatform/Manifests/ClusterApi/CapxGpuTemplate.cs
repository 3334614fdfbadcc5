using System.Globalization;
using GpuPlatform.Manifests.Kubernetes;

namespace GpuPlatform.Manifests.ClusterApi;

/// <summary>What a machine with GPUs on Nutanix is asked to be.</summary>
public sealed record CapxGpuTemplateOptions
{
    public required string Name { get; init; }

    public string Namespace { get; init; } = "default";

    /// <summary>Prism Element cluster, by name or UUID.</summary>
    public required string Cluster { get; init; }

    /// <summary>Image in Prism Central, by name or UUID.</summary>
    public required string Image { get; init; }

    /// <summary>Subnets, by name or UUID.</summary>
    public required IReadOnlyList<string> Subnets { get; init; }

    public string? Project { get; init; }

    public int VcpuSockets { get; init; } = 8;

    public int VcpusPerSocket { get; init; } = 1;

    public string MemorySize { get; init; } = "32Gi";

    public string SystemDiskSize { get; init; } = "100Gi";

    /// <summary>GPUs by the name that Prism shows; may name one several times.</summary>
    public IReadOnlyList<string> GpuNames { get; init; } = [];

    /// <summary>GPUs by their device id in decimal, as Prism shows it.</summary>
    public IReadOnlyList<long> GpuDeviceIds { get; init; } = [];
}

/// <summary>Makes templates of machines with GPUs on Nutanix.</summary>
public static class CapxGpuTemplate
{
    private const decimal LeastMemory = 2L << 30;
    private const decimal LeastDisk = 20L << 30;
    private const int MostSubnets = 32;

    /// <exception cref="ManifestException">An option breaks a rule; every fault is named.</exception>
    public static NutanixMachineTemplate Create(CapxGpuTemplateOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new ManifestErrors();
        errors.Check(nameof(options.Name), options.Name, KubernetesRules.Dns1123Subdomain);
        errors.Check(nameof(options.Namespace), options.Namespace, KubernetesRules.Dns1123Label);
        errors.Check(!string.IsNullOrWhiteSpace(options.Cluster), nameof(options.Cluster), options.Cluster, "must name a Prism Element cluster");
        errors.Check(!string.IsNullOrWhiteSpace(options.Image), nameof(options.Image), options.Image, "must name an image");
        errors.Check(options.Subnets.Count is >= 1 and <= MostSubnets, nameof(options.Subnets), options.Subnets.Count, "must name 1 to 32 subnets");
        errors.Check(options.Subnets.Distinct(StringComparer.Ordinal).Count() == options.Subnets.Count, nameof(options.Subnets), string.Join(", ", options.Subnets), "must each be named once");
        errors.Check(options.Subnets.All(s => !string.IsNullOrWhiteSpace(s)), nameof(options.Subnets), string.Join(", ", options.Subnets), "must have names");
        errors.Check(options.VcpuSockets >= 1, nameof(options.VcpuSockets), options.VcpuSockets, "must be 1 or more");
        errors.Check(options.VcpusPerSocket >= 1, nameof(options.VcpusPerSocket), options.VcpusPerSocket, "must be 1 or more");
        errors.Check(IsAtLeast(options.MemorySize, LeastMemory), nameof(options.MemorySize), options.MemorySize, "must be a quantity of 2Gi or more");
        errors.Check(IsAtLeast(options.SystemDiskSize, LeastDisk), nameof(options.SystemDiskSize), options.SystemDiskSize, "must be a quantity of 20Gi or more");
        errors.Check(options.GpuNames.Count + options.GpuDeviceIds.Count > 0, nameof(options.GpuNames), "", "or GpuDeviceIds must name a GPU");
        errors.Check(options.GpuNames.All(g => !string.IsNullOrWhiteSpace(g)), nameof(options.GpuNames), string.Join(", ", options.GpuNames), "must be names that Prism shows");
        foreach (var id in options.GpuDeviceIds)
            errors.Check(id is > 0 and <= int.MaxValue, nameof(options.GpuDeviceIds), id.ToString(CultureInfo.InvariantCulture), "must be a device id in decimal");
        errors.ThrowIfAny();
        return new NutanixMachineTemplate
        {
            Metadata = new ObjectMeta { Name = options.Name, Namespace = options.Namespace },
            Spec = new MachineTemplateSpec<NutanixMachineSpec>(new MachineTemplateResource<NutanixMachineSpec>(new NutanixMachineSpec
            {
                VcpuSockets = options.VcpuSockets,
                VcpusPerSocket = options.VcpusPerSocket,
                MemorySize = options.MemorySize,
                SystemDiskSize = options.SystemDiskSize,
                Cluster = NutanixIdentifier.Of(options.Cluster),
                Image = NutanixIdentifier.Of(options.Image),
                Subnets = [.. options.Subnets.Select(NutanixIdentifier.Of)],
                Project = options.Project is null ? null : NutanixIdentifier.Of(options.Project),
                Gpus =
                [
                    .. options.GpuNames.Select(name => new NutanixGpu { Type = "name", Name = name }),
                    .. options.GpuDeviceIds.Select(id => new NutanixGpu { Type = "deviceID", DeviceId = id }),
                ],
            })),
        };
    }

    private static bool IsAtLeast(string quantity, decimal least) => KubernetesQuantity.TryParse(quantity, out var amount) && amount >= least;
}
