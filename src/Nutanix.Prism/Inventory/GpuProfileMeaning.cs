using System.Globalization;
using System.Text.RegularExpressions;
using GpuPlatform;

namespace Nutanix.Prism.Inventory;

/// <summary>
/// Reads NVIDIA's vGPU type names: <c>A40-8Q</c> is 8 GB of an A40 for a workstation, <c>A100D-1-10C</c> one compute slice (MIG)
/// with 10 GB for compute. The letter is the series as in NVIDIA's virtual GPU software user guide.
/// </summary>
internal static partial class GpuProfileMeaning
{
    public static string Of(string name, GpuMode mode, long? memoryBytes)
    {
        Match vgpu = mode == GpuMode.Virtual ? VgpuName().Match(name) : Match.Empty;
        if (vgpu.Success)
        {
            string series = vgpu.Groups["series"].Value.ToUpperInvariant() switch
            {
                "Q" => "virtual workstation (RTX vWS): graphics and CUDA",
                "C" => "compute (AI Enterprise, vCS): CUDA without a display",
                "B" => "virtual desktop (vPC): office graphics",
                "A" => "published applications (vApps)",
                var other => $"series {other}",
            };
            string memory = vgpu.Groups["size"].Value is "0" ? "512 MB" : $"{vgpu.Groups["size"].Value} GB";
            string slices = vgpu.Groups["slices"] is { Success: true } mig ? $", MIG-backed with {mig.Value} compute slices of its own" : ", time-sliced";
            string more = vgpu.Groups["more"] is { Success: true, Length: > 0 } extra && extra.Value.Contains("ME", StringComparison.OrdinalIgnoreCase) ? " and the media engines" : string.Empty;
            return $"vGPU with {memory} of an {vgpu.Groups["board"].Value}{slices}{more}; {series}";
        }

        string size = memoryBytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $", {bytes / (double)(1L << 30):0.#} GiB") : string.Empty;
        return mode switch
        {
            GpuMode.PassthroughCompute => $"the whole device for compute{size}; its machine cannot be live-migrated",
            GpuMode.PassthroughGraphics => $"the whole device with its display function{size}; its machine cannot be live-migrated",
            GpuMode.Virtual => $"a vGPU whose name does not tell more{size}",
            _ => $"a device whose mode the server does not tell{size}",
        };
    }

    [GeneratedRegex(@"(?:^|\s)(?<board>[A-Z]+[0-9]+[A-Z0-9]*(?: [A-Z0-9]+)?)-(?:(?<slices>\d+)-)?(?<size>\d+)(?<series>[A-Z])(?<more>[A-Z]*)\d*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex VgpuName();
}
