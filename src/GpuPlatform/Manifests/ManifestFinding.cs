namespace GpuPlatform.Manifests;

public enum FindingSeverity
{
    Information,
    Warning,

    /// <summary>A cluster would refuse it, or it would never run.</summary>
    Error,
}

/// <summary>What a check says of a manifest.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Object">Kind and name; empty for the whole document.</param>
/// <param name="Field">Where in it.</param>
/// <param name="Message">What is wrong, and what would be right.</param>
public sealed record ManifestFinding(FindingSeverity Severity, string Object, string Field, string Message)
{
    public override string ToString() => $"{Object} {Field}: {Message}".TrimStart();
}
