namespace Nutanix.Prism.Simulator.V3;

/// <summary>A v3 error reply with one message.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="reason">Reason such as <c>ENTITY_NOT_FOUND</c>.</param>
/// <param name="message">Text for people.</param>
internal sealed class V3Exception(int status, string reason, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Reason { get; } = reason;

    public static V3Exception NotFound(string kind, string uuid) => new(404, "ENTITY_NOT_FOUND", $"{kind} : {uuid} does not exist.");

    public static V3Exception Invalid(string message) => new(422, "INVALID_REQUEST", message);
}
