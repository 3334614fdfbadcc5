namespace GpuPlatform;

/// <summary>How a GPU is handed to a virtual machine. The members are Prism's own (vmm.v4.ahv.config.GpuMode).</summary>
public enum GpuMode
{
    /// <summary>The platform names no mode, or one this version does not know.</summary>
    Unknown,

    /// <summary>The whole device, with its display function.</summary>
    PassthroughGraphics,

    /// <summary>The whole device, for compute.</summary>
    PassthroughCompute,

    /// <summary>A share of the device (vGPU), by profile.</summary>
    Virtual,
}
