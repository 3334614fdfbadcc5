using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CudaWasm.Host.Worker;

namespace CudaWasm.Host.Tests.Worker;

/// <summary>A worker on a free port of the loopback address, with its folder, and callers of two tenants.</summary>
internal sealed class TestWorker : IAsyncDisposable
{
    public const string RedKey = "red-0123456789abcdef";
    public const string BlueKey = "blue-0123456789abcdef";

    public const string Saxpy = """
        __global__ void saxpy(int n, float a, const float *x, float *y)
        {
            int i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i < n)
                y[i] = a * x[i] + y[i];
        }
        """;

    /// <summary>Ends when its first element is not 0, which nobody ever writes.</summary>
    public const string Endless = "__global__ void endless(volatile int *x) { while (x[0] == 0) { } }";

    public const string EndlessLaunch = """{"grid": 1, "block": 1, "arguments": [{"buffer": "int", "count": 1}]}""";

    private readonly WorkFolder _folder;
    private readonly bool _ownsFolder;

    private TestWorker(WorkerServer server, WorkFolder folder, bool ownsFolder)
    {
        (Server, _folder, _ownsFolder) = (server, folder, ownsFolder);
        Red = Client(RedKey);
        Blue = Client(BlueKey);
    }

    public WorkerServer Server { get; }

    public HttpClient Red { get; }

    public HttpClient Blue { get; }

    public Uri Url => new(Server.Urls[0]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<TestWorker> StartAsync(Func<WorkerOptions, WorkerOptions>? change = null, WorkFolder? folder = null)
    {
        var work = folder ?? new WorkFolder();
        var keys = work.Write("keys", $"# tenants\nred:{RedKey}\n\nblue: {BlueKey}\r\n");
        var options = new WorkerOptions { Urls = ["http://127.0.0.1:0"], CacheFolder = work.Path("cache"), ApiKeyFile = keys };
        return new TestWorker(await WorkerServer.StartAsync(change?.Invoke(options) ?? options, Cancellation), work, folder is null);
    }

    public HttpClient Client(string? key)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Url };
        if (key is not null)
            client.DefaultRequestHeaders.Add("X-Api-Key", key);
        return client;
    }

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    public static MultipartFormDataContent Message(string launch, params (string Name, byte[] Content)[] parts)
    {
        var message = new MultipartFormDataContent { { Json(launch), "launch" } };
        foreach (var (name, content) in parts)
            message.Add(new ByteArrayContent(content), name);
        return message;
    }

    public static byte[] Bytes<T>(params T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(values).ToArray();

    public async Task<JsonNode> PublishAsync(string name, string source, HttpClient? client = null)
    {
        using var response = await (client ?? Red).PutAsync($"v1/kernels/{name}", new StringContent(source, Encoding.UTF8, "text/plain"), Cancellation);
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!;
    }

    /// <summary>The status and the problem document of an answer; fails where there is none.</summary>
    public static async Task<(HttpStatusCode Status, JsonElement Problem)> ProblemAsync(Task<HttpResponseMessage> answer)
    {
        using var response = await answer;
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal((int)response.StatusCode, document.RootElement.GetProperty("status").GetInt32());
        Assert.NotEmpty(document.RootElement.GetProperty("detail").GetString()!);
        return (response.StatusCode, document.RootElement.Clone());
    }

    /// <summary>The report of a launch that ran, and its outputs.</summary>
    public static async Task<(JsonNode Report, IReadOnlyDictionary<string, byte[]> Outputs)> ResultAsync(Task<HttpResponseMessage> answer)
    {
        using var response = await answer;
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancellation));
        if (response.Content.Headers.ContentType!.MediaType == "application/json")
            return (JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!, new Dictionary<string, byte[]>());

        var boundary = response.Content.Headers.ContentType.Parameters.Single(p => p.Name == "boundary").Value!;
        var reader = new Microsoft.AspNetCore.WebUtilities.MultipartReader(boundary, await response.Content.ReadAsStreamAsync(Cancellation));
        var parts = new Dictionary<string, byte[]>();
        while (await reader.ReadNextSectionAsync(Cancellation) is { } section)
        {
            using var content = new MemoryStream();
            await section.Body.CopyToAsync(content, Cancellation);
            parts[ContentDispositionHeaderValue.Parse(section.ContentDisposition!).Name!.Trim('"')] = content.ToArray();
        }

        Assert.True(parts.Remove("result", out var report));
        return (JsonNode.Parse(report)!, parts);
    }

    public async Task<double> MetricAsync(string name)
    {
        using var anyone = Client(null);
        var text = await anyone.GetStringAsync("metrics", Cancellation);
        var line = text.Split('\n').SingleOrDefault(l => l.StartsWith(name + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Asks until it holds: what another thread does has no moment of its own to wait for. A thing that never comes fails.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var tries = 0; !await holds(); tries++)
        {
            Assert.True(tries < 5000, "What was waited for did not come.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), Cancellation);
        }
    }

    public async Task<JsonNode> JobAsync(string location, Func<string, bool> isAwaited)
    {
        JsonNode job = new JsonObject();
        await UntilAsync(async () =>
        {
            job = JsonNode.Parse(await Red.GetStringAsync(location.TrimStart('/'), Cancellation))!;
            return isAwaited((string)job["status"]!);
        });
        return job;
    }

    public async ValueTask DisposeAsync()
    {
        Red.Dispose();
        Blue.Dispose();
        await Server.DisposeAsync();
        if (_ownsFolder)
            _folder.Dispose();
    }
}
