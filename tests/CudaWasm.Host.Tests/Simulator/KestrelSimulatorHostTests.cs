using System.Net;
using System.Text.Json.Nodes;
using CudaWasm.Host.Simulator;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Faults;

namespace CudaWasm.Host.Tests.Simulator;

public class KestrelSimulatorHostTests
{
    private const string Target = "api/clustermgmt/v4.0/config/hosts";

    private static HttpClient Client(KestrelSimulatorHost host, bool trust = false)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        if (trust) handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == host.Certificate!.GetCertHashString();
        var client = new HttpClient(handler) { BaseAddress = host.Url };
        client.DefaultRequestHeaders.Add("X-ntnx-api-key", host.Simulator.Options.ApiKey);
        return client;
    }

    [Fact]
    public async Task It_answers_over_http_with_encoded_task_ids_intact()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var host = await KestrelSimulatorHost.StartAsync(new SimulatorOptions { TaskDurationScale = 0 }, cancellation: cancellation);
        using var client = Client(host);
        var clusters = JsonNode.Parse(await client.GetStringAsync("api/clustermgmt/v4.0/config/clusters", cancellation))!;
        using var create = new HttpRequestMessage(HttpMethod.Post, "api/vmm/v4.0/ahv/config/vms");
        create.Headers.Add("NTNX-Request-Id", Guid.NewGuid().ToString());
        create.Content = new StringContent(new JsonObject { ["name"] = "wire", ["cluster"] = new JsonObject { ["extId"] = (string?)clusters["data"]![0]!["extId"] } }.ToJsonString());
        using var accepted = await client.SendAsync(create, cancellation);
        var task = (string)JsonNode.Parse(await accepted.Content.ReadAsStringAsync(cancellation))!["data"]!["extId"]!;

        var done = JsonNode.Parse(await client.GetStringAsync($"api/prism/v4.0/config/tasks/{Uri.EscapeDataString(task)}", cancellation))!;
        Assert.Equal("SUCCEEDED", (string?)done["data"]!["status"]);
    }

    [Fact]
    public async Task It_answers_over_https_with_a_certificate_nobody_trusts_by_default()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var host = await KestrelSimulatorHost.StartAsync(new SimulatorOptions(), tls: true, cancellation: cancellation);
        Assert.Equal(Uri.UriSchemeHttps, host.Url.Scheme);
        using (var careful = Client(host))
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => careful.GetAsync(Target, cancellation));
        }

        using var client = Client(host, trust: true);
        using var response = await client.GetAsync(Target, cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("Secure", Assert.Single(response.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cut_json_and_broken_connections_pass_through_the_wire()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var host = await KestrelSimulatorHost.StartAsync(new SimulatorOptions { Faults = [SimulatorFault.CutJson(), SimulatorFault.Drop(times: 2)] }, cancellation: cancellation);
        using var client = Client(host);

        var cut = await client.GetStringAsync(Target, cancellation);
        Assert.ThrowsAny<System.Text.Json.JsonException>(() => JsonNode.Parse(cut));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.PostAsync(Target, null, cancellation));
    }

    [Fact]
    public async Task Disposing_breaks_off_answers_that_wait()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var host = await KestrelSimulatorHost.StartAsync(new SimulatorOptions { Latency = TimeSpan.FromMinutes(5) }, cancellation: cancellation);
        using var client = Client(host);
        var waiting = client.GetAsync(Target, cancellation);
        await host.DisposeAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => waiting);
    }

    [Fact]
    public async Task A_port_that_is_taken_gives_an_error()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var first = await KestrelSimulatorHost.StartAsync(new SimulatorOptions(), cancellation: cancellation);
        await Assert.ThrowsAnyAsync<IOException>(() => KestrelSimulatorHost.StartAsync(new SimulatorOptions(), first.Url.Port, cancellation: cancellation));
    }
}
