using CudaWasm.Compiler;
using CudaWasm.Compiler.Inspection;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Host.Commands;

/// <summary>One kernel of <c>compile --json</c>: what <see cref="KernelDescription"/> says, in the words of JSON.</summary>
internal sealed record KernelReport(string Name, string Status, IReadOnlyList<DiagnosticReport> Diagnostics)
{
    public const string Ok = "ok";
    public const string Failed = "failed";

    public string File { get; init; } = "";

    public int Line { get; init; }

    /// <summary><c>hit</c>, <c>miss</c> or <c>off</c>.</summary>
    public string Cache { get; init; } = "";

    public IReadOnlyList<ParameterReport> Parameters { get; init; } = [];

    public IReadOnlyList<TemplateArgumentReport> TemplateArguments { get; init; } = [];

    /// <summary>The template arguments were assumed: no launch in the file names them.</summary>
    public bool Assumed { get; init; }

    public IReadOnlyList<LaunchDescription> Launches { get; init; } = [];

    public long StaticSharedBytes { get; init; }

    public bool DynamicShared { get; init; }

    public long LocalBytes { get; init; }

    public int? MaxThreadsPerBlock { get; init; }

    public int? MinBlocksPerMultiprocessor { get; init; }

    public IReadOnlyList<string> Symbols { get; init; } = [];

    public IReadOnlyList<FeatureReport> Features { get; init; } = [];

    public IReadOnlyList<TargetReport> Targets { get; init; } = [];

    /// <summary>Size of the vectors whose lanes are threads on this machine's processor; 0 where threads run one after the other. Null where it was not compiled for it.</summary>
    public int? VectorBits { get; init; }

    /// <summary>Why threads run one after the other.</summary>
    public string? ScalarReason { get; init; }

    /// <param name="kernel">What is known of the kernel.</param>
    /// <param name="diagnostics">Its own, and those of the target it was compiled for.</param>
    /// <param name="cache">Whether its file had to be compiled.</param>
    public static KernelReport Of(KernelDescription kernel, IReadOnlyList<Diagnostic> diagnostics, CacheOutcome cache) =>
        new(kernel.Name, kernel.Succeeded && !diagnostics.Any(d => d.IsError) ? Ok : Failed, [.. diagnostics.Select(DiagnosticReport.Of)])
        {
            File = kernel.File,
            Cache = JsonWord.Of(cache),
            Line = kernel.Line,
            Parameters = [.. kernel.Parameters.Select(p => new ParameterReport(p.Name, p.Type, JsonWord.Of(p.Kind), JsonWord.Of(p.Direction)))],
            TemplateArguments = [.. kernel.TemplateArguments.Select(a => new TemplateArgumentReport(a.Name, a.Kind, a.Value))],
            Assumed = kernel.IsAssumed,
            Launches = kernel.Launches,
            StaticSharedBytes = kernel.StaticSharedBytes,
            DynamicShared = kernel.UsesDynamicShared,
            LocalBytes = kernel.LocalBytes,
            MaxThreadsPerBlock = kernel.MaxThreadsPerBlock,
            MinBlocksPerMultiprocessor = kernel.MinBlocksPerMultiprocessor,
            Symbols = kernel.Symbols,
            Features = [.. kernel.Features.Select(f => new FeatureReport(JsonWord.Of(f.Feature), f.Detail, f.Span.Line))],
            Targets = [.. kernel.Targets.Select(t => new TargetReport(t.Target, JsonWord.Of(t.Verdict), t.Reason))],
        };
}

internal sealed record ParameterReport(string Name, string Type, string Kind, string Direction);

internal sealed record TemplateArgumentReport(string Name, string Kind, string Value);

/// <summary>A feature with the line of its first use; 0 where it has no line of its own.</summary>
internal sealed record FeatureReport(string Name, string Detail, int Line);

internal sealed record TargetReport(string Target, string Verdict, string Reason);
