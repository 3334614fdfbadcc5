using GpuPlatform;

namespace Nutanix.Prism;

/// <summary>What a GPU host can do, as far as Prism tells.</summary>
public sealed record HostCapability
{
    public required string HostId { get; init; }

    public required string HostName { get; init; }

    public string? ClusterName { get; init; }

    /// <summary>Of the cluster (<c>X86_64</c>, <c>PPC64LE</c>); Prism has none for a host, and none for ARM.</summary>
    public string? Architecture { get; init; }

    public string? CpuModel { get; init; }

    /// <summary>Logical processors; v3 does not tell.</summary>
    public int? CpuThreads { get; init; }

    public long? MemoryBytes { get; init; }

    public string? HypervisorName { get; init; }

    /// <summary>The host's vGPU manager; null where it hands out whole devices only.</summary>
    public string? GpuDriverVersion { get; init; }

    public bool IsAvailable { get; init; }

    public int GpuCount { get; init; }

    public int FreeGpuCount { get; init; }

    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>How machines get the GPUs of this host.</summary>
    public IReadOnlyList<GpuMode> Modes { get; init; } = [];

    public bool SupportsPassthrough { get; init; }

    public bool SupportsVgpu { get; init; }

    /// <summary>NUMA nodes that have GPUs; empty where not told.</summary>
    public IReadOnlyList<int> NumaNodes { get; init; } = [];

    /// <summary>The most free GPUs of one kind that one machine could get here.</summary>
    public int LargestRequest { get; init; }

    /// <summary>The same on one NUMA node; null where NUMA nodes are not told.</summary>
    public int? LargestNumaAlignedRequest { get; init; }

    /// <param name="host">The host.</param>
    /// <param name="cluster">Its cluster, where known.</param>
    public static HostCapability Of(GpuHost host, PrismCluster? cluster)
    {
        GpuMode[] modes = [.. host.Gpus.Select(g => g.Mode).Distinct().Order()];
        IGrouping<(string, long?, GpuMode), GpuDevice>[] kinds = [.. host.Gpus.Where(g => g.IsFree).GroupBy(g => (g.Model, g.DeviceId, g.Mode))];
        bool knowsNuma = host.Gpus.Any(g => g.NumaNode is not null);
        return new HostCapability
        {
            HostId = host.Id,
            HostName = host.Name,
            ClusterName = host.ClusterName,
            Architecture = cluster?.Architecture,
            CpuModel = host.CpuModel,
            CpuThreads = host.CpuThreads,
            MemoryBytes = host.MemoryBytes,
            HypervisorName = host.HypervisorName,
            GpuDriverVersion = host.GpuDriverVersion,
            IsAvailable = host.IsAvailable,
            GpuCount = host.GpuCount,
            FreeGpuCount = host.FreeGpuCount,
            Models = host.Models,
            Modes = modes,
            SupportsPassthrough = modes.Any(m => m is GpuMode.PassthroughCompute or GpuMode.PassthroughGraphics),
            SupportsVgpu = modes.Contains(GpuMode.Virtual),
            NumaNodes = [.. host.Gpus.Select(g => g.NumaNode).OfType<int>().Distinct().Order()],
            LargestRequest = kinds.Select(k => k.Count()).DefaultIfEmpty(0).Max(),
            LargestNumaAlignedRequest = knowsNuma
                ? kinds.SelectMany(k => k.Where(g => g.NumaNode is not null).GroupBy(g => g.NumaNode)).Select(n => n.Count()).DefaultIfEmpty(0).Max()
                : null,
        };
    }
}
