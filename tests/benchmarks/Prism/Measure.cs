using System.Diagnostics;

namespace Nutanix.Prism.Benchmarks;

/// <param name="First">Time to the first record.</param>
/// <param name="All">Time to the last.</param>
/// <param name="Records">How many.</param>
/// <param name="Requests">Requests it took.</param>
/// <param name="Cpu">Processor time of both sides: where it exceeds what the machine has to spare, it is the limit, not the latency.</param>
internal sealed record Reading(TimeSpan First, TimeSpan All, int Records, int Requests, TimeSpan Cpu);

internal static class Measure
{
    public static Task<Reading> HostsAsync(PrismClient client, SimulatorProcess? central = null) => TimeAsync(central, client.GetGpuHostsAsync(w => throw new InvalidOperationException(w.Message)));

    public static Task<Reading> VmsAsync(PrismClient client, SimulatorProcess? central = null) => TimeAsync(central, client.GetVmsAsync(new VmQuery { GpuOnly = true }));

    /// <summary>Most managed memory above the beginning, looked at after each thousand machines.</summary>
    public static async Task<long> PeakBytesAsync(PrismClient client)
    {
        long start = GC.GetTotalMemory(forceFullCollection: true);
        long peak = start;
        int seen = 0;
        await foreach (PrismVm vm in client.GetVmsAsync(new VmQuery()))
        {
            if (++seen % 1000 == 0)
            {
                peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true));
            }
        }

        return peak - start;
    }

    private static async Task<Reading> TimeAsync<T>(SimulatorProcess? central, IAsyncEnumerable<T> records)
    {
        TimeSpan cpu = Cpu();
        int before = SimulatorProcess.Sent;
        long started = Stopwatch.GetTimestamp();
        TimeSpan first = default;
        int count = 0;
        await foreach (T record in records)
        {
            if (count++ == 0)
            {
                first = Stopwatch.GetElapsedTime(started);
            }
        }

        return new Reading(first, Stopwatch.GetElapsedTime(started), count, SimulatorProcess.Sent - before, Cpu() - cpu);

        TimeSpan Cpu() => (central?.Cpu ?? default) + Environment.CpuUsage.TotalTime;
    }
}
