using System.Collections.Concurrent;
using System.Net;

namespace Nutanix.Prism.Tests.Client.Support;

/// <summary>
/// A server in the process that answers as the test says. Routes are <c>METHOD namespace/path</c>; a route with several
/// replies gives them one after the other and repeats the last. An unknown collection answers with an empty list.
/// </summary>
internal sealed class ScriptedPrism : HttpMessageHandler
{
    public const string UserName = "admin";
    public const string Password = "S3cret-Passw0rd!";

    private readonly ConcurrentDictionary<string, Func<RecordedRequest, HttpResponseMessage>> _routes = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();

    public ScriptedPrism()
    {
        On("GET clustermgmt/config/clusters", Replies.List("""{"extId":"c1","name":"alpha","config":{"clusterFunction":["AOS"]}}"""));
    }

    /// <summary>What a namespace answers to the version question; null for a server that does not know it.</summary>
    public Func<string, string?> Info { get; set; } = _ => "v4.2";

    /// <summary>Whether a path version is served.</summary>
    public Func<string, string, bool> Serves { get; set; } = (_, _) => true;

    /// <summary>Runs before everything else; an answer of it is final.</summary>
    public Func<RecordedRequest, HttpResponseMessage?>? Intercept { get; set; }

    /// <summary>Awaited before each answer.</summary>
    public Func<RecordedRequest, CancellationToken, Task>? Delay { get; set; }

    public ImmediateTime Time { get; } = new();

    public List<string> Log { get; } = [];

    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    public IReadOnlyList<RecordedRequest> Of(string route) => [.. _requests.Where(r => r.ToString() == route)];

    public ScriptedPrism On(string route, params Func<HttpResponseMessage>[] replies)
    {
        int next = -1;
        _routes[route] = _ => replies[Math.Min(Interlocked.Increment(ref next), replies.Length - 1)]();
        return this;
    }

    public ScriptedPrism On(string route, Func<RecordedRequest, HttpResponseMessage> answer)
    {
        _routes[route] = answer;
        return this;
    }

    public PrismConnectionOptions Options => new()
    {
        Server = "pc.example.test",
        Credential = new BasicCredential(UserName, Password),
        Log = line =>
        {
            lock (Log)
            {
                Log.Add(line);
            }
        },
    };

    public Task<PrismClient> ConnectAsync(Func<PrismConnectionOptions, PrismConnectionOptions>? change = null)
    {
        PrismConnectionOptions options = change is null ? Options : change(Options);
        return PrismClient.ConnectAsync(options, this, Time, TestContext.Current.CancellationToken);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        RecordedRequest recorded = await RecordAsync(request, cancellationToken);
        _requests.Enqueue(recorded);
        if (Delay is not null)
        {
            await Delay(recorded, cancellationToken);
        }

        HttpResponseMessage response = Intercept?.Invoke(recorded) ?? Answer(recorded);
        response.RequestMessage = request;
        return response;
    }

    private HttpResponseMessage Answer(RecordedRequest request)
    {
        if (request.Version == "unversioned")
        {
            return Info(request.Namespace) is { } version ? Replies.Json(HttpStatusCode.OK, $$$"""{"data":"{{{version}}}"}""")() : Replies.PlainNotFound();
        }

        if (!Serves(request.Namespace, request.Version))
        {
            return Replies.PlainNotFound();
        }

        if (_routes.TryGetValue(request.ToString(), out Func<RecordedRequest, HttpResponseMessage>? route))
        {
            HttpResponseMessage reply = route(request);

            // A list given as one page has an end.
            return request.Page > 0 && reply.Headers.Contains(Replies.OnePage) ? Replies.List()() : reply;
        }

        return request.Method == "GET" && !request.Path.Contains("vms/", StringComparison.Ordinal) && !request.Path.Contains("tasks/", StringComparison.Ordinal)
            ? Replies.List()()
            : Replies.Error(HttpStatusCode.NotFound, "VMM-20005", "ENTITY_NOT_FOUND", $"There is no {request.Path}.")();
    }

    private static async Task<RecordedRequest> RecordAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string[] parts = request.RequestUri!.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var query = request.RequestUri.Query.TrimStart('?')
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Split('=', 2))
            .ToDictionary(p => Uri.UnescapeDataString(p[0]), p => Uri.UnescapeDataString(p.Length > 1 ? p[1] : string.Empty));
        var headers = request.Headers
            .Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>())
            .ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new RecordedRequest(
            request.Method.Method,
            request.RequestUri,
            parts.ElementAtOrDefault(1) ?? string.Empty,
            parts.ElementAtOrDefault(2) ?? string.Empty,
            string.Join('/', parts.Skip(3).Select(Uri.UnescapeDataString)),
            query,
            headers,
            request.Content is null ? string.Empty : await request.Content.ReadAsStringAsync(cancellationToken));
    }
}
