using System.Globalization;
using System.Text.RegularExpressions;

namespace Nutanix.Prism.Inventory;

/// <summary>PCI addresses as <c>0000:3b:00.0</c>. Prism's spelling of them is not certain, so reading is lenient.</summary>
internal static partial class PciAddress
{
    /// <summary>Takes <c>0000:3B:00.0</c>, <c>3b:00.0</c>, <c>0000:3b:00:0</c>, <c>0000_3b_00_0</c>; null for anything else.</summary>
    public static string? Normalize(string? text) =>
        TryParse(text, out (int Segment, int Bus, int Device, int Function) a) ? Format(a.Segment, a.Bus, a.Device, a.Function) : null;

    public static bool TryParse(string? text, out (int Segment, int Bus, int Device, int Function) address)
    {
        Match match = Pattern().Match(text ?? string.Empty);
        address = match.Success ? (Part(match, 1), Part(match, 2), Part(match, 3), Part(match, 4)) : default;
        return match.Success && address.Device < 32 && address.Function < 8;
    }

    public static string? Format(long? segment, long? bus, long? device, long? function) =>
        bus is null && device is null
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{segment ?? 0:x4}:{bus ?? 0:x2}:{device ?? 0:x2}.{function ?? 0:x}");

    private static int Part(Match match, int group) =>
        match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^\s*(?:([0-9a-f]{1,8})[:_\-/])?([0-9a-f]{1,2})[:_\-/]([0-9a-f]{1,2})[.:_\-/]([0-7])\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
