namespace CudaWasmNutanix;

/// <summary>A kernel launch that went well, as Invoke-CudaWasmKernel writes it.</summary>
public sealed record KernelRun
{
    /// <summary>As spelled for the launch: <c>saxpy</c>, <c>scale&lt;float&gt;</c>.</summary>
    public required string Kernel { get; init; }

    public required string Device { get; init; }

    /// <summary>The source or launch file.</summary>
    public required string Path { get; init; }

    public required double CompileMilliseconds { get; init; }

    public required double LaunchMilliseconds { get; init; }

    /// <summary>What the kernel printed.</summary>
    public string Printed { get; init; } = "";

    /// <summary>The files that a launch file had written.</summary>
    public IReadOnlyList<string> OutputFiles { get; init; } = [];
}
