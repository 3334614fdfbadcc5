namespace GpuPlatform;

/// <summary>Who makes a GPU.</summary>
public enum GpuVendor
{
    /// <summary>The platform names no vendor, or one this version does not know.</summary>
    Unknown,
    Nvidia,
    Amd,
    Intel,
}
