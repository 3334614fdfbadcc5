using GpuPlatform;

namespace Nutanix.Prism.Inventory;

/// <summary>Vendors by the texts and numbers that stand for them.</summary>
internal static class GpuVendorName
{
    /// <summary>
    /// <paramref name="vendor"/> is <c>kNvidia</c>, <c>NVIDIA</c>, <c>Advanced Micro Devices, Inc.</c>; the device's name and the
    /// PCI vendor id (0x10de, 0x1002, 0x8086) help where it says nothing.
    /// </summary>
    public static GpuVendor Parse(string? vendor, string? deviceName = null, long? pciVendorId = null)
    {
        GpuVendor named = FromText(vendor);
        if (named != GpuVendor.Unknown)
        {
            return named;
        }

        GpuVendor numbered = pciVendorId switch
        {
            0x10de => GpuVendor.Nvidia,
            0x1002 => GpuVendor.Amd,
            0x8086 => GpuVendor.Intel,
            _ => GpuVendor.Unknown,
        };
        return numbered != GpuVendor.Unknown ? numbered
            : deviceName is null ? GpuVendor.Unknown
            : FromText(deviceName) is not GpuVendor.Unknown and var fromName ? fromName
            : GpuModelName.VendorOf(GpuModelName.FromDeviceName(deviceName));
    }

    private static GpuVendor FromText(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return GpuVendor.Unknown;
        }

        bool Says(string word) => text.Contains(word, StringComparison.OrdinalIgnoreCase);
        return Says("nvidia") || Says("tesla") || Says("quadro") || Says("geforce") ? GpuVendor.Nvidia
            : Says("amd") || Says("advanced micro") || Says("radeon") || Says("instinct") ? GpuVendor.Amd
            : Says("intel") ? GpuVendor.Intel
            : GpuVendor.Unknown;
    }
}
