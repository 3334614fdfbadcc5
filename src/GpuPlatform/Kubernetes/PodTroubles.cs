using System.Text.Json;

namespace GpuPlatform.Kubernetes;

/// <summary>Why pods do not become ready, in the cluster's own words: no node fits, no image, crashes.</summary>
internal static class PodTroubles
{
    public static async Task<string> ReadAsync(Kubectl kubectl, string space, string selector, CancellationToken cancellationToken)
    {
        try
        {
            string json = await kubectl.RunAsync(["get", "pods", "--namespace", space, "--selector", selector, "--output", "json"], null, cancellationToken).ConfigureAwait(false);
            using JsonDocument pods = JsonDocument.Parse(json);
            string[] troubles = [.. pods.RootElement.GetProperty("items").EnumerateArray().SelectMany(Of).Distinct().Take(3)];
            return string.Join(' ', troubles);
        }
        catch (PlatformException)
        {
            // The rollout's own message has to do.
            return "";
        }
    }

    private static IEnumerable<string> Of(JsonElement pod)
    {
        if (!pod.TryGetProperty("status", out JsonElement status))
        {
            yield break;
        }

        foreach (JsonElement condition in Elements(status, "conditions"))
        {
            if (Text(condition, "type") == "PodScheduled" && Text(condition, "status") == "False" && Text(condition, "message") is { } message)
            {
                yield return $"No node takes the pod: {message}";
            }
        }

        foreach (JsonElement container in Elements(status, "containerStatuses"))
        {
            if (container.TryGetProperty("state", out JsonElement state) && state.TryGetProperty("waiting", out JsonElement waiting) && Text(waiting, "reason") is { } reason)
            {
                yield return $"The container waits: {reason}{(Text(waiting, "message") is { } detail ? $" ({detail})" : "")}.";
            }
        }
    }

    private static IEnumerable<JsonElement> Elements(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
