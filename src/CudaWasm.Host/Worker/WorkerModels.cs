using CudaWasm.Compiler;
using CudaWasm.Host.Commands;
using CudaWasm.Runtime;

namespace CudaWasm.Host.Worker;

/// <summary>RFC 9457, with the engine's code and diagnostics.</summary>
internal sealed record ProblemDocument(string Type, string Title, int Status, string Detail, string? Code, IReadOnlyList<DiagnosticReport>? Diagnostics);

/// <summary>A kernel source as it is published: the whole of what a compilation reads.</summary>
internal sealed record KernelSource
{
    /// <summary>CUDA C++.</summary>
    public required string Source { get; init; }

    /// <summary>Headers by path, relative to the source: <c>math/vec.cuh</c>.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Folders among the headers' to look in, as <c>-I</c>.</summary>
    public IReadOnlyList<string>? IncludePaths { get; init; }

    public IReadOnlyDictionary<string, string>? Defines { get; init; }

    /// <summary>Kernels wanted, template arguments included; all that are found otherwise.</summary>
    public IReadOnlyList<string>? Kernels { get; init; }
}

/// <summary>What was published, as the API tells of it.</summary>
/// <param name="Name">Given by its publisher.</param>
/// <param name="Version">SHA-256 of its content; the same content has the same version.</param>
/// <param name="PublishedAt">When this version came.</param>
/// <param name="Form">source or compiled.</param>
/// <param name="SourceBytes">Size of the source and its headers, or of the compiled form.</param>
/// <param name="Kernels">The kernels in it; null in lists.</param>
internal sealed record KernelInfo(string Name, string Version, DateTimeOffset PublishedAt, string Form, long SourceBytes, IReadOnlyList<KernelSignature>? Kernels)
{
    public static KernelInfo Of(StoredKernel kernel, CompiledSource? compiled = null) => new(
        kernel.Name,
        kernel.Version,
        kernel.PublishedAt,
        kernel.Compiled is null ? "source" : "compiled",
        kernel.SourceBytes,
        compiled is null ? null : [.. compiled.Compilation.Kernels.Select(KernelSignature.Of)]);
}

internal sealed record KernelList(IReadOnlyList<KernelInfo> Kernels);

/// <summary>What a caller has to know of a kernel to launch it.</summary>
internal sealed record KernelSignature(string Name, IReadOnlyList<ParameterInfo> Parameters, IReadOnlyList<DiagnosticReport> Diagnostics)
{
    public static KernelSignature Of(CompiledKernel kernel) => new(
        kernel.Name,
        [.. kernel.Parameters.Select(p => new ParameterInfo(p.Name, p.TypeName, p.Kind.ToString().ToLowerInvariant(), ElementType.All.FirstOrDefault(e => e.Type == p.Element)?.Name, p.Bytes, p.Alignment, p.PointeeBytes, p.IsReadOnly))],
        [.. kernel.Diagnostics.Select(DiagnosticReport.Of)]);
}

/// <param name="Name">As declared.</param>
/// <param name="Type">As a person spells it.</param>
/// <param name="Kind">scalar, pointer, aggregate, texture or surface.</param>
/// <param name="Element">CUDA's name of the scalar, or of what a pointer points to; null where there is no one such.</param>
/// <param name="Bytes">Size of the parameter.</param>
/// <param name="Alignment">Of the parameter, in bytes.</param>
/// <param name="PointeeBytes">Size of what a pointer points to; 0 for other kinds.</param>
/// <param name="IsReadOnly">A pointer to const.</param>
internal sealed record ParameterInfo(string Name, string Type, string Kind, string? Element, int Bytes, int Alignment, long PointeeBytes, bool IsReadOnly);

/// <summary>How a launch went.</summary>
/// <param name="Kernel">As spelled for a launch.</param>
/// <param name="Device">Where it ran.</param>
/// <param name="CompileMs">Reading and compiling; 0 where it was compiled already.</param>
/// <param name="QueueMs">Waiting for the device.</param>
/// <param name="LaunchMs">From the start of the first block to the end of the last.</param>
/// <param name="Printed">What the kernel printed.</param>
/// <param name="IsPrintedCut">It printed more than is kept.</param>
/// <param name="Outputs">In the order of the parts that follow, or by name below the job.</param>
internal sealed record LaunchReport(
    string Kernel, string Device, double CompileMs, double QueueMs, double LaunchMs, string Printed, bool IsPrintedCut, IReadOnlyList<OutputInfo> Outputs);

internal sealed record OutputInfo(string Name, string Type, long Bytes);

/// <summary>A long launch.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Kernel">Name it was published under.</param>
/// <param name="Status">queued, running, succeeded, failed or cancelled.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="StartedAt">When the device began with it.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Result">Where it succeeded.</param>
/// <param name="Problem">Where it failed.</param>
internal sealed record JobInfo(
    string Id, string Kernel, string Status, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, LaunchReport? Result, ProblemDocument? Problem);

internal sealed record JobList(IReadOnlyList<JobInfo> Jobs);

internal sealed record HealthReport(string Status);

/// <summary>What a client needs; printed as one line when the worker answers.</summary>
internal sealed record WorkerAddress(IReadOnlyList<string> Urls, string Cache);
