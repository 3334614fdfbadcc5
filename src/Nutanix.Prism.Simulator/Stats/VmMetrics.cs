using Nutanix.Prism.Simulator.Estates;

namespace Nutanix.Prism.Simulator.Stats;

/// <summary>The metrics of a VM. Shares are in parts per million of the whole, sizes in bytes.</summary>
internal static class VmMetrics
{
    /// <summary>Metrics only a VM with a GPU has.</summary>
    public static IReadOnlyList<string> Gpu { get; } = ["gpuUsagePpm", "frameBufferUsagePpm"];

    private static readonly Dictionary<string, Func<VirtualMachine, long, double, double>> Values = new(StringComparer.Ordinal)
    {
        ["gpuUsagePpm"] = (_, key, s) => 1e6 * Utilization.Gpu(key, s),
        ["frameBufferUsagePpm"] = (_, key, s) => 1e6 * Utilization.FrameBuffer(key, s),
        ["hypervisorCpuUsagePpm"] = (_, key, s) => 1e6 * Cpu(key, s),
        ["hypervisorCpuReadyTimePpm"] = (_, key, s) => 2e3 * Cpu(key, s),
        ["numVcpusUsedPpm"] = (vm, key, s) => 1e6 * vm.VcpuCount * Cpu(key, s),
        ["memoryUsagePpm"] = (_, key, s) => 1e6 * Memory(key, s),
        ["guestMemoryUsagePpm"] = (_, key, s) => 1e6 * Memory(key, s),
        ["hypervisorMemoryUsagePpm"] = (_, _, _) => 1e6,
        ["memoryUsageBytes"] = (vm, key, s) => vm.MemoryBytes * Memory(key, s),
        ["configuredMemoryBytes"] = (vm, _, _) => vm.MemoryBytes,
        ["physicalMemoryAllocatedBytes"] = (vm, _, _) => vm.MemoryBytes,
        ["controllerNumIops"] = (_, key, s) => 900 * Io(key, s),
        ["controllerIoBandwidthKbps"] = (_, key, s) => 120_000 * Io(key, s),
        ["controllerAvgIoLatencyMicros"] = (_, key, s) => 250 + (600 * Io(key, s)),
        ["hypervisorNumReceivedBytes"] = (_, key, s) => 4e6 * Io(key, s),
        ["hypervisorNumTransmittedBytes"] = (_, key, s) => 1e6 * Io(key, s),
        ["hypervisorVmRunningTimeUsecs"] = (_, _, s) => 1e6 * s,
    };

    /// <summary>Names of all metrics.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Values.Keys];

    /// <summary>A metric of a VM at a time; 0 while it was off.</summary>
    public static double At(VirtualMachine vm, string metric, long key, DateTimeOffset time) =>
        vm.RunningSince(time) is { } since ? Values[metric](vm, key, (time - since).TotalSeconds) : 0;

    /// <summary>The share of its virtual CPUs that a VM uses, 0 to 1.</summary>
    public static double Cpu(long key, double seconds) => Utilization.Companion(key, seconds, 0.04, 0.45);

    private static double Memory(long key, double seconds) => Utilization.Companion(key ^ 3, seconds, 0.3, 0.6);

    private static double Io(long key, double seconds) => Utilization.Companion(key ^ 4, seconds, 0.02, 0.6);
}
