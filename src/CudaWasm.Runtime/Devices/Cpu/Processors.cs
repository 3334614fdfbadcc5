using System.Runtime.InteropServices;

namespace CudaWasm.Runtime.Cpu;

/// <summary>
/// The processors that this process may use, where a thread can be bound to one of them: on Linux. There a thread that wakes may be put
/// behind the one that woke it, although another processor is idle; measured on a virtual machine that packs its threads, for 2 ms
/// of a launch of 3 ms. Windows spreads threads by their ideal processors, and macOS has no binding.
/// </summary>
internal static unsafe partial class Processors
{
    /// <summary>CPU_SETSIZE of sched.h: more processors than that are left to the system.</summary>
    private const int MaxCount = 1024;

    private static readonly Lazy<int[]> Found = new(Find);

    /// <summary>Their numbers, ascending; empty where threads are not bound.</summary>
    public static int[] Allowed => Found.Value;

    /// <summary>The processor that runs the calling thread now; only where <see cref="Allowed"/> has some.</summary>
    public static int Current => GetProcessor();

    /// <summary>Keeps the calling thread on a processor from now on. Where the system refuses, all works as well, only slower.</summary>
    public static void Bind(int processor)
    {
        var mask = stackalloc byte[MaxCount / 8];
        new Span<byte>(mask, MaxCount / 8).Clear();
        mask[processor / 8] = (byte)(1 << (processor % 8));
        _ = SetAffinity(0, MaxCount / 8, mask);
    }

    private static int[] Find()
    {
        // Bytes are in the order of the bits only on little endian machines; .NET's others are few.
        if (!OperatingSystem.IsLinux() || !BitConverter.IsLittleEndian) return [];
        var mask = stackalloc byte[MaxCount / 8];
        new Span<byte>(mask, MaxCount / 8).Clear();
        if (GetAffinity(0, MaxCount / 8, mask) != 0) return [];
        var allowed = new List<int>();
        for (var i = 0; i < MaxCount; i++)
        {
            if ((mask[i / 8] >> (i % 8) & 1) != 0) allowed.Add(i);
        }

        return [.. allowed];
    }

    // Process 0 is the calling thread.
    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int process, nuint bytes, byte* mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int process, nuint bytes, byte* mask);

    [LibraryImport("libc", EntryPoint = "sched_getcpu")]
    private static partial int GetProcessor();
}
