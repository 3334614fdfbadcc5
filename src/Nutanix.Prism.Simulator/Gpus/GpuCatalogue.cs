namespace Nutanix.Prism.Simulator.Gpus;

/// <summary>The GPU models a simulated host can carry, with the ids they show on the PCI bus.</summary>
public static class GpuCatalogue
{
    private const long GiB = 1L << 30;
    private const int Nvidia = 0x10de;
    private const int Amd = 0x1002;
    private const int Intel = 0x8086;
    private const string Graphics = "PASSTHROUGH_GRAPHICS";
    private const string Compute = "PASSTHROUGH_COMPUTE";

    /// <summary>
    /// All models, in the order in which generated hosts take them. Ids as in the public PCI ID repository. An MI250X
    /// card shows two PCI functions, one a die, with 64 GiB each; the catalogue lists the function, which is what Prism assigns.
    /// </summary>
    public static IReadOnlyList<GpuModel> Models { get; } =
    [
        Model("A100-80GB", "NVIDIA A100 80GB PCIe", Nvidia, 0x20b5, 0x1533, 0x0302, 80, Compute, "GA100 [A100 PCIe 80GB]", Vgpu("A100D", 80, 696, "C", 4, 8, 10, 16, 20, 40, 80)),
        Model("A40", "Ampere 40", Nvidia, 0x2235, 0x145a, 0x0302, 48, Compute, "GA102GL [A40]", Vgpu("A40", 48, 557, "Q", 1, 2, 3, 4, 6, 8, 12, 16, 24, 48)),
        Model("MI300X", "AMD Instinct MI300X", Amd, 0x74a1, 0x74a1, 0x1200, 192, Compute, "Aqua Vanjaram [Instinct MI300X]"),
        Model("T4", "Tesla T4", Nvidia, 0x1eb8, 0x12a2, 0x0302, 16, Graphics, "TU104GL [Tesla T4]", Vgpu("T4", 16, 230, "Q", 1, 2, 4, 8, 16)),
        Model("H100", "NVIDIA H100 PCIe", Nvidia, 0x2331, 0x1626, 0x0302, 80, Compute, "GH100 [H100 PCIe]", Vgpu("H100", 80, 1130, "C", 10, 20, 40, 80)),
        Model("L40S", "NVIDIA L40S", Nvidia, 0x26b9, 0x1851, 0x0302, 48, Graphics, "AD102GL [L40S]", Vgpu("L40S", 48, 1145, "Q", 1, 2, 3, 4, 6, 8, 12, 16, 24, 48)),
        Model("Max 1550", "Intel Data Center GPU Max 1550", Intel, 0x0bd5, 0x0000, 0x0380, 128, Compute, "Ponte Vecchio XT (2 Tile) [Data Center GPU Max 1550]"),
        Model("MI210", "AMD Instinct MI210", Amd, 0x740f, 0x0c34, 0x0380, 64, Compute, "Aldebaran/MI200 [Instinct MI210]"),
        Model("V100", "Tesla V100-PCIE-32GB", Nvidia, 0x1db6, 0x124a, 0x0302, 32, Compute, "GV100GL [Tesla V100 PCIe 32GB]"),
        Model("MI250X", "AMD Instinct MI250X", Amd, 0x7408, 0x0b0c, 0x0380, 64, Compute, "Aldebaran/MI200 [Instinct MI250X]"),
        Model("A100-40GB", "NVIDIA A100-PCIE-40GB", Nvidia, 0x20f1, 0x145f, 0x0302, 40, Compute, "GA100 [A100 PCIe 40GB]", Vgpu("A100", 40, 468, "C", 4, 5, 8, 10, 20, 40)),
    ];

    /// <summary>Finds a model by its short name or by Prism's device name, without case.</summary>
    /// <exception cref="ArgumentException">No such model; the message lists those there are.</exception>
    public static GpuModel Find(string name) =>
        Models.FirstOrDefault(m => Is(m.Name, name) || Is(m.DeviceName, name))
        ?? throw new ArgumentException(
            $"The simulator knows no GPU model '{name}'. Known models: {string.Join(", ", Models.Select(m => m.Name))}.", nameof(name));

    /// <summary>Finds a vGPU profile and its model by the profile's name, or null.</summary>
    public static (GpuModel Model, VgpuProfile Profile)? FindProfile(string name)
    {
        foreach (var model in Models)
        {
            if (model.VgpuProfiles.FirstOrDefault(p => Is(p.Name, name)) is { } profile) return (model, profile);
        }

        return null;
    }

    private static bool Is(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private static GpuModel Model(
        string name, string deviceName, int vendorId, int deviceId, int subsystemId, int pciClass, long gibibytes, string type, string pciName,
        IReadOnlyList<VgpuProfile>? profiles = null) => new()
        {
            Name = name,
            DeviceName = deviceName,
            Vendor = vendorId switch { Nvidia => "NVIDIA", Amd => "AMD", _ => "INTEL" },
            VendorId = vendorId,
            DeviceId = deviceId,
            SubsystemId = subsystemId,
            ClassId = pciClass >> 8,
            SubClassId = pciClass & 0xff,
            MemoryBytes = gibibytes * GiB,
            PassthroughType = type,
            PciName = pciName,
            VgpuProfiles = profiles ?? [],
        };

    /// <summary>Profiles of one series; sizes are GiB of frame buffer, type ids count up from the first (they need only be distinct).</summary>
    private static List<VgpuProfile> Vgpu(string chip, int total, int firstTypeId, string series, params int[] sizes) =>
        [.. sizes.Select((size, index) => new VgpuProfile(
            $"NVIDIA {chip}-{size}{series}", firstTypeId + index, size * GiB, total / size, series == "C" ? 8 : 16,
            series == "C" ? 1 : 4, series == "C" ? "4096x2160" : size == 1 ? "5120x2880" : "7680x4320",
            series == "C" ? "NVIDIA-vComputeServer,9.0;Quadro-Virtual-DWS,5.0" : "Quadro-Virtual-DWS,5.0;GRID-Virtual-WS,2.0"))];
}
