using System.Text.Json.Serialization;

namespace Nutanix.Prism;

/// <summary>
/// The creation of a machine that was asked for and is not known to have ended: what a process that was killed leaves in the
/// state folder, so that another can go on. It holds no secret and no user data.
/// </summary>
public sealed record PendingCreation
{
    /// <summary>The NTNX-Request-Id of the create.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>Host and port of the Prism Central.</summary>
    public required string Server { get; init; }

    public required string Name { get; init; }

    public required string ClusterId { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>Null until the server has accepted.</summary>
    public string? TaskExtId { get; init; }

    /// <summary>Where it is known before the task ends.</summary>
    public string? VmExtId { get; init; }

    /// <summary>Whether the machine was to be powered on.</summary>
    public bool PowerOn { get; init; }

    /// <summary>extIds of the machines that had the name before.</summary>
    public IReadOnlyList<string> Namesakes { get; init; } = [];
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PendingCreation))]
internal sealed partial class StateJson : JsonSerializerContext;
