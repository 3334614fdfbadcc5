namespace Nutanix.Prism;

/// <summary>A task (prism.v4.config.Task): the progress and the end of one write.</summary>
public sealed record PrismTask
{
    /// <summary>The whole id with its prefix, for example <c>ZXJnb24=:5a1c…</c>; not a UUID.</summary>
    public required string ExtId { get; init; }

    /// <summary>For example <c>CreateVm</c>.</summary>
    public string? Operation { get; init; }

    public string? OperationDescription { get; init; }

    /// <summary>
    /// <c>QUEUED</c>, <c>RUNNING</c>, <c>CANCELING</c>, <c>SUCCEEDED</c>, <c>FAILED</c>, <c>CANCELED</c>, <c>SUSPENDED</c>, or
    /// what a newer server says.
    /// </summary>
    public required string Status { get; init; }

    /// <summary>0 to 100.</summary>
    public int ProgressPercent { get; init; }

    /// <summary>What the task works on, without duplicates.</summary>
    public IReadOnlyList<PrismEntityReference> EntitiesAffected { get; init; } = [];

    /// <summary>Why it failed: the structured messages, or the text older services leave instead; null otherwise.</summary>
    public string? ErrorMessage { get; init; }

    public IReadOnlyList<PrismMessage> Errors { get; init; } = [];

    public IReadOnlyList<PrismMessage> Warnings { get; init; } = [];

    public DateTimeOffset? CreatedTime { get; init; }

    public DateTimeOffset? StartedTime { get; init; }

    public DateTimeOffset? CompletedTime { get; init; }

    public string? OwnerName { get; init; }

    public IReadOnlyList<string> ClusterIds { get; init; } = [];

    public bool? IsCancelable { get; init; }

    /// <summary>True for SUCCEEDED, FAILED and CANCELED. SUSPENDED is not an end.</summary>
    public bool IsFinished => Status is "SUCCEEDED" or "FAILED" or "CANCELED";

    public bool IsSucceeded => Status == "SUCCEEDED";
}

/// <summary>An entity a task works on.</summary>
/// <param name="ExtId">The entity's id.</param>
/// <param name="Name">Its name, where the server says.</param>
/// <param name="Rel">Its kind, for example <c>vmm:ahv:config:vm</c>.</param>
public sealed record PrismEntityReference(string ExtId, string? Name, string? Rel)
{
    /// <summary>Virtual machines are <c>vmm:ahv:config:vm</c>, on older servers <c>vmm:ahv:vm</c>.</summary>
    public bool IsVm => Rel is not null
        && Rel.StartsWith("vmm:ahv", StringComparison.OrdinalIgnoreCase)
        && Rel.EndsWith(":vm", StringComparison.OrdinalIgnoreCase);
}

/// <summary>A message of the server (AppMessage).</summary>
/// <param name="Message">The text.</param>
/// <param name="Code">For example <c>VMM-30303</c>.</param>
/// <param name="ErrorGroup">For example <c>VM_ETAG_MISMATCH</c>.</param>
/// <param name="Severity"><c>INFO</c>, <c>WARNING</c> or <c>ERROR</c>.</param>
public sealed record PrismMessage(string Message, string? Code = null, string? ErrorGroup = null, string? Severity = null);
