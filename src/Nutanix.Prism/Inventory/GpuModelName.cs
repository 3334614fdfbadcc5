using System.Globalization;
using System.Text.RegularExpressions;
using GpuPlatform;

namespace Nutanix.Prism.Inventory;

/// <summary>
/// Product names out of the names platforms show: <c>Ampere 40</c> and <c>NVIDIA A40-1Q</c> are both an A40, <c>Tesla
/// V100-PCIE-32GB</c> is a V100, <c>Data Center GPU Max 1550</c> is a Max 1550.
/// </summary>
internal static partial class GpuModelName
{
    /// <summary>The model, or the name without the vendor's words where no known product is in it.</summary>
    /// <param name="deviceName">What the platform shows; may be null.</param>
    /// <param name="deviceId">PCI device id, for the case that there is no name.</param>
    public static string FromDeviceName(string? deviceName, long? deviceId = null)
    {
        string name = deviceName?.Trim() ?? string.Empty;
        if (name.Length == 0)
        {
            return deviceId is null ? "GPU" : string.Create(CultureInfo.InvariantCulture, $"GPU 0x{deviceId:x4}");
        }

        // A PCI description names the chip first and the product in brackets, after the vendor's:
        // "Advanced Micro Devices, Inc. [AMD/ATI] Aldebaran/MI200 [Instinct MI210] (rev 02)".
        return Bracket().Matches(name).Select(b => Known(b.Groups[1].Value)).FirstOrDefault(m => m is not null)
            ?? Known(name)
            ?? Trimmed(name);
    }

    /// <summary>Who makes a model named by <see cref="FromDeviceName"/>; Unknown for a model that is not in the table.</summary>
    internal static GpuVendor VendorOf(string model) =>
        Amd().IsMatch(model) ? GpuVendor.Amd
        : Intel().IsMatch(model) ? GpuVendor.Intel
        : Nvidia().IsMatch(model) ? GpuVendor.Nvidia
        : GpuVendor.Unknown;

    private static string? Known(string name)
    {
        Match generation = Generation().Match(name);
        if (generation.Success)
        {
            return char.ToUpperInvariant(generation.Groups[1].Value[0]) + generation.Groups[2].Value;
        }

        Match rtx = Rtx().Match(name);
        if (rtx.Success)
        {
            string suffix = rtx.Groups[2].Success ? " Ada" : string.Empty;
            return $"RTX {rtx.Groups[1].Value.ToUpperInvariant()}{suffix}";
        }

        Match amd = Amd().Match(name);
        if (amd.Success)
        {
            return amd.Value.ToUpperInvariant();
        }

        Match intel = Intel().Match(name);
        if (intel.Success)
        {
            return $"{CultureInfo.InvariantCulture.TextInfo.ToTitleCase(intel.Groups[1].Value.ToLowerInvariant())} {intel.Groups[2].Value}";
        }

        Match nvidia = Nvidia().Match(name);
        return nvidia.Success ? nvidia.Value.ToUpperInvariant() : null;
    }

    private static string Trimmed(string name)
    {
        string rest = Spaces().Replace(VendorWords().Replace(name, " "), " ").Trim(' ', '-', ',', '.');
        return rest.Length == 0 ? name : rest;
    }

    [GeneratedRegex(@"\[([^\]]+)\]", RegexOptions.CultureInvariant)]
    private static partial Regex Bracket();

    // Prism shows some devices by their generation and number.
    [GeneratedRegex(@"\b(Ampere|Hopper|Blackwell|Volta|Turing|Lovelace)[ -](\d{1,3}[A-Z]?)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Generation();

    [GeneratedRegex(@"\bRTX[ -]?(?:PRO[ -]?)?(A?\d{4})(?:[ -]?(Ada))?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Rtx();

    [GeneratedRegex(@"\bMI\d{2,3}[AX]?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Amd();

    [GeneratedRegex(@"\b(Max|Flex)[ -](\d{3,4})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Intel();

    [GeneratedRegex(@"\b(?:GB[23]00|GH200|B[1-3]00|H[128]00|H20|A800|A100|A40|A30|A16|A10G|A10|A2|L40[SG]?|L20|L4|L2|V100S?|P100|P40|P6|P4|T4G?|M60|M40|M10|M6|K80)(?![0-9A-Za-z])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Nvidia();

    [GeneratedRegex(@"\b(?:NVIDIA|Corporation|Corp\.?|Tesla|GRID|AMD/ATI|AMD|Advanced Micro Devices,? Inc\.?|Instinct|Radeon|Intel(?:\(R\))?|Data Center GPU)(?![0-9A-Za-z])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex VendorWords();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Spaces();
}
