using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Targets;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Inspection;

/// <param name="Name">As declared.</param>
/// <param name="Type">As a person would spell it.</param>
/// <param name="Kind">How an argument is given.</param>
/// <param name="Direction">What the kernel does with it.</param>
public sealed record ParameterDescription(string Name, string Type, KernelParameterKind Kind, ParameterDirection Direction)
{
    public override string ToString() => $"{Type}{(Type.EndsWith('*') ? "" : " ")}{Name}";
}

/// <summary>A launch of the kernel in the file's host code, as it is written.</summary>
/// <param name="File">Where it stands.</param>
/// <param name="Line">One-based.</param>
/// <param name="Column">One-based.</param>
/// <param name="Grid">Empty where it could not be read.</param>
/// <param name="Block">Empty where it could not be read.</param>
/// <param name="SharedBytes">Dynamic shared memory; empty where there is none.</param>
public sealed record LaunchDescription(string File, int Line, int Column, string Grid, string Block, string SharedBytes)
{
    public override string ToString() => $"{File}({Line},{Column}): <<<{Grid}, {Block}{(SharedBytes.Length > 0 ? ", " : "")}{SharedBytes}>>>";
}

/// <summary>All there is to know about a kernel without running it.</summary>
public sealed record KernelDescription
{
    /// <summary>As spelled for a launch: <c>saxpy</c>, <c>scale&lt;float, 256&gt;</c>.</summary>
    public required string Name { get; init; }

    /// <summary>It has no errors.</summary>
    public required bool Succeeded { get; init; }

    public required string File { get; init; }

    public required int Line { get; init; }

    public required int Column { get; init; }

    public IReadOnlyList<ParameterDescription> Parameters { get; init; } = [];

    /// <summary>Empty for a kernel that is no template.</summary>
    public IReadOnlyList<KernelTemplateArgument> TemplateArguments { get; init; } = [];

    /// <summary>The template arguments were assumed: no launch in the file names them.</summary>
    public bool IsAssumed { get; init; }

    public IReadOnlyList<LaunchDescription> Launches { get; init; } = [];

    public long StaticSharedBytes { get; init; }

    /// <summary>A launch says how much <c>extern __shared__</c> memory there is.</summary>
    public bool UsesDynamicShared { get; init; }

    /// <summary>Local memory of a thread, in bytes.</summary>
    public long LocalBytes { get; init; }

    /// <summary>From <c>__launch_bounds__</c>; null where not given.</summary>
    public int? MaxThreadsPerBlock { get; init; }

    /// <summary>From <c>__launch_bounds__</c>; null where not given.</summary>
    public int? MinBlocksPerMultiprocessor { get; init; }

    /// <summary>The <c>__constant__</c> and <c>__device__</c> globals that a launch may fill or read: type and name.</summary>
    public IReadOnlyList<string> Symbols { get; init; } = [];

    public IReadOnlyList<KernelFeatureUse> Features { get; init; } = [];

    public IReadOnlyList<TargetSupport> Targets { get; init; } = [];

    public IReadOnlyList<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>As it would be declared: <c>saxpy(float a, const float *x)</c>.</summary>
    public string Signature => $"{Name}({string.Join(", ", Parameters)})";

    public static KernelDescription Of(CompiledKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        var module = kernel.Module;
        var directions = module is null ? null : ParameterDirections.Find(module);
        var variables = module?.Functions.Append(module.Kernel).SelectMany(f => f.Variables).ToList() ?? [];
        return new KernelDescription
        {
            Name = kernel.Name,
            Succeeded = kernel.Succeeded,
            File = kernel.Span.Path,
            Line = kernel.Span.Line,
            Column = kernel.Span.Column,
            Parameters = [.. kernel.Parameters.Select((p, i) => new ParameterDescription(p.Name, p.TypeName, p.Kind, Direction(p, directions?[i])))],
            TemplateArguments = kernel.TemplateArguments,
            IsAssumed = kernel.IsAssumed,
            Launches = [.. kernel.Launches.Select(l => new LaunchDescription(l.Span.Path, l.Span.Line, l.Span.Column, l.Configuration.ElementAtOrDefault(0) ?? "", l.Configuration.ElementAtOrDefault(1) ?? "", l.Configuration.ElementAtOrDefault(2) ?? ""))],
            StaticSharedBytes = kernel.StaticSharedBytes,
            UsesDynamicShared = variables.Any(v => v.Space == IrSpace.DynamicShared),
            LocalBytes = variables.Where(v => v.Space == IrSpace.Local).Sum(v => v.Bytes),
            MaxThreadsPerBlock = module?.Kernel.MaxThreadsPerBlock,
            MinBlocksPerMultiprocessor = module?.Kernel.MinBlocksPerMultiprocessor,
            Symbols = [.. kernel.Symbols.Select(s => $"{s.TypeName} {s.Name}")],
            Features = KernelFeatures.Find(kernel),
            Targets = KernelTargets.Check(kernel),
            Diagnostics = kernel.Diagnostics,
        };
    }

    /// <summary>What points to const is read at most, whatever becomes of the pointer.</summary>
    private static ParameterDirection Direction(KernelParameter parameter, ParameterDirection? found) => (parameter.Kind, found) switch
    {
        (not (KernelParameterKind.Pointer or KernelParameterKind.Surface), _) => ParameterDirection.In,
        (_, null or ParameterDirection.Unknown) => parameter.IsReadOnly ? ParameterDirection.In : ParameterDirection.Unknown,
        _ => found.Value,
    };
}
