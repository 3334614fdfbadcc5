using System.Diagnostics;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>The clocks that kernels read.</summary>
internal static class CilClock
{
    private const long NanosecondsPerTick = 1_000_000_000 / TimeSpan.TicksPerSecond;

    /// <summary>Nanoseconds of a counter that never goes back: a processor of one gigahertz.</summary>
    public static long Ticks() => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    /// <summary>Nanoseconds since 1970.</summary>
    public static long GlobalTimer() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * NanosecondsPerTick;
}
