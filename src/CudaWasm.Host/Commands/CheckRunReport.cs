using CudaWasm.Runtime;

namespace CudaWasm.Host.Commands;

/// <summary>What <c>run --check --json</c> prints where the check ran to its end. Where it did not, it prints a <see cref="RunReport"/>.</summary>
internal sealed record CheckRunReport
{
    public required string Kernel { get; init; }

    public required string Device { get; init; }

    public double CompileMs { get; init; }

    /// <summary><c>hit</c>, <c>miss</c> or <c>off</c>.</summary>
    public string Cache { get; init; } = "";

    public double CheckMs { get; init; }

    /// <summary>The worst first.</summary>
    public IReadOnlyList<FindingReport> Findings { get; init; } = [];

    /// <summary>Findings that were too many to keep.</summary>
    public long Omitted { get; init; }

    /// <summary>Pairs of accesses that only atomics or flags may order.</summary>
    public long Undecided { get; init; }

    /// <summary>Warnings of the compiler.</summary>
    public IReadOnlyList<DiagnosticReport> Diagnostics { get; init; } = [];

    public static CheckRunReport Of(LaunchCheckResult result) => new()
    {
        Kernel = result.Report.Kernel,
        Device = result.Device,
        CompileMs = result.CompileMs,
        Cache = JsonWord.Of(result.Cache),
        CheckMs = result.Report.Statistics.Elapsed.TotalMilliseconds,
        Findings = [.. result.Report.Findings.Select(FindingReport.Of)],
        Omitted = result.Report.Omitted,
        Undecided = result.Report.Undecided,
        Diagnostics = [.. result.Diagnostics.Select(DiagnosticReport.Of)],
    };
}

/// <summary>A finding in JSON. Block and thread are x, y, z; what a finding of this kind does not have is null.</summary>
internal sealed record FindingReport(
    string Kind, string Severity, string Code, string File, int Line, int Column, string Message, long Count,
    IReadOnlyList<long> Block, IReadOnlyList<long> Thread,
    IReadOnlyList<long>? OtherBlock, IReadOnlyList<long>? OtherThread, string? OtherFile, int? OtherLine, int? OtherColumn,
    string? Buffer, long? Offset, long? Index)
{
    public static FindingReport Of(CheckFinding f)
    {
        var (span, other) = (f.Diagnostic.Span, f.OtherSpan);
        var hasOther = other.Source is not null;
        return new FindingReport(
            f.Kind.ToString(), f.Severity.ToString().ToLowerInvariant(), f.Diagnostic.Code, span.Path, span.Line, span.Column, f.Message, f.Count,
            Sizes(f.BlockIdx), Sizes(f.ThreadIdx),
            f.OtherBlockIdx is { } block ? Sizes(block) : null, f.OtherThreadIdx is { } thread ? Sizes(thread) : null,
            hasOther ? other.Path : null, hasOther ? other.Line : null, hasOther ? other.Column : null,
            f.Buffer, f.Offset, f.Index);
    }

    private static long[] Sizes(Dim3 index) => [index.X, index.Y, index.Z];
}
