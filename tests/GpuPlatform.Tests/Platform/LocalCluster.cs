using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuPlatform.Tests.Platform;

/// <summary>
/// A Kubernetes API server as far as kubectl needs one: discovery, OpenAPI for its validation, objects by path, label and field
/// selectors, watches. Workloads become ready when a test says so. kubectl itself is the real one.
/// </summary>
internal sealed class LocalCluster : IDisposable
{
    private static readonly (string Version, string Kind, string Plural, bool Namespaced)[] Resources =
    [
        ("v1", "Namespace", "namespaces", false),
        ("v1", "Node", "nodes", false),
        ("v1", "Pod", "pods", true),
        ("v1", "Service", "services", true),
        ("v1", "ConfigMap", "configmaps", true),
        ("v1", "ServiceAccount", "serviceaccounts", true),
        ("v1", "PersistentVolumeClaim", "persistentvolumeclaims", true),
        ("apps/v1", "Deployment", "deployments", true),
        ("apps/v1", "StatefulSet", "statefulsets", true),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true),
        ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", true),
        ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true),
    ];

    private readonly WebApplication _server;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _end = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("local-cluster").FullName;
    private readonly List<string> _calls = [];
    private int _version = 100;

    static LocalCluster()
    {
        // What kubectl remembers of clusters that are gone does not belong into the user's home.
        Environment.SetEnvironmentVariable("KUBECACHEDIR", Path.Combine(Path.GetTempPath(), "cuda-wasm-kubectl-cache"));
    }

    public LocalCluster()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(AnswerAsync);
        _server.Start();
        string address = _server.Urls.Single();
        Kubeconfig = Path.Combine(_folder, "config");
        File.WriteAllText(Kubeconfig, $$"""
            apiVersion: v1
            kind: Config
            clusters: [{ name: local, cluster: { server: "{{address}}" } }]
            users: [{ name: nobody, user: {} }]
            contexts: [{ name: lab, context: { cluster: local, user: nobody } }]
            """);
    }

    public string Kubeconfig { get; }

    /// <summary>True: Deployments are ready when they are first looked at. Otherwise once somebody watches, or never.</summary>
    public bool ReadyAtOnce { get; init; }

    public bool NeverReady { get; init; }

    /// <summary>Where the ports of pods lead; null where forwarding is not allowed.</summary>
    public IPEndPoint? ForwardTo { get; set; }

    /// <summary>Kind that the cluster refuses to make, as an admission controller would.</summary>
    public string? RefusedKind { get; init; }

    /// <summary>Paths of the objects there are.</summary>
    public IReadOnlyList<string> Objects
    {
        get
        {
            lock (_lock)
            {
                return [.. _objects.Keys];
            }
        }
    }

    /// <summary>Method and path of each request.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_lock)
            {
                return [.. _calls];
            }
        }
    }

    public JsonObject this[string path]
    {
        get
        {
            lock (_lock)
            {
                return (JsonObject)_objects[path].DeepClone();
            }
        }
    }

    public void Add(string path, string json)
    {
        lock (_lock)
        {
            _objects[path] = Stamp((JsonObject)JsonNode.Parse(json)!);
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        ((IDisposable)_server).Dispose();
        _end.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        string path = request.Path.Value!;
        lock (_lock)
        {
            _calls.Add($"{request.Method} {path}");
        }

        if (path.EndsWith("/portforward", StringComparison.Ordinal) && ForwardTo is { } target)
        {
            await PortForwardTunnel.ServeAsync(context, target);
            return;
        }

        if ((string?)request.Query["watch"] is "true" or "1")
        {
            await WatchAsync(context, path);
            return;
        }

        (int status, JsonNode answer) = Handle(request, path, await reader.ReadToEndAsync());
        await WriteAsync(context.Response, status, answer);
    }

    private static async Task WriteAsync(HttpResponse response, int status, JsonNode answer)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        await response.WriteAsync(answer.ToJsonString());
    }

    /// <summary>Tells of a workload that has become ready, then says no more.</summary>
    private async Task WatchAsync(HttpContext context, string path)
    {
        context.Response.ContentType = "application/json";
        JsonObject? ready = null;
        lock (_lock)
        {
            string? name = FieldName(context.Request.Query["fieldSelector"]);
            if (!NeverReady && name is not null && _objects.TryGetValue($"{path}/{name}", out JsonObject? workload))
            {
                MakeReady(workload);
                ready = (JsonObject)Stamp(workload).DeepClone();
            }
        }

        // kubectl waits for the headers beyond any timeout.
        await context.Response.Body.FlushAsync();
        if (ready is not null)
        {
            await context.Response.WriteAsync(new JsonObject { ["type"] = "MODIFIED", ["object"] = ready }.ToJsonString() + "\n");
        }

        // Until the cluster goes away, or kubectl does.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_end.Token, context.RequestAborted);
        await Task.Delay(Timeout.Infinite, end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private (int Status, JsonNode Answer) Handle(HttpRequest request, string path, string body)
    {
        if (Discover(path) is { } discovered)
        {
            return (200, discovered);
        }

        lock (_lock)
        {
            string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (parts[^1] == "portforward")
            {
                return (403, Failure(403, "Forbidden", "port-forward is not allowed here"));
            }

            bool isCollection = Array.Exists(Resources, r => r.Plural == parts[^1]) && !(parts[^2] == "namespaces" && parts.Length == 4);
            return (request.Method, isCollection) switch
            {
                ("GET", true) => (200, List(path, parts[^1], request.Query["labelSelector"], request.Query["fieldSelector"])),
                ("GET", false) => _objects.TryGetValue(path, out JsonObject? found) ? (200, found.DeepClone()) : NotFound(path),
                ("POST", true) => Create(path, (JsonObject)JsonNode.Parse(body)!),
                ("DELETE", false) => _objects.Remove(path, out JsonObject? gone) ? (200, gone.DeepClone()) : NotFound(path),
                _ => (405, Failure(405, "MethodNotAllowed", request.Method)),
            };
        }
    }

    private (int Status, JsonNode Answer) Create(string collection, JsonObject body)
    {
        string kind = (string)body["kind"]!;
        if (kind == RefusedKind)
        {
            return (403, Failure(403, "Forbidden", $"admission webhook \"policy.example\" denied the request: no {kind} today"));
        }

        var metadata = (JsonObject)body["metadata"]!;
        string path = $"{collection}/{(string)metadata["name"]!}";
        if (_objects.ContainsKey(path))
        {
            return (409, Failure(409, "AlreadyExists", path));
        }

        if (collection.Contains("/namespaces/", StringComparison.Ordinal))
        {
            metadata["namespace"] = collection.Split('/')[^2];
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["generation"] = 1;
        if (kind is "Deployment" or "StatefulSet")
        {
            body["status"] = new JsonObject { ["observedGeneration"] = 1, ["replicas"] = 0 };
            if (ReadyAtOnce)
            {
                MakeReady(body);
            }
        }

        _objects[path] = Stamp(body);
        return (201, body.DeepClone());
    }

    private JsonObject List(string collection, string plural, string? labels, string? fields)
    {
        string[] parts = collection.Split('/');
        bool isAll = !collection.Contains("/namespaces/", StringComparison.Ordinal);
        string root = isAll ? string.Join('/', parts[..^1]) + "/" : collection + "/";
        string? name = FieldName(fields);
        IEnumerable<JsonNode> items = _objects
            .Where(o => o.Key.StartsWith(root, StringComparison.Ordinal) && o.Key.Split('/')[^2] == plural)
            .Where(o => name is null || o.Key.Split('/')[^1] == name)
            .Where(o => Matches(o.Value, labels))
            .Select(o => o.Value.DeepClone());
        (string version, string kind, _, _) = Array.Find(Resources, r => r.Plural == plural);
        return new JsonObject
        {
            ["kind"] = kind + "List",
            ["apiVersion"] = version,
            ["metadata"] = new JsonObject { ["resourceVersion"] = _version.ToString(System.Globalization.CultureInfo.InvariantCulture) },
            ["items"] = new JsonArray([.. items]),
        };
    }

    private static bool Matches(JsonObject item, string? selector) => string.IsNullOrEmpty(selector) || selector.Split(',').All(term =>
    {
        string[] pair = term.Split('=', 2);
        string? value = (string?)item["metadata"]!["labels"]?[pair[0]];
        return pair.Length == 1 ? value is not null : value == pair[1];
    });

    private static string? FieldName(string? fields) => fields?.Split(',').Select(f => f.Split('=', 2)).FirstOrDefault(f => f[0] == "metadata.name")?[1];

    private static void MakeReady(JsonObject workload)
    {
        int replicas = (int?)workload["spec"]!["replicas"] ?? 1;
        workload["status"] = new JsonObject
        {
            ["observedGeneration"] = 1,
            ["replicas"] = replicas,
            ["updatedReplicas"] = replicas,
            ["readyReplicas"] = replicas,
            ["availableReplicas"] = replicas,
            ["currentRevision"] = "r1",
            ["updateRevision"] = "r1",
        };
    }

    private JsonObject Stamp(JsonObject item)
    {
        item["metadata"]!["resourceVersion"] = (++_version).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return item;
    }

    private static (int, JsonNode) NotFound(string path) => (404, Failure(404, "NotFound", $"{path} not found"));

    private static JsonObject Failure(int code, string reason, string message) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["status"] = "Failure",
        ["reason"] = reason,
        ["message"] = message,
        ["code"] = code,
    };

    private static JsonObject? Discover(string path)
    {
        string[] versions = [.. Resources.Select(r => r.Version).Distinct()];
        return path switch
        {
            "/version" => new JsonObject { ["major"] = "1", ["minor"] = "32", ["gitVersion"] = "v1.32.0" },
            "/api" => new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") },
            "/apis" => new JsonObject
            {
                ["kind"] = "APIGroupList",
                ["apiVersion"] = "v1",
                ["groups"] = new JsonArray([.. versions.Where(v => v != "v1").Select(v => new JsonObject
                {
                    ["name"] = v.Split('/')[0],
                    ["versions"] = new JsonArray(new JsonObject { ["groupVersion"] = v, ["version"] = v.Split('/')[1] }),
                    ["preferredVersion"] = new JsonObject { ["groupVersion"] = v, ["version"] = v.Split('/')[1] },
                })]),
            },
            "/openapi/v3" => new JsonObject
            {
                ["paths"] = new JsonObject(versions.Select(v => KeyValuePair.Create(Root(v)[1..], (JsonNode?)new JsonObject { ["serverRelativeURL"] = $"/openapi/v3{Root(v)}?hash=1" }))),
            },
            _ when Array.Find(versions, v => path == Root(v)) is { } listed => new JsonObject
            {
                ["kind"] = "APIResourceList",
                ["apiVersion"] = "v1",
                ["groupVersion"] = listed,
                ["resources"] = new JsonArray([.. Resources.Where(r => r.Version == listed).Select(r => new JsonObject
                {
                    ["name"] = r.Plural,
                    ["singularName"] = r.Kind.ToLowerInvariant(),
                    ["namespaced"] = r.Namespaced,
                    ["kind"] = r.Kind,
                    ["verbs"] = new JsonArray("create", "delete", "get", "list", "watch", "patch"),
                })]),
            },
            _ when Array.Find(versions, v => path == "/openapi/v3" + Root(v)) is { } described => OpenApi(described),
            _ => null,
        };
    }

    // Enough for kubectl to see that the server checks fields itself.
    private static JsonObject OpenApi(string version) => new()
    {
        ["openapi"] = "3.0.0",
        ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.32.0" },
        ["paths"] = new JsonObject(Resources.Where(r => r.Version == version).Select(r => KeyValuePair.Create($"{Root(version)}/{r.Plural}/{{name}}", (JsonNode?)new JsonObject
        {
            ["patch"] = new JsonObject
            {
                ["parameters"] = new JsonArray(new JsonObject { ["name"] = "fieldValidation", ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string" } }),
                ["x-kubernetes-group-version-kind"] = new JsonObject { ["group"] = version == "v1" ? "" : version.Split('/')[0], ["version"] = version.Split('/')[^1], ["kind"] = r.Kind },
                ["responses"] = new JsonObject(),
            },
        }))),
    };

    private static string Root(string version) => version == "v1" ? "/api/v1" : $"/apis/{version}";
}
