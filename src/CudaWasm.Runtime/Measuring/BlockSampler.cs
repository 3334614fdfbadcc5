using System.Diagnostics;
using System.Numerics;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Runtime;

/// <summary>Runs a grid in parts, spread over it, until all is done or the time is over.</summary>
internal sealed class BlockSampler
{
    private readonly Kernel _kernel;
    private readonly LaunchConfiguration _configuration;
    private readonly IReadOnlyList<KernelArgument> _arguments;
    private readonly LaunchOptions _options;

    public BlockSampler(Kernel kernel, LaunchConfiguration configuration, IReadOnlyList<KernelArgument> arguments, LaunchOptions options)
    {
        _kernel = kernel;
        _configuration = configuration;
        _arguments = arguments;
        _options = options;
    }

    /// <param name="parts">How many parts the grid has.</param>
    /// <param name="blocksOfPart">Blocks that run of each part; null for all of them.</param>
    /// <param name="time">No further part begins after that; the first always runs.</param>
    /// <param name="cancellationToken">Stops the launch.</param>
    /// <returns>Blocks that ran.</returns>
    public long Run(long parts, long? blocksOfPart, TimeSpan time, CancellationToken cancellationToken)
    {
        var blocks = _configuration.Grid.Count;
        var statements = IrTree.All(_kernel.Source.Module!.Kernel.Body).ToList();
        if (statements.Any(s => s is IrBarrier { Kind: IrBarrierKind.Grid }))
        {
            _kernel.Launch(_configuration, _arguments, _options, cancellationToken);
            return blocks;
        }

        parts = Math.Min(parts, blocks);
        // Blocks that wait for others wait for earlier ones: those have to run first.
        var order = statements.OfType<IrLoop>().Any(MayWait) ? Range(parts) : Scattered(parts);
        var watch = Stopwatch.StartNew();
        var done = 0L;
        foreach (var part in order)
        {
            if (done > 0 && watch.Elapsed >= time) break;
            var range = BlockRange.Part(blocks, (int)part, (int)parts);
            if (blocksOfPart is { } some) range = range with { Count = Math.Min(some, range.Count) };
            _kernel.Launch(_configuration, _arguments, _options with { Blocks = range }, cancellationToken);
            done += range.Count;
        }

        return done;
    }

    private static bool MayWait(IrLoop loop) => IrTree.Expressions(loop).SelectMany(IrTree.All).Any(e => e is IrLoad { IsVolatile: true })
        || IrTree.All(loop).Any(s => s is IrAtomic { Result: not null } || IrTree.Expressions(s).SelectMany(IrTree.All).Any(e => e is IrLoad { IsVolatile: true }));

    private static IEnumerable<long> Range(long count)
    {
        for (long i = 0; i < count; i++) yield return i;
    }

    /// <summary>All numbers below a count, any first few of them far from each other: their bits are those of a counter in reverse.</summary>
    private static IEnumerable<long> Scattered(long count)
    {
        var bits = 64 - BitOperations.LeadingZeroCount((ulong)(count - 1));
        for (long i = 0; i < 1L << bits; i++)
        {
            long reversed = 0;
            for (var bit = 0; bit < bits; bit++) reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
            if (reversed < count) yield return reversed;
        }
    }
}
