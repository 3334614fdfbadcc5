namespace CudaWasm.Runtime;

/// <summary>
/// A launch of a kernel that is known already, as a worker is asked for it: a launch file without source, where inputs and outputs are
/// names of parts that travel with it. It refers to no file.
/// </summary>
public sealed record LaunchRequest
{
    /// <summary>As spelled for a launch; null where there is only one.</summary>
    public string? Kernel { get; init; }

    public required LaunchConfiguration Configuration { get; init; }

    public IReadOnlyList<LaunchArgument> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, LaunchSymbol> Symbols { get; init; } = new Dictionary<string, LaunchSymbol>();

    /// <summary>Asked for; the worker has a limit of its own.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Reads a request's JSON and checks all that can be checked without the kernel.</summary>
    /// <exception cref="LaunchFileException">It is no JSON, or something in it is wrong.</exception>
    public static LaunchRequest Parse(ReadOnlyMemory<byte> json) => LaunchFileReader.ReadRequest(json);
}
