namespace Nutanix.Prism;

/// <summary>Which tasks to list, newest first; what is not set does not restrict.</summary>
public sealed record TaskQuery
{
    /// <summary>One of the task states, for example <c>RUNNING</c>.</summary>
    public string? Status { get; init; }

    /// <summary>extId of an entity the tasks work on.</summary>
    public string? EntityId { get; init; }

    /// <summary>Only tasks created at this time or later.</summary>
    public DateTimeOffset? CreatedSince { get; init; }

    /// <summary>At most this many.</summary>
    public int? First { get; init; }

    /// <summary>For servers that do not filter as asked.</summary>
    internal bool Fits(PrismTask task) =>
        (Status is null || task.Status == Status)
        && (EntityId is null || task.EntitiesAffected.Any(e => e.ExtId == EntityId))
        && (CreatedSince is null || task.CreatedTime is null || task.CreatedTime >= CreatedSince);
}
