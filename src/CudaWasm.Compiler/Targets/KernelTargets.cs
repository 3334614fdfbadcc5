using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Targets.Cil;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Targets;

/// <summary>Whether a target takes a kernel.</summary>
public enum TargetVerdict
{
    /// <summary>Code was made for it.</summary>
    Supported,

    /// <summary>The kernel needs what the target lacks.</summary>
    Lacking,

    /// <summary>The kernel has errors, so no target takes it.</summary>
    NotCompiled,

    /// <summary>This build has no code generator for the target, so nothing can be said.</summary>
    NotInThisBuild,
}

/// <param name="Target">What a user writes: <c>cpu</c>.</param>
/// <param name="Verdict">Whether it takes the kernel.</param>
/// <param name="Reason">Why not; empty where it does.</param>
public sealed record TargetSupport(string Target, TargetVerdict Verdict, string Reason)
{
    public override string ToString() => Reason.Length == 0 ? $"{Target}: {Verdict}" : $"{Target}: {Verdict} ({Reason})";
}

/// <summary>The targets the project knows, those that this build can generate code for among them.</summary>
public static class KernelTargets
{
    /// <summary>A target; without <paramref name="Generate"/> it is not in this build.</summary>
    private sealed record Target(string Name, string Description, Action<IrModule>? Generate);

    private static readonly Target[] All =
    [
        new("cpu", "machine code of this process", module => CilCompiler.Compile(module, new CilOptions())),
        new("wasm", "WebAssembly", null),
        new("wgsl", "WebGPU shaders", null),
        new("opencl", "OpenCL C", null),
        new("cuda", "NVIDIA GPUs", null),
    ];

    public static IReadOnlyList<string> Names => [.. All.Select(t => t.Name)];

    /// <summary>What each target says to a kernel. Code is generated to find out, so this takes as long as loading it.</summary>
    public static IReadOnlyList<TargetSupport> Check(CompiledKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return [.. All.Select(target => Check(target, kernel))];
    }

    private static TargetSupport Check(Target target, CompiledKernel kernel)
    {
        if (target.Generate is null) return new TargetSupport(target.Name, TargetVerdict.NotInThisBuild, $"this build generates no code for {target.Description}");
        if (kernel.Module is null) return new TargetSupport(target.Name, TargetVerdict.NotCompiled, kernel.Diagnostics.FirstOrDefault(d => d.IsError)?.Code ?? DiagnosticCodes.Internal);
        try
        {
            target.Generate(kernel.Module);
            return new TargetSupport(target.Name, TargetVerdict.Supported, "");
        }
        catch (NotSupportedException e)
        {
            return new TargetSupport(target.Name, TargetVerdict.Lacking, e.Message);
        }
    }
}
