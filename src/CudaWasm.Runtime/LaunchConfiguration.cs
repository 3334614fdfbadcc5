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
}

/// <param name="Elapsed">From the start of the first block to the end of the last.</param>
/// <param name="Blocks">Blocks that ran.</param>
/// <param name="Threads">Threads that ran, over all blocks.</param>
public sealed record LaunchStatistics(TimeSpan Elapsed, long Blocks, long Threads);
