using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;

namespace Nutanix.Prism.Simulator.Tasks;

/// <summary>Why a task failed.</summary>
/// <param name="Message">Text for people.</param>
/// <param name="Code">Code of the <c>AppMessage</c>.</param>
/// <param name="Group">Its error group.</param>
/// <param name="LegacyOnly">True for an old-style task: the text is only in <c>legacyErrorMessage</c>.</param>
internal sealed record TaskFailure(string Message, string Code = "VMM-40000", string Group = "VM_OPERATION_FAILED", bool LegacyOnly = false);

/// <summary>Something a task touches.</summary>
internal sealed record AffectedEntity(string ExtId, string Rel, string? Name);

/// <summary>One task: when it starts and ends is decided when it is made; what it did is known at its end.</summary>
internal sealed class SimulatedTask
{
    /// <summary>base64 of "ergon", the task service.</summary>
    public const string Prefix = "ZXJnb24=:";

    private (string Url, JsonObject Tree)? _ended;

    public required string Uuid { get; init; }

    public string ExtId => Prefix + Uuid;

    public required string Operation { get; init; }

    public required string Description { get; init; }

    public required string UserName { get; init; }

    public string? ClusterExtId { get; init; }

    public required IReadOnlyList<AffectedEntity> Entities { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Starts { get; init; }

    public required DateTimeOffset Ends { get; init; }

    public bool IsCancelable { get; init; }

    public SimulatedTask? Parent { get; init; }

    public List<SimulatedTask> SubTasks { get; } = [];

    /// <summary>What happens at the end; null for a parent, which takes its subtask's outcome.</summary>
    public Func<DateTimeOffset, TaskFailure?>? Work { get; init; }

    /// <summary>The terminal status, once reached.</summary>
    public string? Final { get; private set; }

    public DateTimeOffset Completed { get; private set; }

    public TaskFailure? Failure { get; private set; }

    public DateTimeOffset? CancelRequested { get; set; }

    public bool IsFinished => Final is not null;

    /// <summary>A fault: it never ends, and shows the same percentage for ever.</summary>
    public bool IsStuck { get; set; }

    public void Finish(string status, DateTimeOffset at, TaskFailure? failure = null)
    {
        Final = status;
        Completed = at;
        Failure = failure;
    }

    public string Status(DateTimeOffset now)
    {
        if (Final is not null) return Final;
        if (CancelRequested <= now) return "CANCELING";
        return now < Starts ? "QUEUED" : "RUNNING";
    }

    /// <summary>0 while queued, 100 at success; a task that failed or was cancelled keeps what it had reached.</summary>
    public int Progress(DateTimeOffset now)
    {
        if (Final == "SUCCEEDED") return 100;
        var at = Final is not null ? Completed : CancelRequested ?? now;
        if (at <= Starts) return 0;
        if (IsStuck) return 37;
        return (int)Math.Clamp((at - Starts) / (Ends - Starts) * 100, 1, 99);
    }

    /// <summary>The task as it is now. One that has ended never changes again: its tree is kept, and callers only read it.</summary>
    public JsonObject Render(DateTimeOffset now, string tasksUrl)
    {
        if (_ended is { } kept && kept.Url == tasksUrl) return kept.Tree;
        var tree = Build(now, tasksUrl);
        if (IsFinished) _ended = (tasksUrl, tree);
        return tree;
    }

    private JsonObject Build(DateTimeOffset now, string tasksUrl)
    {
        var status = Status(now);
        var started = now >= Starts || IsFinished;
        var updated = IsFinished ? Completed : CancelRequested ?? (started ? now : Created);
        return JsonBuild.Typed("prism.v4.config.Task",
            ("extId", ExtId),
            ("operation", Operation),
            ("operationDescription", Description),
            ("createdTime", WireFormat.Time(Created)),
            ("startedTime", started ? WireFormat.Time(Starts) : null),
            ("completedTime", IsFinished ? WireFormat.Time(Completed) : null),
            ("lastUpdatedTime", WireFormat.Time(updated)),
            ("progressPercentage", Progress(now)),
            ("status", status),
            ("entitiesAffected", JsonBuild.Array(RenderEntities())),
            ("numberOfEntitiesAffected", Entities.Count),
            ("isCancelable", IsCancelable && !IsFinished),
            ("isBackgroundTask", Parent is not null),
            ("clusterExtIds", ClusterExtId is null ? null : JsonBuild.Texts([ClusterExtId])),
            ("subTasks", SubTasks.Count == 0 ? null : JsonBuild.Array(SubTasks.Select(t => Reference(t, "subtask", tasksUrl)))),
            ("numberOfSubtasks", SubTasks.Count),
            ("parentTask", Parent is null ? null : Reference(Parent, "parent", tasksUrl)),
            ("rootTask", Parent is null ? null : Reference(Parent, "rootTask", tasksUrl)),
            ("errorMessages", Failure is null or { LegacyOnly: true } ? null : new JsonArray(Reply.AppMessage("prism", Failure.Code, Failure.Group, Failure.Message, Arguments()))),
            ("legacyErrorMessage", Failure is { LegacyOnly: true } ? Failure.Message : null),
            ("appName", "PrismCentral"),
            ("ownedBy", Parent is null
                ? JsonBuild.Typed("prism.v4.config.OwnerReference", ("extId", Guid.Empty.ToString()), ("name", UserName))
                : JsonBuild.Typed("prism.v4.config.OwnerReference", ("name", "System"))));
    }

    public IEnumerable<JsonObject> RenderEntities() => Entities.Select(e =>
        JsonBuild.Typed("prism.v4.config.EntityReference", ("extId", e.ExtId), ("rel", e.Rel), ("name", e.Name)));

    private JsonObject Arguments()
    {
        var arguments = new JsonObject();
        foreach (var entity in Entities.DistinctBy(e => e.Rel)) arguments[entity.Rel.Split(':')[^1] + "_uuid"] = entity.ExtId;
        return arguments;
    }

    private static JsonObject Reference(SimulatedTask task, string rel, string tasksUrl) => JsonBuild.Typed(
        "prism.v4.config.TaskReferenceInternal", ("extId", task.ExtId), ("href", $"{tasksUrl}/{task.ExtId}"), ("rel", rel));
}
