using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CudaWasm.Host.Tests.Worker;

public sealed partial class ServeCommandTests : IDisposable
{
    private const string OneInt = """{"grid": 1, "block": 1, "arguments": [{"buffer": "int", "count": 1, "output": "x"}]}""";

    private readonly WorkFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Serves_until_it_is_stopped_and_prints_where()
    {
        using var stop = new CancellationTokenSource();
        using var run = new HostRun();
        var program = run.RunAsync(stop.Token, "serve", "--urls", "http://127.0.0.1:0", "--cache", _folder.Path("cache"), "--allow-anonymous");
        var address = JsonDocument.Parse(await run.FirstLine.WaitAsync(Cancellation)).RootElement;

        using (var client = new HttpClient { BaseAddress = new Uri(address.GetProperty("urls")[0].GetString()!) })
            Assert.Equal("""{"status":"ready"}""", await client.GetStringAsync("readyz", Cancellation));

        await stop.CancelAsync();
        Assert.Equal(0, await program);
    }

    [Fact]
    public async Task A_worker_that_nobody_could_call_is_an_error_that_tells_the_options()
    {
        using var run = new HostRun();

        Assert.Equal(1, await run.RunAsync("serve", "--urls", "http://127.0.0.1:0", "--cache", _folder.Path("cache")));

        Assert.Contains("--api-keys", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:8080")]
    [InlineData("ftp://localhost")]
    [InlineData("http://localhost:8080/path")]
    public async Task Addresses_that_are_none_are_bad_usage(string url)
    {
        using var run = new HostRun();

        Assert.Equal(2, await run.RunAsync("serve", "--urls", url, "--allow-anonymous"));
    }

    [Fact]
    public async Task Draining_lets_launches_end_and_tells_not_to_be_ready()
    {
        var worker = await TestWorker.StartAsync(o => o with { DrainTime = TimeSpan.FromSeconds(20) }, _folder);
        await worker.PublishAsync("spin", "__global__ void spin(int *x) { for (int i = 0; i < 20000000; i++) x[0] += i & 1; }");
        var launch = TestWorker.ResultAsync(worker.Red.PostAsync("v1/kernels/spin/launch", TestWorker.Json(TestWorker.EndlessLaunch.Replace("\"count\": 1", "\"count\": 1, \"output\": \"x\"", StringComparison.Ordinal)), Cancellation));
        await TestWorker.UntilAsync(async () => await worker.MetricAsync("cuda_wasm_launches_running") == 1);

        await worker.Server.DrainAsync();

        Assert.Equal(10_000_000, BitConverter.ToInt32((await launch).Outputs["x"]));
        await Assert.ThrowsAsync<HttpRequestException>(() => worker.Blue.GetAsync("readyz", Cancellation));
        await worker.DisposeAsync();
    }

    [Fact]
    public async Task Draining_stops_jobs_that_do_not_end_in_time()
    {
        var worker = await TestWorker.StartAsync(o => o with { DrainTime = TimeSpan.FromMilliseconds(1) }, _folder);
        await worker.PublishAsync("endless", TestWorker.Endless);
        using var job = await worker.Red.PostAsync("v1/jobs?kernel=endless", TestWorker.Json(TestWorker.EndlessLaunch), Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, job.StatusCode);

        // Ends at all: the job never would.
        await worker.Server.DrainAsync();
        await worker.DisposeAsync();
    }

    [Fact]
    public async Task SIGTERM_ends_a_process_that_its_environment_configures_with_0()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        var start = new ProcessStartInfo("dotnet", [typeof(CudaWasmProgram).Assembly.Location, "serve"]) { RedirectStandardOutput = true };
        foreach (var (name, value) in new[] { ("URLS", "http://127.0.0.1:0"), ("ALLOW_ANONYMOUS", "true"), ("KERNEL_STORE", _folder.Path("store")), ("CACHE", _folder.Path("other")) })
            start.Environment["CUDA_WASM_" + name] = value;
        using var process = Process.Start(start)!;
        var address = JsonNode.Parse((await process.StandardOutput.ReadLineAsync(Cancellation))!)!;
        Assert.Equal(_folder.Path("store"), (string?)address["cache"]);

        Assert.Equal(0, Kill(process.Id, 15));

        await process.WaitForExitAsync(Cancellation);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task SIGKILL_under_load_loses_no_publication_that_was_acknowledged()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGKILL.");
        var start = new ProcessStartInfo("dotnet", [typeof(CudaWasmProgram).Assembly.Location, "serve", "--urls", "http://127.0.0.1:0", "--cache", _folder.Path("cache"), "--allow-anonymous"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var address = JsonNode.Parse((await process.StandardOutput.ReadLineAsync(Cancellation))!)!;
        using var client = new HttpClient { BaseAddress = new Uri((string)address["urls"]![0]!) };
        var acknowledged = new List<string>();
        var launched = 0;
        var publishing = Task.Run(
            async () =>
            {
                for (var i = 0; ; i++)
                {
                    using var response = await client.PutAsync($"v1/kernels/k{i}", new StringContent($"__global__ void k{i}(int *x) {{ x[0] = {i}; }}"), Cancellation);
                    if (response.StatusCode == HttpStatusCode.Created)
                    {
                        lock (acknowledged)
                            acknowledged.Add($"k{i}");
                    }
                }
            },
            Cancellation);
        var launching = Task.Run(
            async () =>
            {
                while (true)
                {
                    using var response = await client.PostAsync("v1/kernels/k0/launch", TestWorker.Json(OneInt), Cancellation);
                    Interlocked.Add(ref launched, response.IsSuccessStatusCode ? 1 : 0);
                }
            },
            Cancellation);
        await TestWorker.UntilAsync(() =>
        {
            lock (acknowledged)
                return Task.FromResult(acknowledged.Count >= 20 && launched >= 20);
        });

        Assert.Equal(0, Kill(process.Id, 9));

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => publishing);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => launching);
        await process.WaitForExitAsync(Cancellation);
        await using var next = await TestWorker.StartAsync(o => o with { CacheFolder = _folder.Path("cache"), ApiKeyFile = null, AllowAnonymous = true });
        Assert.Equal(0, await next.MetricAsync("cuda_wasm_kernels_damaged"));
        using var anyone = next.Client(null);
        foreach (var name in acknowledged)
        {
            var (_, outputs) = await TestWorker.ResultAsync(anyone.PostAsync($"v1/kernels/{name}/launch", TestWorker.Json(OneInt), Cancellation));
            Assert.Equal(name, $"k{BitConverter.ToInt32(outputs["x"])}");
        }

        // What was compiled before an acknowledgement is whole, too.
        Assert.Equal(acknowledged.Count, await next.MetricAsync("cuda_wasm_compile_cache_hits_total"));
        Assert.Equal(0, await next.MetricAsync("cuda_wasm_compile_cache_misses_total"));
    }

    [Fact]
    public async Task The_openapi_document_describes_every_path_there_is()
    {
        await using var worker = await TestWorker.StartAsync(folder: _folder);
        var document = JsonNode.Parse(await worker.Red.GetStringAsync("openapi.json", Cancellation))!;
        Assert.Equal("3.1.0", (string?)document["openapi"]);
        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject().Where(m => m.Key != "parameters"))
            {
                using var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), path.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal));
                using var response = await worker.Red.SendAsync(request, Cancellation);
                var body = await response.Content.ReadAsStringAsync(Cancellation);
                Assert.False(response.StatusCode == HttpStatusCode.MethodNotAllowed || body.Contains("no such path", StringComparison.Ordinal), $"{method} {path}");
                Assert.NotEmpty((string?)operation!["operationId"] ?? "");
            }
        }

        // References lead somewhere.
        foreach (var reference in References(document))
            Assert.NotNull(reference[2..].Split('/').Aggregate<string, JsonNode?>(document, (node, key) => node?[key]));
    }

    [Fact]
    public async Task Metrics_are_prometheus_text()
    {
        await using var worker = await TestWorker.StartAsync(folder: _folder);
        using var response = await worker.Red.GetAsync("metrics", Cancellation);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches("""^(# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram))|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.eE+-]+)$""", line));
        Assert.Contains("cuda_wasm_launch_duration_seconds_bucket{le=\"+Inf\"} 0", text, StringComparison.Ordinal);
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(p => p.Key == "$ref" ? [(string)p.Value!] : References(p.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
