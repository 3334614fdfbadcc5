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

    public DemoMetrics? Metrics { get; init; }

    public long DurationMs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}

internal sealed record DemoVm(string Name, string PowerState);

internal sealed record DemoManifest(int Documents, string Path);

internal sealed record DemoMetrics(int Samples);
