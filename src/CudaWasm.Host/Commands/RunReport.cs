using CudaWasm.Runtime;

namespace CudaWasm.Host.Commands;

/// <summary>What <c>run --json</c> prints. Where the run failed, the times are missing and the diagnostics tell why.</summary>
internal sealed record RunReport
{
    public string? Kernel { get; init; }

    public required string Device { get; init; }

    public double? CompileMs { get; init; }

    /// <summary><c>hit</c>, <c>miss</c> or <c>off</c>.</summary>
    public string? Cache { get; init; }

    /// <summary>One for each launch.</summary>
    public IReadOnlyList<double> LaunchMs { get; init; } = [];

    public IReadOnlyList<OutputReport> Outputs { get; init; } = [];

    public IReadOnlyList<DiagnosticReport> Diagnostics { get; init; } = [];

    public static RunReport Of(LaunchResult result) => new()
    {
        Kernel = result.Kernel,
        Device = result.Device,
        CompileMs = result.CompileMs,
        Cache = JsonWord.Of(result.Cache),
        LaunchMs = result.LaunchMs,
        Outputs = [.. result.Outputs.Select(o => new OutputReport(o.File, o.Type, o.Shape))],
        Diagnostics = [.. result.Diagnostics.Select(DiagnosticReport.Of)],
    };

    public static RunReport Of(CudaWasmException error, string device) => new()
    {
        Device = device,
        Diagnostics = [.. error.Diagnostics.Select(DiagnosticReport.Of)],
    };
}

/// <summary>A file that a run wrote.</summary>
internal sealed record OutputReport(string File, string Type, IReadOnlyList<long> Shape);
