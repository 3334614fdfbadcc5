using GpuPlatform;
using Nutanix.Prism.Inventory;

namespace Nutanix.Prism.Tests.Client;

public class GpuNameTests
{
    [Theory]
    [InlineData("Ampere 40", "A40")]
    [InlineData("Ampere 100", "A100")]
    [InlineData("NVIDIA A40-1Q", "A40")]
    [InlineData("NVIDIA A40-48C", "A40")]
    [InlineData("NVIDIA A100-PCIE-40GB", "A100")]
    [InlineData("NVIDIA A100-SXM4-80GB", "A100")]
    [InlineData("GRID A100-1-5C", "A100")]
    [InlineData("Tesla T4", "T4")]
    [InlineData("GRID T4-16Q", "T4")]
    [InlineData("T4 compute", "T4")]
    [InlineData("NVIDIA H100 PCIe", "H100")]
    [InlineData("NVIDIA H100 NVL", "H100")]
    [InlineData("NVIDIA H200", "H200")]
    [InlineData("NVIDIA L40S", "L40S")]
    [InlineData("NVIDIA L40-12Q", "L40")]
    [InlineData("NVIDIA L4", "L4")]
    [InlineData("Tesla V100-PCIE-32GB", "V100")]
    [InlineData("Tesla V100S-PCIE-32GB", "V100S")]
    [InlineData("NVIDIA A10G", "A10G")]
    [InlineData("NVIDIA RTX 6000 Ada Generation", "RTX 6000 Ada")]
    [InlineData("NVIDIA RTX A5000", "RTX A5000")]
    [InlineData("AMD Instinct MI210", "MI210")]
    [InlineData("AMD Instinct MI250X", "MI250X")]
    [InlineData("Instinct MI300X OAM", "MI300X")]
    [InlineData("Intel(R) Data Center GPU Max 1550", "Max 1550")]
    [InlineData("Data Center GPU Max 1550", "Max 1550")]
    [InlineData("Intel Data Center GPU Flex 170", "Flex 170")]
    [InlineData("3D controller: NVIDIA Corporation GA102GL [A40] (rev a1)", "A40")]
    [InlineData("Display controller: Advanced Micro Devices, Inc. [AMD/ATI] Aldebaran/MI200 [Instinct MI210] (rev 02)", "MI210")]
    [InlineData("NVIDIA Corporation Marvel 9000", "Marvel 9000")]
    [InlineData("  Voodoo2  ", "Voodoo2")]
    public void Models_are_read_out_of_device_names(string name, string model) => Assert.Equal(model, GpuModelName.FromDeviceName(name));

    [Theory]
    [InlineData(null, 8757L, "GPU 0x2235")]
    [InlineData(" ", null, "GPU")]
    public void A_device_without_a_name_still_has_a_model(string? name, long? id, string model) => Assert.Equal(model, GpuModelName.FromDeviceName(name, id));

    [Theory]
    [InlineData("kNvidia", GpuVendor.Nvidia)]
    [InlineData("NVIDIA", GpuVendor.Nvidia)]
    [InlineData("nvidia corporation", GpuVendor.Nvidia)]
    [InlineData("kAmd", GpuVendor.Amd)]
    [InlineData("Advanced Micro Devices, Inc.", GpuVendor.Amd)]
    [InlineData("kIntel", GpuVendor.Intel)]
    [InlineData("INTEL", GpuVendor.Intel)]
    [InlineData("kMatrox", GpuVendor.Unknown)]
    [InlineData("", GpuVendor.Unknown)]
    public void Vendors_are_read_in_every_spelling(string text, GpuVendor vendor) => Assert.Equal(vendor, GpuVendorName.Parse(text));

    [Theory]
    [InlineData("Ampere 40", null, GpuVendor.Nvidia)]
    [InlineData("MI210", null, GpuVendor.Amd)]
    [InlineData("Max 1550", null, GpuVendor.Intel)]
    [InlineData(null, 0x10deL, GpuVendor.Nvidia)]
    [InlineData(null, 0x1002L, GpuVendor.Amd)]
    [InlineData(null, 0x8086L, GpuVendor.Intel)]
    [InlineData(null, 0x102bL, GpuVendor.Unknown)]
    public void A_silent_vendor_is_known_by_the_device(string? name, long? pciVendor, GpuVendor vendor) =>
        Assert.Equal(vendor, GpuVendorName.Parse(null, name, pciVendor));

    [Theory]
    [InlineData("0000:3b:00.0", "0000:3b:00.0")]
    [InlineData("0000:3B:00.0", "0000:3b:00.0")]
    [InlineData("3b:00.0", "0000:3b:00.0")]
    [InlineData("0001:3b:1f:7", "0001:3b:1f.7")]
    [InlineData("0000_3b_00_0", "0000:3b:00.0")]
    [InlineData("00000000:3B:00.0", "0000:3b:00.0")]
    [InlineData("slot 3", null)]
    [InlineData("", null)]
    [InlineData("0000:3b:20.0", null)]
    public void Pci_addresses_are_read_leniently(string text, string? address) => Assert.Equal(address, PciAddress.Normalize(text));
}
