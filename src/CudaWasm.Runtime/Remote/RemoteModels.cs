using System.Text.Json.Serialization;

namespace CudaWasm.Runtime.Remote;

/// <summary>A source with all that a compilation reads of it: what a worker is given to publish.</summary>
public sealed record KernelPackage
{
    /// <summary>CUDA C++.</summary>
    public required string Source { get; init; }

    /// <summary>Headers by path, relative to the source.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders among the headers', as <c>-I</c>.</summary>
    public IReadOnlyList<string> IncludePaths { get; init; } = [];

    public IReadOnlyDictionary<string, string> Defines { get; init; } = new Dictionary<string, string>();

    /// <summary>Kernels wanted, template arguments included; all that are found where empty.</summary>
    public IReadOnlyList<string> Kernels { get; init; } = [];
}

/// <summary>Kernels that a worker keeps.</summary>
/// <param name="Name">What it was published as.</param>
/// <param name="Version">SHA-256 of its content.</param>
/// <param name="PublishedAt">When this version came.</param>
/// <param name="SourceBytes">Size of the source and its headers, or of the compiled form.</param>
/// <param name="Kernels">The kernels in it; null in lists.</param>
public sealed record PublishedKernel(string Name, string Version, DateTimeOffset PublishedAt, long SourceBytes, IReadOnlyList<PublishedSignature>? Kernels)
{
    /// <summary>What was published: source or compiled.</summary>
    public string Form { get; init; } = "source";

    /// <summary>The worker that keeps it.</summary>
    [JsonIgnore]
    public Uri? Endpoint { get; init; }
}

/// <param name="Name">As spelled for a launch.</param>
/// <param name="Parameters">In order.</param>
public sealed record PublishedSignature(string Name, IReadOnlyList<PublishedParameter> Parameters)
{
    public override string ToString() => $"{Name}({string.Join(", ", Parameters.Select(p => $"{p.Type} {p.Name}"))})";
}

/// <summary>What a caller has to know of a parameter; see <see cref="Compiler.KernelParameter"/>.</summary>
public sealed record PublishedParameter(string Name, string Type, string Kind, string? Element, int Bytes, int Alignment, long PointeeBytes, bool IsReadOnly);

/// <summary>How a launch on a worker went.</summary>
/// <param name="Kernel">As spelled for a launch.</param>
/// <param name="Device">The worker's device.</param>
/// <param name="CompileMs">What the worker took to compile it just now.</param>
/// <param name="QueueMs">Waiting for the device.</param>
/// <param name="LaunchMs">From the start of the first block to the end of the last.</param>
/// <param name="Printed">What the kernel printed.</param>
/// <param name="IsPrintedCut">It printed more than the worker keeps.</param>
public sealed record RemoteLaunchResult(string Kernel, string Device, double CompileMs, double QueueMs, double LaunchMs, string Printed, bool IsPrintedCut);

internal sealed record PublishedKernelList(IReadOnlyList<PublishedKernel> Kernels);

internal sealed record RemoteDiagnostic(string Code, string Severity, string File, int Line, int Column, string Message);

internal sealed record RemoteProblem(string? Title, int Status, string? Detail, string? Code, IReadOnlyList<RemoteDiagnostic>? Diagnostics);

/// <summary>Every JSON value that is exchanged with a worker.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KernelPackage))]
[JsonSerializable(typeof(PublishedKernel))]
[JsonSerializable(typeof(PublishedKernelList))]
[JsonSerializable(typeof(RemoteLaunchResult))]
[JsonSerializable(typeof(RemoteProblem))]
internal sealed partial class RemoteJson : JsonSerializerContext;
