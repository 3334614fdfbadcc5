using System.Net;

namespace Nutanix.Prism.Http;

/// <summary>
/// Recognises a missing or stale ETag in an answer (412, 428, PLAT-10004, PLAT-10005), a stale spec_version (409, v3), and
/// either in a failed task, where it may show only then (VMM-30303, VM_ETAG_MISMATCH, logical timestamp).
/// </summary>
internal static class EntityTagMismatch
{
    private static readonly string[] Codes = ["PLAT-10004", "PLAT-10005", "VMM-30303"];

    public static bool Is(PrismException exception) => exception switch
    {
        PrismTaskFailedException failed => failed.Task.Errors.Any(e => Says(e.Code, e.ErrorGroup)) || Mentions(failed.Task.ErrorMessage),
        _ => Is(exception.StatusCode, exception.Code, exception.ErrorGroup),
    };

    public static bool Is(HttpStatusCode? status, string? code, string? group) =>
        status is HttpStatusCode.PreconditionFailed or HttpStatusCode.PreconditionRequired or HttpStatusCode.Conflict || Says(code, group);

    private static bool Says(string? code, string? group) =>
        (code is not null && Codes.Contains(code, StringComparer.OrdinalIgnoreCase))
        || string.Equals(group, "VM_ETAG_MISMATCH", StringComparison.OrdinalIgnoreCase)
        || string.Equals(group, "CONCURRENT_REQUESTS_NOT_ALLOWED", StringComparison.OrdinalIgnoreCase);

    private static bool Mentions(string? text) =>
        text is not null && (text.Contains("VM_ETAG_MISMATCH", StringComparison.Ordinal)
            || text.Contains("CONCURRENT_REQUESTS_NOT_ALLOWED", StringComparison.Ordinal)
            || text.Contains("logical timestamp", StringComparison.OrdinalIgnoreCase)
            || Codes.Any(c => text.Contains(c, StringComparison.Ordinal)));
}
