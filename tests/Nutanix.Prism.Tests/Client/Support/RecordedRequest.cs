using System.Text.Json;

namespace Nutanix.Prism.Tests.Client.Support;

/// <summary>A request as the server saw it.</summary>
/// <param name="Method">GET, POST, …</param>
/// <param name="Uri">The whole address, as it was on the wire.</param>
/// <param name="Namespace">vmm, prism, …</param>
/// <param name="Version">v4.3, or <c>unversioned</c>.</param>
/// <param name="Path">Below the version, decoded.</param>
/// <param name="Query">Decoded.</param>
/// <param name="Headers">By name.</param>
/// <param name="Body">Text, empty without one.</param>
internal sealed record RecordedRequest(
    string Method,
    Uri Uri,
    string Namespace,
    string Version,
    string Path,
    IReadOnlyDictionary<string, string> Query,
    IReadOnlyDictionary<string, string> Headers,
    string Body)
{
    public string? RequestId => Headers.GetValueOrDefault("NTNX-Request-Id");

    public string? IfMatch => Headers.GetValueOrDefault("If-Match");

    public int Page => Query.TryGetValue("$page", out string? page) ? int.Parse(page, System.Globalization.CultureInfo.InvariantCulture) : 0;

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public override string ToString() => $"{Method} {Namespace}/{Path}";
}
