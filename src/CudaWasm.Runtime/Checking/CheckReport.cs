using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime;

/// <summary>What a checked launch found.</summary>
/// <param name="Kernel">As spelled for the launch.</param>
/// <param name="Findings">The worst first, then by their place. One for each place, or pair of places, however often it happened there.</param>
/// <param name="Omitted">Further findings that were too many to keep.</param>
/// <param name="Undecided">
/// Pairs of accesses without a barrier between them that atomics or volatile flags may order. They are taken to be in order.
/// </param>
/// <param name="Statistics">Of the launch.</param>
public sealed record CheckReport(string Kernel, IReadOnlyList<CheckFinding> Findings, long Omitted, long Undecided, LaunchStatistics Statistics)
{
    /// <summary>Nothing was found that is worse than a note.</summary>
    public bool IsClean => Omitted == 0 && Findings.All(f => f.Severity == DiagnosticSeverity.Note);
}

/// <summary>How to check a launch.</summary>
public sealed record CheckOptions
{
    public static CheckOptions Default { get; } = new();

    /// <summary>Gets what the kernel prints; null for nobody.</summary>
    public TextWriter? Output { get; init; }

    /// <summary>After that the launch is stopped with a <see cref="KernelTimeoutException"/>; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Buffers whose content means nothing until the kernel writes it, as that of memory fresh from cudaMalloc.</summary>
    public IReadOnlyCollection<DeviceBuffer> Uninitialized { get; init; } = [];

    /// <summary>Findings to keep.</summary>
    public int MaxFindings { get; init; } = 100;
}
