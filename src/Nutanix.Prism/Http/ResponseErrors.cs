using System.Globalization;
using System.Net;

namespace Nutanix.Prism.Http;

/// <summary>Turns an answer that is not a success into the exception that names it. Group and code count before the status.</summary>
internal static class ResponseErrors
{
    private static readonly HashSet<string> NotFoundGroups = new(StringComparer.OrdinalIgnoreCase)
    {
        "RESOURCE_NOT_FOUND", "ENTITY_NOT_FOUND", "NOT_FOUND",
    };

    private static readonly HashSet<string> UnauthenticatedGroups = new(StringComparer.OrdinalIgnoreCase)
    {
        "AUTHENTICATION_REQUIRED", "UNAUTHORIZED",
    };

    private static readonly HashSet<string> ForbiddenGroups = new(StringComparer.OrdinalIgnoreCase)
    {
        "FORBIDDEN", "ACCESS_DENIED", "AUTHORIZATION_ERROR", "RBAC_AUTHORIZATION_ERROR",
    };

    public static PrismException Create(PrismRequest request, PrismResponse response, PrismHttp http)
    {
        ServerError error = ServerError.Read(response);
        PrismException exception = Choose(request, response, http, error);
        exception.StatusCode = response.Status;
        exception.Code = error.Code;
        exception.ErrorGroup = error.Group;
        exception.RequestId = Id(request);
        exception.Target = request.ToString();
        return exception;
    }

    private static PrismException Choose(PrismRequest request, PrismResponse response, PrismHttp http, ServerError error)
    {
        string said = error.Text.Length == 0 ? string.Empty : " " + http.Session.Redact(error.Text);
        string server = http.Address.Authority;
        string user = http.Session.Credential.UserName;
        string head = string.Create(CultureInfo.InvariantCulture, $"{request} on {server} answered {(int)response.Status}.{said}");
        if (response.IsRedirect)
        {
            return new PrismProtocolException(string.Create(
                CultureInfo.InvariantCulture,
                $"{server} redirects {request} ({(int)response.Status}) to {Destination(response.Location)}. That is a sign-in page or a proxy, not the API: check the address, and connect to the Prism Central itself."));
        }

        if (response.Status == HttpStatusCode.Unauthorized || In(UnauthenticatedGroups, error.Group))
        {
            return new PrismAuthenticationException(
                $"{server} rejects the credential of '{user}' (401).{said} Check the user name and password, or that the API key is still valid.");
        }

        if (response.Status == HttpStatusCode.Forbidden
            || In(ForbiddenGroups, error.Group)
            || error.Group?.StartsWith("IAM_", StringComparison.OrdinalIgnoreCase) == true)
        {
            return new PrismAuthenticationException(
                $"'{user}' may not do {request} on {server} (403).{said} Ask for a role that allows it: Prism Viewer reads GPUs, Virtual Machine Admin makes machines.");
        }

        if (response.Status == HttpStatusCode.NotFound || In(NotFoundGroups, error.Group))
        {
            return new PrismNotFoundException(head);
        }

        return response.Status == HttpStatusCode.Conflict || EntityTagMismatch.Is(response.Status, error.Code, error.Group)
            ? new PrismConflictException(head)
            : new PrismException(head);
    }

    private static bool In(HashSet<string> groups, string? group) => group is not null && groups.Contains(group);

    /// <summary>An answer of status 200 that is not JSON.</summary>
    public static PrismProtocolException NotJson(PrismRequest request, PrismResponse response, PrismHttp http, Exception? cause = null)
    {
        string server = http.Address.Authority;
        string message = cause is not null && response.LooksLikeJson
            ? $"The answer of {server} to {request} is cut off or is not the JSON it should be ({cause.Message}). Try again; if it stays, look for a proxy between here and the server."
            : response.Body.Length == 0
                ? $"The answer of {server} to {request} is empty. Check that the address is a Prism Central."
                : $"The answer of {server} to {request} is not JSON but {response.ContentType ?? "text"}. That is a web page or a proxy, not the API: check the address and port.";
        return new PrismProtocolException(http.Session.Redact(message), cause) { StatusCode = response.Status, RequestId = Id(request), Target = request.ToString() };
    }

    private static string Id(PrismRequest request) => request.RequestId.ToString("D", CultureInfo.InvariantCulture);

    // Without the query: it may carry a token.
    private static string Destination(string? location)
    {
        if (string.IsNullOrEmpty(location))
        {
            return "nowhere";
        }

        int end = location.AsSpan().IndexOfAny('?', '#');
        return end < 0 ? location : location[..end];
    }
}
