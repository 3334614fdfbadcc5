using System.Net;
using System.Text;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.EndToEnd;

/// <summary>The simulator's core as a message handler: real answers, no sockets, and a clock on which waiting takes no time.</summary>
internal sealed class SimulatedPrism : HttpMessageHandler
{
    private readonly List<string> _calls = [];
    private readonly List<SentRequest> _requests = [];

    public SimulatedPrism(SimulatorOptions? options = null) => Core = new PrismSimulator(options, Time);

    public ImmediateTime Time { get; } = new();

    public PrismSimulator Core { get; }

    /// <summary>Method and path of each request, for counting.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>Each request with its body.</summary>
    public IReadOnlyList<SentRequest> Requests
    {
        get
        {
            lock (_calls)
            {
                return [.. _requests];
            }
        }
    }

    public PrismConnectionOptions Options => new()
    {
        Server = "pc.example.test",
        Credential = new BasicCredential(Core.Options.UserName, Core.Options.Password),
    };

    public Task<PrismClient> ConnectAsync(Func<PrismConnectionOptions, PrismConnectionOptions>? change = null) =>
        PrismClient.ConnectAsync(change is null ? Options : change(Options), this, Time, TestContext.Current.CancellationToken);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        byte[] body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        lock (_calls)
        {
            _calls.Add($"{request.Method} {request.RequestUri!.AbsolutePath}");
            _requests.Add(new SentRequest(request.Method.Method, request.RequestUri.AbsolutePath, Encoding.UTF8.GetString(body)));
        }

        SimulatorResponse answer = Core.Handle(new SimulatorRequest
        {
            Method = request.Method.Method,
            Path = request.RequestUri!.AbsolutePath,
            Query = request.RequestUri.Query.TrimStart('?'),
            Headers = request.Headers
                .Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>())
                .ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase),
            Body = body,
            BaseAddress = new Uri(request.RequestUri.GetLeftPart(UriPartial.Authority)),
        });
        if (answer.Abort)
        {
            Replies.Lost();
        }

        var response = new HttpResponseMessage((HttpStatusCode)answer.StatusCode)
        {
            Content = new ByteArrayContent(answer.Body.ToArray()),
            RequestMessage = request,
        };
        foreach ((string name, string value) in answer.Headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, value))
            {
                response.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return response;
    }
}

/// <summary>A request as it left the client.</summary>
internal sealed record SentRequest(string Method, string Path, string Body);
