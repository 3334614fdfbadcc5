using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using GpuPlatform.Manifests.Kubernetes;

namespace GpuPlatform.Kubernetes;

/// <summary>
/// Nodes with GPUs: what device plugins announce as allocatable, what the vendors' labellers say of it, and what pods have taken.
/// Kubernetes counts GPUs and knows none of them apart, so those that are free are the last ones.
/// </summary>
internal sealed class KubernetesInventory(Kubectl kubectl)
{
    private const long Mib = 1L << 20;

    public async IAsyncEnumerable<GpuHost> StreamAsync(Action<PlatformWarning>? report, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string nodes = await kubectl.RunAsync(["get", "nodes", "--output", "json"], null, cancellationToken).ConfigureAwait(false);
        Dictionary<(string Node, string Resource), long> taken = await ReadTakenAsync(report, cancellationToken).ConfigureAwait(false);
        using JsonDocument document = JsonDocument.Parse(nodes);
        foreach (JsonElement node in document.RootElement.GetProperty("items").EnumerateArray())
        {
            GpuHost host = Describe(node);
            List<GpuDevice> devices = [.. Devices(node, host, taken)];
            if (devices.Count > 0)
            {
                yield return host with { Gpus = devices };
            }
        }
    }

    /// <summary>GPU resources that a container asks for; a limit is a request.</summary>
    public static IEnumerable<(string Resource, long Count)> GpuRequests(JsonElement container)
    {
        if (!container.TryGetProperty("resources", out JsonElement resources))
        {
            return [];
        }

        return resources.TryGetProperty("limits", out JsonElement limits) ? Gpus(limits)
            : resources.TryGetProperty("requests", out JsonElement requests) ? Gpus(requests)
            : [];
    }

    private async Task<Dictionary<(string, string), long>> ReadTakenAsync(Action<PlatformWarning>? report, CancellationToken cancellationToken)
    {
        var taken = new Dictionary<(string, string), long>();
        try
        {
            string pods = await kubectl.RunAsync(
                ["get", "pods", "--all-namespaces", "--field-selector", "status.phase!=Succeeded,status.phase!=Failed", "--output", "json"], null, cancellationToken).ConfigureAwait(false);
            using JsonDocument document = JsonDocument.Parse(pods);
            foreach (JsonElement pod in document.RootElement.GetProperty("items").EnumerateArray())
            {
                JsonElement spec = pod.GetProperty("spec");
                if (!spec.TryGetProperty("nodeName", out JsonElement node))
                {
                    continue;
                }

                foreach ((string resource, long count) in spec.GetProperty("containers").EnumerateArray().SelectMany(GpuRequests))
                {
                    taken[(node.GetString()!, resource)] = taken.GetValueOrDefault((node.GetString()!, resource)) + count;
                }
            }
        }
        catch (PlatformException e)
        {
            report?.Invoke(new PlatformWarning("pods", $"The pods of '{kubectl.Context}' could not be read, so GPUs that they hold are shown as free: {e.Message}", e));
        }

        return taken;
    }

    private GpuHost Describe(JsonElement node)
    {
        JsonElement metadata = node.GetProperty("metadata");
        JsonElement status = node.GetProperty("status");
        bool isCordoned = node.TryGetProperty("spec", out JsonElement spec) && spec.TryGetProperty("unschedulable", out JsonElement no) && no.ValueKind == JsonValueKind.True;
        bool isReady = status.TryGetProperty("conditions", out JsonElement conditions)
            && conditions.EnumerateArray().Any(c => Text(c, "type") == "Ready" && Text(c, "status") == "True");
        string name = metadata.GetProperty("name").GetString()!;
        return new GpuHost
        {
            Id = Text(metadata, "uid") ?? name,
            Name = name,
            ClusterName = kubectl.Context,
            CpuThreads = Quantity(status, "cpu") is { } cpu ? (int)cpu : null,
            MemoryBytes = Quantity(status, "memory") is { } memory ? (long)memory : null,
            GpuDriverVersion = Label(metadata, "nvidia.com/cuda.driver-version.full"),
            IsAvailable = isReady && !isCordoned,
        };
    }

    private static IEnumerable<GpuDevice> Devices(JsonElement node, GpuHost host, Dictionary<(string, string), long> taken)
    {
        JsonElement metadata = node.GetProperty("metadata");
        if (!node.GetProperty("status").TryGetProperty("allocatable", out JsonElement allocatable))
        {
            yield break;
        }

        foreach ((string resource, long count) in Gpus(allocatable))
        {
            GpuScheduling vendor = GpuScheduling.ForResource(resource)!;
            bool isWhole = resource == vendor.DefaultResource || resource == "gpu.intel.com/xe";
            string product = Label(metadata, vendor.ProductLabel) ?? resource;
            long held = taken.GetValueOrDefault((host.Name, resource));
            for (long i = 0; i < count; i++)
            {
                yield return new GpuDevice
                {
                    Id = string.Create(CultureInfo.InvariantCulture, $"{host.Id}/{resource}/{i}"),
                    Model = isWhole ? product : resource[(resource.IndexOf('/', StringComparison.Ordinal) + 1)..],
                    DeviceName = product,
                    Vendor = vendor.Vendor,
                    Mode = isWhole ? GpuMode.Unknown : GpuMode.Virtual,
                    MemoryBytes = isWhole && long.TryParse(Label(metadata, "nvidia.com/gpu.memory"), CultureInfo.InvariantCulture, out long mib) ? mib * Mib : null,
                    HostId = host.Id,
                    HostName = host.Name,
                    ClusterName = host.ClusterName,
                    IsFree = i >= held && host.IsAvailable,
                };
            }
        }
    }

    // Intel's plugin announces shares of memory and time beside the devices.
    private static IEnumerable<(string Resource, long Count)> Gpus(JsonElement quantities) => quantities.EnumerateObject()
        .Where(q => GpuScheduling.ForResource(q.Name) is { } vendor && (vendor.Vendor != GpuVendor.Intel || q.Name is "gpu.intel.com/i915" or "gpu.intel.com/xe"))
        .Select(q => (q.Name, Count: KubernetesQuantity.TryParse(q.Value.ToString(), out decimal count) ? (long)count : 0))
        .Where(q => q.Count > 0);

    private static decimal? Quantity(JsonElement status, string name) =>
        status.TryGetProperty("capacity", out JsonElement capacity) && Text(capacity, name) is { } text && KubernetesQuantity.TryParse(text, out decimal value) ? value : null;

    private static string? Label(JsonElement metadata, string name) =>
        metadata.TryGetProperty("labels", out JsonElement labels) ? Text(labels, name) : null;

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
