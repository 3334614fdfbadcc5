using GpuPlatform;

namespace Nutanix.Prism.V4;

/// <summary>The texts of Prism's enums against ours. A text that is not known becomes Unknown and is never an error.</summary>
internal static class PrismLiterals
{
    public static GpuMode ToMode(string? text) => text switch
    {
        "PASSTHROUGH_GRAPHICS" or "kPassthroughGraphics" => GpuMode.PassthroughGraphics,
        "PASSTHROUGH_COMPUTE" or "kPassthroughCompute" => GpuMode.PassthroughCompute,
        "VIRTUAL" or "kVirtual" => GpuMode.Virtual,
        _ => GpuMode.Unknown,
    };

    public static string? FromMode(GpuMode mode) => mode switch
    {
        GpuMode.PassthroughGraphics => "PASSTHROUGH_GRAPHICS",
        GpuMode.PassthroughCompute => "PASSTHROUGH_COMPUTE",
        GpuMode.Virtual => "VIRTUAL",
        _ => null,
    };

    public static string? FromVendor(GpuVendor vendor) => vendor switch
    {
        GpuVendor.Nvidia => "NVIDIA",
        GpuVendor.Amd => "AMD",
        GpuVendor.Intel => "INTEL",
        _ => null,
    };
}
