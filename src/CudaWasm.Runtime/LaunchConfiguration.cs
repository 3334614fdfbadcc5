namespace CudaWasm.Runtime;

/// <summary>What stands between <c>&lt;&lt;&lt;</c> and <c>&gt;&gt;&gt;</c>.</summary>
/// <param name="Grid">Blocks.</param>
/// <param name="Block">Threads of a block.</param>
/// <param name="SharedBytes">Dynamic shared memory of a block.</param>
public sealed record LaunchConfiguration(Dim3 Grid, Dim3 Block, int SharedBytes = 0);

public sealed record LoadOptions
{
    public static LoadOptions Default { get; } = new();

    /// <summary>Leaves out the checks of memory accesses: for measuring. A stray access may then end the process.</summary>
    public bool Unchecked { get; init; }

    /// <summary>Makes the kernel ready for <see cref="Kernel.Check"/> rather than for launches.</summary>
    public bool Check { get; init; }

    /// <summary>
    /// On the CPU: size of the vectors whose lanes are threads, 128, 256 or 512; 0 runs one thread after the other. Null for the widest
    /// that the processor has.
    /// </summary>
    public int? VectorBits { get; init; }

    /// <summary>
    /// On the CPU: vectors that a 32-bit value of the threads that run together takes, 1, 2 or 4 (fewer where the block has no whole number of
    /// them). Null for what suits the kernel.
    /// </summary>
    public int? VectorRegisters { get; init; }
}

public sealed record LaunchOptions
{
    public static LaunchOptions Default { get; } = new();

    /// <summary>
    /// Gets what the kernel prints, in the order of the blocks. Called from the device's threads, by one at a time; what is printed is lost
    /// where this is null.
    /// </summary>
    public TextWriter? Output { get; init; }

    /// <summary>After that the launch is stopped with a <see cref="KernelTimeoutException"/>; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Only these blocks of the grid run, which keeps its size for the kernel; null for all of them.</summary>
    public BlockRange? Blocks { get; init; }
}

/// <summary>Blocks of a grid by their linear numbers, x fastest.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many.</param>
public readonly record struct BlockRange(long First, long Count)
{
    /// <summary>The share of a grid that one of several machines runs; the shares differ by one block at most.</summary>
    /// <param name="blocks">Blocks of the grid.</param>
    /// <param name="index">Which share, from 0.</param>
    /// <param name="count">Shares in all.</param>
    public static BlockRange Part(long blocks, int index, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
        var first = (long)((Int128)blocks * index / count);
        return new BlockRange(first, (long)((Int128)blocks * (index + 1) / count) - first);
    }
}

/// <param name="Elapsed">From the start of the first block to the end of the last.</param>
/// <param name="Blocks">Blocks that ran.</param>
/// <param name="Threads">Threads that ran, over all blocks.</param>
public readonly record struct LaunchStatistics(TimeSpan Elapsed, long Blocks, long Threads);
