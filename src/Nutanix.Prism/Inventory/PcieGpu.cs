using GpuPlatform;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.Inventory;

/// <summary>Which PCIe devices are GPUs, and what they say.</summary>
internal static class PcieGpu
{
    /// <summary>
    /// Display controllers and processing accelerators of a GPU vendor. The other display controllers are boards'
    /// consoles; Intel's processing accelerators are not GPUs.
    /// </summary>
    public static bool Is(WirePcieDevice device) => Vendor(device) switch
    {
        GpuVendor.Nvidia or GpuVendor.Amd => device.Type is "DISPLAY_CONTROLLER" or "PROCESSING_ACCELERATOR",
        GpuVendor.Intel => device.Type is "DISPLAY_CONTROLLER",
        _ => false,
    };

    public static GpuVendor Vendor(WirePcieDevice device) => GpuVendorName.Parse(null, null, device.Configuration?.VendorId);

    public static bool IsFree(WirePcieDevice device) => device.State is "UVM_AVAILABLE" && string.IsNullOrEmpty(device.OwnerVmExtId);
}
