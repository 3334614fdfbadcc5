using CudaWasm.Runtime;

namespace CudaWasm.Benchmarks.Cases;

/// <summary>The same work for every runner: inputs, CUDA's launches of it, the call of the plain C function, and what to compare.</summary>
internal sealed record BenchmarkCase
{
    /// <summary>What it works on, for people: <c>16 Mi</c>, <c>4096²</c>.</summary>
    public required string Size { get; init; }

    /// <summary>The launches in order, each of a kernel of the case's source. Arguments are <see cref="HostBuffer"/>, int, uint or float.</summary>
    public required IReadOnlyList<CaseLaunch> Launches { get; init; }

    /// <summary>The C function.</summary>
    public required string Function { get; init; }

    /// <summary>What the C function gets: an array of pointers, to the buffers and to the values.</summary>
    public required IReadOnlyList<object> FunctionArguments { get; init; }

    public required IReadOnlyList<CaseOutput> Outputs { get; init; }

    /// <summary>Buffers that get their first content back before each run, outside of the time that is taken.</summary>
    public IReadOnlyList<HostBuffer> Restored { get; init; } = [];

    /// <summary>All buffers, each once.</summary>
    public IReadOnlyList<HostBuffer> Buffers =>
        [.. Launches.SelectMany(l => l.Arguments).Concat(FunctionArguments).OfType<HostBuffer>().Distinct()];
}

/// <param name="Kernel">In the CUDA source and in the OpenCL source.</param>
/// <param name="Grid">Blocks.</param>
/// <param name="Block">Threads of a block.</param>
/// <param name="Arguments">In the order of the parameters.</param>
/// <param name="SharedBytes">Dynamic shared memory; the OpenCL source declares its own.</param>
internal sealed record CaseLaunch(string Kernel, Dim3 Grid, Dim3 Block, IReadOnlyList<object> Arguments, int SharedBytes = 0);

/// <param name="Buffer">What to compare.</param>
/// <param name="Tolerance">Largest difference, relative to the largest magnitude in the buffer; 0 for equality.</param>
/// <param name="Exceptions">Share of elements that may differ more: iteration counts turn on the last bit of a float.</param>
internal sealed record CaseOutput(HostBuffer Buffer, double Tolerance = 0, double Exceptions = 0);

/// <summary>A case by name; its inputs are made when it is run.</summary>
/// <param name="Name">Also the name of its sources in <c>kernels/</c>.</param>
/// <param name="Create">Makes it; small where the argument is true.</param>
internal sealed record CaseDefinition(string Name, Func<bool, BenchmarkCase> Create);
