using CudaWasm.Runtime;
using static CudaWasm.Benchmarks.Cases.CaseList;

namespace CudaWasm.Benchmarks.Cases;

/// <summary>Work in which threads put their results together, and integer work.</summary>
internal static class CollectiveCases
{
    private static readonly Dim3 Block = new(256);

    public static BenchmarkCase ReduceShared(bool quick) => StridedSum("reduceShared", quick);

    public static BenchmarkCase ReduceShuffle(bool quick) => StridedSum("reduceShuffle", quick);

    public static BenchmarkCase ReduceTree(bool quick)
    {
        const int PerBlock = 512;
        var n = Length(quick);
        var input = Inputs.Floats(n);
        var launches = new List<CaseLaunch>();
        var (source, count) = (input, n);
        while (count > 1)
        {
            var blocks = (count + PerBlock - 1) / PerBlock;
            var target = HostBuffer.Zeros<float>(blocks);
            launches.Add(new CaseLaunch("reduceTree", new Dim3(blocks), Block, [source, target, count], 256 * sizeof(float)));
            (source, count) = (target, blocks);
        }

        return new BenchmarkCase
        {
            Size = Describe(n),
            Launches = launches,
            Function = "reduceTree",
            FunctionArguments = [input, source, n],
            Outputs = [new CaseOutput(source, 1e-4)],
        };
    }

    public static BenchmarkCase Scan(bool quick)
    {
        const int PerBlock = 1024;
        var n = Length(quick) / 4;
        var input = Inputs.Integers(n);
        var levels = new List<(HostBuffer In, HostBuffer Out, HostBuffer Sums, int Count)>();
        var (source, count) = (input, n);
        do
        {
            var blocks = (count + PerBlock - 1) / PerBlock;
            levels.Add((source, HostBuffer.Zeros<uint>(count), HostBuffer.Zeros<uint>(blocks), count));
            (source, count) = (levels[^1].Sums, blocks);
        }
        while (count > 1);

        var launches = levels.Select(level => new CaseLaunch("scanBlocks", Cover(level.Count, PerBlock), Block, [level.In, level.Out, level.Sums, level.Count])).ToList();
        for (var i = levels.Count - 2; i >= 0; i--)
        {
            launches.Add(new CaseLaunch("addOffsets", Cover(levels[i].Count, PerBlock), Block, [levels[i].Out, levels[i + 1].Out, levels[i].Count]));
        }

        return new BenchmarkCase
        {
            Size = Describe(n),
            Launches = launches,
            Function = "scan",
            FunctionArguments = [input, levels[0].Out, n],
            Outputs = [new CaseOutput(levels[0].Out)],
        };
    }

    public static BenchmarkCase Histogram(bool quick)
    {
        var n = Length(quick);
        var (data, bins) = (Inputs.Bytes(n), HostBuffer.Zeros<uint>(256));
        object[] arguments = [data, bins, n];
        return new BenchmarkCase
        {
            Size = Describe(n),
            Launches = [new CaseLaunch("histogram", new Dim3(64), Block, arguments)],
            Function = "histogram",
            FunctionArguments = arguments,
            Outputs = [new CaseOutput(bins)],
            Restored = [bins],
        };
    }

    public static BenchmarkCase BitonicSort(bool quick)
    {
        const uint Chunk = 512;
        var n = (uint)Length(quick) / 16;
        var keys = Inputs.Integers((int)n);
        var (chunks, pairs) = (new Dim3(n / Chunk), new Dim3(n / 2 / 256));
        var launches = new List<CaseLaunch> { new("sortChunks", chunks, Block, [keys]) };
        for (var size = 2 * Chunk; size <= n; size *= 2)
        {
            for (var stride = size / 2; stride >= Chunk; stride /= 2) launches.Add(new CaseLaunch("mergeGlobal", pairs, Block, [keys, size, stride]));
            launches.Add(new CaseLaunch("mergeChunks", chunks, Block, [keys, size]));
        }

        return new BenchmarkCase
        {
            Size = Describe((int)n),
            Launches = launches,
            Function = "bitonicSort",
            FunctionArguments = [keys, n],
            Outputs = [new CaseOutput(keys)],
            Restored = [keys],
        };
    }

    public static BenchmarkCase Md5(bool quick)
    {
        var n = Length(quick) / 16;
        var digests = HostBuffer.Zeros<uint>(4 * n);
        object[] arguments = [digests, 12345u, n];
        return new BenchmarkCase
        {
            Size = $"{Describe(n)} digests",
            Launches = [new CaseLaunch("md5", Cover(n, 256), Block, arguments)],
            Function = "md5",
            FunctionArguments = arguments,
            Outputs = [new CaseOutput(digests)],
        };
    }

    private static BenchmarkCase StridedSum(string kernel, bool quick)
    {
        const int Blocks = 512;
        var n = Length(quick);
        var (input, partial, sum) = (Inputs.Floats(n), HostBuffer.Zeros<float>(Blocks), HostBuffer.Zeros<float>(1));
        return new BenchmarkCase
        {
            Size = Describe(n),
            Launches =
            [
                new CaseLaunch(kernel, new Dim3(Blocks), Block, [input, partial, n]),
                new CaseLaunch(kernel, new Dim3(1), Block, [partial, sum, Blocks]),
            ],
            Function = kernel,
            FunctionArguments = [input, sum, n],
            Outputs = [new CaseOutput(sum, 1e-4)],
        };
    }
}
