namespace Nutanix.Prism;

/// <summary>GPU use of a virtual machine over one sampling interval. What the server did not measure is null.</summary>
public sealed record GpuMetricSample
{
    public required string VmId { get; init; }

    public required string VmName { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Prism's <c>gpuUsagePpm</c> ÷ 10,000.</summary>
    public double? GpuUsagePercent { get; init; }

    /// <summary>Prism's <c>frameBufferUsagePpm</c> ÷ 10,000.</summary>
    public double? FrameBufferUsagePercent { get; init; }

    /// <summary>The share above of the memory of all GPUs of the machine; null where that memory is not known.</summary>
    public long? FrameBufferUsedBytes { get; init; }
}
