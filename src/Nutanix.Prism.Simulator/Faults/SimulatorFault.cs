namespace Nutanix.Prism.Simulator.Faults;

/// <summary>What goes wrong.</summary>
public enum SimulatorFaultKind
{
    /// <summary>The request is refused with <see cref="SimulatorFault.StatusCode"/>; nothing is done.</summary>
    Status,

    /// <summary>An HTML page comes instead of JSON, as from a proxy or a login page; nothing is done.</summary>
    Html,

    /// <summary>A redirect to <see cref="SimulatorFault.Location"/>; nothing is done.</summary>
    Redirect,

    /// <summary>The connection breaks without an answer; nothing is done.</summary>
    Drop,

    /// <summary>The request is carried out, but the answer is a 503: what a retry without a request id doubles.</summary>
    LostReply,

    /// <summary>The request is carried out, but the JSON of the answer ends in the middle.</summary>
    CutJson,

    /// <summary>The answer comes late by <see cref="SimulatorFault.Delay"/>.</summary>
    Delay,

    /// <summary>The first half of the body comes at once, the rest late by <see cref="SimulatorFault.Delay"/>.</summary>
    SlowBody,

    /// <summary>Somebody else changes the VM between the client's GET and its write, so its ETag is stale.</summary>
    StaleETag,

    /// <summary>Each page of a list but the first begins with the last entity of the page before.</summary>
    OverlapPages,

    /// <summary>The request is accepted, but its task fails.</summary>
    TaskFails,

    /// <summary>The request is accepted, but somebody else cancels its task.</summary>
    TaskCancelled,

    /// <summary>The request is accepted, but its task never ends and never does anything.</summary>
    TaskHangs,
}

/// <summary>One scripted fault: what goes wrong, for which requests, and how often. Use the factories.</summary>
public sealed record SimulatorFault
{
    public required SimulatorFaultKind Kind { get; init; }

    /// <summary>Only requests with this HTTP method; null for all.</summary>
    public string? Method { get; init; }

    /// <summary>Only requests whose path contains this text; null for all.</summary>
    public string? PathContains { get; init; }

    /// <summary>Only requests whose path ends with this text; null for all.</summary>
    public string? PathEndsWith { get; init; }

    /// <summary>Only tasks of this operation (<c>CreateVm</c>, <c>PowerOnVm</c>); null for all. Used by <see cref="SimulatorFaultKind.TaskFails"/>.</summary>
    public string? Operation { get; init; }

    /// <summary>How many fitting requests pass unharmed first.</summary>
    public int Skip { get; init; }

    /// <summary>How many fitting requests are hit after that.</summary>
    public int Times { get; init; } = 1;

    public int StatusCode { get; init; } = 503;

    /// <summary>Value of a Retry-After header; null for none, as real systems send none.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public string? Location { get; init; }

    public TimeSpan Delay { get; init; }

    /// <summary>Text of a failed task.</summary>
    public string? Message { get; init; }

    /// <summary>Error code of a failed task.</summary>
    public string Code { get; init; } = "VMM-40000";

    /// <summary>Error group of a failed task.</summary>
    public string Group { get; init; } = "VM_OPERATION_FAILED";

    /// <summary>True when a failed task tells its reason only in <c>legacyErrorMessage</c>.</summary>
    public bool LegacyOnly { get; init; }

    /// <summary>The next requests are refused with a status: 429, 500, 502, 503, 504...</summary>
    public static SimulatorFault Status(int statusCode, int times = 1, TimeSpan? retryAfter = null) =>
        new() { Kind = SimulatorFaultKind.Status, StatusCode = statusCode, Times = times, RetryAfter = retryAfter };

    /// <summary>The next reply is an HTML page with a status.</summary>
    public static SimulatorFault Html(int statusCode = 200, int times = 1) => new() { Kind = SimulatorFaultKind.Html, StatusCode = statusCode, Times = times };

    /// <summary>The next reply is a 302.</summary>
    public static SimulatorFault Redirect(string location, int times = 1) => new() { Kind = SimulatorFaultKind.Redirect, StatusCode = 302, Location = location, Times = times };

    public static SimulatorFault Drop(int times = 1) => new() { Kind = SimulatorFaultKind.Drop, Times = times };

    public static SimulatorFault LostReply(int times = 1) => new() { Kind = SimulatorFaultKind.LostReply, Times = times };

    public static SimulatorFault CutJson(int times = 1) => new() { Kind = SimulatorFaultKind.CutJson, Times = times };

    public static SimulatorFault Late(TimeSpan delay, int times = 1) => new() { Kind = SimulatorFaultKind.Delay, Delay = delay, Times = times };

    public static SimulatorFault SlowBody(TimeSpan delay, int times = 1) => new() { Kind = SimulatorFaultKind.SlowBody, Delay = delay, Times = times };

    public static SimulatorFault TaskCancelled(string? operation) => new() { Kind = SimulatorFaultKind.TaskCancelled, Operation = operation };

    public static SimulatorFault TaskHangs(string? operation) => new() { Kind = SimulatorFaultKind.TaskHangs, Operation = operation };

    public static SimulatorFault StaleETag(int times = 1) => new() { Kind = SimulatorFaultKind.StaleETag, Times = times };

    public static SimulatorFault OverlapPages(int times = int.MaxValue) => new() { Kind = SimulatorFaultKind.OverlapPages, Times = times };

    /// <summary>The next task of an operation fails with a structured message.</summary>
    public static SimulatorFault TaskFails(string? operation, string message, string code = "VMM-40000", string group = "VM_OPERATION_FAILED") =>
        new() { Kind = SimulatorFaultKind.TaskFails, Operation = operation, Message = message, Code = code, Group = group };

    /// <summary>The next task of an operation fails as old tasks do: no <c>errorMessages</c>, only <c>legacyErrorMessage</c>.</summary>
    public static SimulatorFault TaskFailsWithLegacyMessage(string? operation, string message) =>
        new() { Kind = SimulatorFaultKind.TaskFails, Operation = operation, Message = message, LegacyOnly = true };

    /// <summary>A stale ETag that the server notices only in the task: VMM-30303.</summary>
    public static SimulatorFault TaskFindsStaleETag(string? operation = null) =>
        TaskFails(operation, "The VM has changed since it was read. Read it again and retry with the new ETag.", "VMM-30303", "VM_ETAG_MISMATCH");
}
