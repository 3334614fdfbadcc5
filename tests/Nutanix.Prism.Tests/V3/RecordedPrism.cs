using System.Net;
using System.Text;
using System.Text.Json;
using Nutanix.Prism.Tests.Client.Support;

namespace Nutanix.Prism.Tests.V3;

/// <summary>A server of one Prism Central's recorded answers: each request gets the recording of its method and path.</summary>
internal sealed class RecordedPrism : HttpMessageHandler
{
    private readonly Dictionary<string, (HttpStatusCode Status, string Body)> _answers = new(StringComparer.Ordinal);

    /// <param name="files">Names of recordings; of two with one method and path the later counts.</param>
    public RecordedPrism(params string[] files)
    {
        string folder = SharedFiles.Require("v3-recorded");
        foreach (string file in files)
        {
            JsonElement root = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, file + ".json"))).RootElement;
            foreach (JsonElement pair in root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().ToArray() : [root])
            {
                JsonElement request = pair.GetProperty("request");
                JsonElement response = pair.GetProperty("response");
                _answers[$"{request.GetProperty("method")} {request.GetProperty("path")}"] =
                    ((HttpStatusCode)response.GetProperty("status").GetInt32(), response.GetProperty("body").GetRawText());
            }
        }
    }

    public List<string> Bodies { get; } = [];

    /// <summary>Paths for which there is a recording.</summary>
    public IEnumerable<string> Routes => _answers.Keys;

    public Task<PrismClient> ConnectAsync() => PrismClient.ConnectAsync(
        new PrismConnectionOptions { Server = "pc.example.test", Credential = new BasicCredential("admin", "not-the-real-one"), MaxRetries = 0 },
        this,
        new ImmediateTime(),
        TestContext.Current.CancellationToken);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is not null)
        {
            Bodies.Add(await request.Content.ReadAsStringAsync(cancellationToken));
        }

        bool known = _answers.TryGetValue($"{request.Method} {request.RequestUri!.AbsolutePath}", out (HttpStatusCode Status, string Body) answer);
        return new HttpResponseMessage(known ? answer.Status : HttpStatusCode.NotFound)
        {
            Content = new StringContent(known ? answer.Body : "404 page not found", Encoding.UTF8, known ? "application/json" : "text/plain"),
            RequestMessage = request,
        };
    }
}
