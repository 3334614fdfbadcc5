using CudaWasm.Host.Commands;
using Microsoft.AspNetCore.Http;

namespace CudaWasm.Host.Worker;

/// <summary>A request that is not answered with what it asked for: status and problem document (RFC 9457).</summary>
internal sealed class WorkerProblem(int status, string title, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    public string Title { get; } = title;

    /// <summary>The engine's stable code, where there is one.</summary>
    public string? Code { get; init; }

    public IReadOnlyList<DiagnosticReport>? Diagnostics { get; init; }

    /// <summary>When to try again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static WorkerProblem BadRequest(string detail) => new(StatusCodes.Status400BadRequest, "The request is not understood", detail);

    public static WorkerProblem NotFound(string detail) => new(StatusCodes.Status404NotFound, "There is no such thing", detail);

    public static WorkerProblem TooLarge(string detail) => new(StatusCodes.Status413PayloadTooLarge, "The request is too large", detail);

    public static WorkerProblem MediaType(string detail) => new(StatusCodes.Status415UnsupportedMediaType, "The content type is not one that is read here", detail);

    public static WorkerProblem Full(string detail) =>
        new(StatusCodes.Status429TooManyRequests, "The worker is full", detail) { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>What the engine refuses: a source with errors, arguments that do not fit, a kernel that did something wrong.</summary>
    public static WorkerProblem Of(Runtime.CudaWasmException error) => new(StatusCodes.Status422UnprocessableEntity, "The kernel cannot be compiled or run so", error.Message)
    {
        Code = error.Code,
        Diagnostics = [.. error.Diagnostics.Select(DiagnosticReport.Of)],
    };

    /// <summary>Answers with this in place of what was to be answered.</summary>
    /// <param name="response">Not started yet.</param>
    /// <param name="allow">Methods that the path has, for 405.</param>
    public Task WriteAsync(HttpResponse response, Microsoft.Extensions.Primitives.StringValues allow)
    {
        response.Clear();
        response.StatusCode = Status;
        if (allow.Count > 0)
            response.Headers.Allow = allow;
        if (RetryAfter is { } after)
            response.Headers.RetryAfter = FormattableString.Invariant($"{Math.Max(1, (int)Math.Ceiling(after.TotalSeconds))}");
        if (Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";

        var document = new ProblemDocument("about:blank", Title, Status, Message, Code, Diagnostics);
        return WorkerJson.WriteAsync(response, document, WorkerJson.Default.ProblemDocument, "application/problem+json");
    }
}
