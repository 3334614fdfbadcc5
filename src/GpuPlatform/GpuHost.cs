namespace GpuPlatform;

/// <summary>A host with its GPUs.</summary>
public sealed record GpuHost
{
    /// <summary>Identity on its platform; on Prism the host's extId.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string? ClusterId { get; init; }

    public string? ClusterName { get; init; }

    public string? CpuModel { get; init; }

    /// <summary>Logical processors.</summary>
    public int? CpuThreads { get; init; }

    public long? MemoryBytes { get; init; }

    public string? HypervisorName { get; init; }

    /// <summary>Version of the host's GPU (vGPU manager) driver.</summary>
    public string? GpuDriverVersion { get; init; }

    /// <summary>False while the host is in maintenance, disconnected or degraded.</summary>
    public bool IsAvailable { get; init; } = true;

    public IReadOnlyList<GpuDevice> Gpus { get; init; } = [];

    public int GpuCount => Gpus.Count;

    public int FreeGpuCount => Gpus.Count(g => g.IsFree);

    /// <summary>The vendors of the host's GPUs; one in nearly every host.</summary>
    public IReadOnlyList<GpuVendor> Vendors => [.. Gpus.Select(g => g.Vendor).Distinct()];

    /// <summary>The distinct models, sorted.</summary>
    public IReadOnlyList<string> Models => [.. Gpus.Select(g => g.Model).Distinct().Order(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Memory of all GPUs in bytes; null where no device says.</summary>
    public long? GpuMemoryBytes => Gpus.Any(g => g.MemoryBytes is not null) ? Gpus.Sum(g => g.MemoryBytes ?? 0) : null;
}
