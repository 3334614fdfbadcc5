using System.Globalization;

namespace Nutanix.Prism.Simulator.Api;

/// <summary>An error reply with one <c>AppMessage</c>.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="code">Code such as <c>VMM-30303</c>; null for the namespace's generic one.</param>
/// <param name="group">Error group such as <c>VM_ETAG_MISMATCH</c>.</param>
/// <param name="message">Text for people.</param>
internal sealed class ApiException(int status, string? code, string group, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string? Code { get; } = code;

    public string Group { get; } = group;

    public static ApiException NotFound(string kind, string extId) => new(
        404, null, "ENTITY_NOT_FOUND", $"Could not find the {kind} with the extId '{extId}'.");

    /// <summary>The generic code of a namespace, for errors whose real number is not documented.</summary>
    public static string GenericCode(string name) => name switch
    {
        "vmm" => "VMM-40000",
        "clustermgmt" => "CLU-40000",
        "networking" => "NET-40000",
        _ => "PRI-40000",
    };
}

/// <summary>An error reply with a <c>SchemaValidationError</c>: a body or query that breaks the rules.</summary>
internal sealed class SchemaException : Exception
{
    /// <param name="attributePath">JSON path or query option at fault.</param>
    /// <param name="message">What is wrong with it.</param>
    /// <param name="location">Where the attribute is: the body or the query.</param>
    public SchemaException(string attributePath, string message, string location = "REQUEST_BODY")
        : this([new(location, message, attributePath)])
    {
    }

    public SchemaException(IReadOnlyList<Violation> violations)
        : base(string.Join(' ', violations.Select(v => v.Message).Take(5)))
    {
        Violations = violations;
    }

    public IReadOnlyList<Violation> Violations { get; }

    internal sealed record Violation(string Location, string Message, string AttributePath);
}

/// <summary>Text forms all replies share.</summary>
internal static class WireFormat
{
    /// <summary>UTC with up to microseconds: <c>2026-01-09T12:39:54.844819Z</c>.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
