using System.Diagnostics;

namespace Nutanix.Prism.Benchmarks;

/// <param name="First">Time to the first record.</param>
/// <param name="All">Time to the last.</param>
/// <param name="Records">How many.</param>
/// <param name="Requests">Requests it took.</param>
internal sealed record Reading(TimeSpan First, TimeSpan All, int Records, int Requests);

internal static class Measure
{
    public static Task<Reading> HostsAsync(PrismClient client) => TimeAsync(client.GetGpuHostsAsync(w => throw new InvalidOperationException(w.Message)));

    public static Task<Reading> VmsAsync(PrismClient client) => TimeAsync(client.GetVmsAsync(new VmQuery { GpuOnly = true }));

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

    private static async Task<Reading> TimeAsync<T>(IAsyncEnumerable<T> records)
    {
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

        return new Reading(first, Stopwatch.GetElapsedTime(started), count, SimulatorProcess.Sent - before);
    }
}
