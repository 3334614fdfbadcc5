using System.Runtime.Intrinsics.X86;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>The largest cache of the processor.</summary>
internal static class LastLevelCache
{
    private const long Usual = 32L << 20;
    private const int IntelLeaf = 4;
    private const int AmdLeaf = unchecked((int)0x8000001D);
    private const int MaxCaches = 16;

    /// <summary>Whether stores can go past it.</summary>
    public static bool IsBypassed => Sse2.IsSupported;

    /// <summary>Its size; 32 MiB where the processor does not say.</summary>
    public static long Bytes { get; } = !X86Base.IsSupported ? Usual : Math.Max(Largest(IntelLeaf), Largest(AmdLeaf)) is > 0 and var bytes ? bytes : Usual;

    /// <summary>From CPUID's deterministic cache parameters, which Intel and AMD give in leaves of their own with the same layout.</summary>
    private static long Largest(int leaf)
    {
        if ((uint)X86Base.CpuId(leaf & int.MinValue, 0).Eax < (uint)leaf) return 0;
        var largest = 0L;
        for (var cache = 0; cache < MaxCaches; cache++)
        {
            var (type, shape, sets, _) = X86Base.CpuId(leaf, cache);
            if ((type & 0x1F) == 0) break;
            var ways = ((uint)shape >> 22) + 1L;
            var partitions = (((uint)shape >> 12) & 0x3FF) + 1L;
            var line = ((uint)shape & 0xFFF) + 1L;
            largest = Math.Max(largest, ways * partitions * line * ((uint)sets + 1L));
        }

        return largest;
    }
}
