using System.Globalization;

namespace GpuPlatform.Manifests.ClusterApi;

/// <summary>A GPU's PCI identity.</summary>
/// <param name="VendorId">For example 0x10DE, NVIDIA.</param>
/// <param name="DeviceId">For example 0x20B5, A100 80GB PCIe.</param>
/// <param name="MemoryGiB">Memory of the device; null where the model is not known.</param>
public sealed record PciId(int VendorId, int DeviceId, int? MemoryGiB = null)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{VendorId:x4}:{DeviceId:x4}");
}

/// <summary>PCI ids of data centre GPUs by model, as pci-ids.ucw.cz lists them.</summary>
public static class PciIds
{
    private const int Nvidia = 0x10DE;
    private const int Amd = 0x1002;
    private const int Intel = 0x8086;

    private static readonly Dictionary<string, PciId> ByModel = new(StringComparer.OrdinalIgnoreCase)
    {
        ["V100-PCIE-16GB"] = new(Nvidia, 0x1DB4, 16),
        ["V100-PCIE-32GB"] = new(Nvidia, 0x1DB6, 32),
        ["T4"] = new(Nvidia, 0x1EB8, 16),
        ["A100-SXM4-40GB"] = new(Nvidia, 0x20B0, 40),
        ["A100-SXM4-80GB"] = new(Nvidia, 0x20B2, 80),
        ["A100-PCIE-40GB"] = new(Nvidia, 0x20F1, 40),
        ["A100-PCIE-80GB"] = new(Nvidia, 0x20B5, 80),
        ["A30"] = new(Nvidia, 0x20B7, 24),
        ["A40"] = new(Nvidia, 0x2235, 48),
        ["A10"] = new(Nvidia, 0x2236, 24),
        ["A16"] = new(Nvidia, 0x25B6, 16),
        ["H100-SXM5-80GB"] = new(Nvidia, 0x2330, 80),
        ["H100-PCIE-80GB"] = new(Nvidia, 0x2331, 80),
        ["H200-SXM-141GB"] = new(Nvidia, 0x2335, 141),
        ["L4"] = new(Nvidia, 0x27B8, 24),
        ["L40"] = new(Nvidia, 0x26B5, 48),
        ["L40S"] = new(Nvidia, 0x26B9, 48),
        ["MI210"] = new(Amd, 0x740F, 64),
        ["MI300X"] = new(Amd, 0x74A1, 192),
        ["Max-1550"] = new(Intel, 0x0BD5, 128),
        ["Max-1100"] = new(Intel, 0x0BDA, 48),
        ["Flex-170"] = new(Intel, 0x56C0, 16),
        ["Flex-140"] = new(Intel, 0x56C1, 12),
    };

    public static IReadOnlyCollection<string> Models => ByModel.Keys;

    /// <summary>Reads a model, or vendor and device in hexadecimal as <c>lspci -n</c> prints them (<c>10de:20b5</c>).</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static PciId Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (ByModel.TryGetValue(text.Trim().Replace(' ', '-'), out var known))
            return known;

        var parts = text.Split(':');
        if (parts.Length == 2 && TryParseHex(parts[0], out var vendor) && TryParseHex(parts[1], out var device))
            return ByModel.Values.FirstOrDefault(p => p.VendorId == vendor && p.DeviceId == device) ?? new PciId(vendor, device);

        throw new FormatException($"'{text}' is no known GPU and no pair of PCI ids. Write vendor:device in hexadecimal, such as 10de:20b5, or one of {string.Join(", ", Models)}.");
    }

    /// <summary>The vendor's PCI id; null where it is not known.</summary>
    public static int? VendorIdOf(GpuVendor vendor) => vendor switch
    {
        GpuVendor.Nvidia => Nvidia,
        GpuVendor.Amd => Amd,
        GpuVendor.Intel => Intel,
        _ => null,
    };

    private static bool TryParseHex(string text, out int value)
    {
        var digits = text.Trim();
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            digits = digits[2..];
        value = 0;
        return digits.Length is > 0 and <= 4 && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value > 0;
    }
}
