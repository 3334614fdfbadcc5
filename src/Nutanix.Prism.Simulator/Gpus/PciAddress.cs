using System.Globalization;

namespace Nutanix.Prism.Simulator.Gpus;

/// <summary>A PCI address; its text is <c>segment:bus:device.function</c> in hexadecimal: <c>0000:3b:00.0</c>.</summary>
public readonly record struct PciAddress(int Segment, int Bus, int Device, int Function)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Segment:x4}:{Bus:x2}:{Device:x2}.{Function:x}");
}
