using System.Runtime.InteropServices;

namespace CudaWasm.Runtime.Cpu;

/// <summary>
/// Pages of 2 MiB in place of 4 KiB where the system gives them for the asking. A block of a two-dimensional kernel goes down rows
/// that lie pages apart: with small pages it waits for their translations more than for their content.
/// </summary>
internal static unsafe partial class HugePages
{
    private const long Size = 2 << 20;

    // madvise(2): "Enable Transparent Huge Pages (THP) for pages in the range".
    private const int MadvHugePage = 14;

    /// <summary>Asks for the whole huge pages of a range that nobody has written to. Without them all works as well, only slower.</summary>
    public static void Ask(byte* start, long bytes)
    {
        if (!OperatingSystem.IsLinux() || bytes < 2 * Size) return;
        var first = ((long)start + Size - 1) & -Size;
        var end = ((long)start + bytes) & -Size;
        if (end > first) _ = MemoryAdvise((nint)first, (nuint)(end - first), MadvHugePage);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(nint address, nuint length, int advice);
}
