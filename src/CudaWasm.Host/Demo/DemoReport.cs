using System.Text.Json.Serialization;

namespace CudaWasm.Host.Demo;

/// <summary>What <c>demo --json</c> prints. A part that was not reached is null, and <see cref="Error"/> tells why.</summary>
internal sealed record DemoReport
{
    /// <summary>Hosts with GPUs.</summary>
    public int Hosts { get; init; }

    public int Gpus { get; init; }

    public DemoVm? Vm { get; init; }

    public DemoManifest? Manifest { get; init; }

    public DemoKernel? Kernel { get; init; }

    public DemoMetrics? Metrics { get; init; }

    public long DurationMs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}

internal sealed record DemoVm(string Name, string PowerState);

internal sealed record DemoManifest(int Documents, string Path);

/// <param name="Name">The kernel's name.</param>
/// <param name="Device">The device it ran on.</param>
/// <param name="Verified">Every element agrees with a plain C# computation.</param>
/// <param name="LaunchMs">Shortest of the timed launches.</param>
internal sealed record DemoKernel(string Name, string Device, bool Verified, double LaunchMs);

internal sealed record DemoMetrics(int Samples);
