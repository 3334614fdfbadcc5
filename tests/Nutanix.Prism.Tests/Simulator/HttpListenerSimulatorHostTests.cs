using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Faults;
using Nutanix.Prism.Simulator.Hosting;

namespace Nutanix.Prism.Tests.Simulator;

public class HttpListenerSimulatorHostTests
{
    private static HttpClient Client(HttpListenerSimulatorHost host)
    {
        var options = host.Simulator.Options;
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = host.Url };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.UserName}:{options.Password}")));
        return client;
    }

    [Fact]
    public async Task It_answers_over_a_real_connection()
    {
        using var host = new HttpListenerSimulatorHost(new PrismSimulator(new SimulatorOptions { TaskDurationScale = 0 }));
        host.Start();
        using var client = Client(host);
        var cancellation = TestContext.Current.CancellationToken;
        var clusters = JsonNode.Parse(await client.GetStringAsync("api/clustermgmt/v4.0/config/clusters?$limit=1", cancellation))!;
        Assert.StartsWith(host.Url!.AbsoluteUri, (string?)clusters["metadata"]!["links"]![0]!["href"], StringComparison.Ordinal);

        using var create = new HttpRequestMessage(HttpMethod.Post, "api/vmm/v4.0/ahv/config/vms");
        create.Headers.Add("NTNX-Request-Id", Guid.NewGuid().ToString());
        create.Content = new StringContent(new JsonObject { ["name"] = "wire", ["cluster"] = new JsonObject { ["extId"] = (string?)clusters["data"]![0]!["extId"] } }.ToJsonString(), Encoding.UTF8, "application/json");
        using var accepted = await client.SendAsync(create, cancellation);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);

        var task = (string)JsonNode.Parse(await accepted.Content.ReadAsStringAsync(cancellation))!["data"]!["extId"]!;
        var done = JsonNode.Parse(await client.GetStringAsync($"api/prism/v4.0/config/tasks/{Uri.EscapeDataString(task)}", cancellation))!;
        Assert.Equal("SUCCEEDED", (string?)done["data"]!["status"]);
    }

    [Fact]
    public async Task Unauthorised_html_redirect_and_broken_replies_pass_through_the_wire()
    {
        using var host = new HttpListenerSimulatorHost(new PrismSimulator());
        host.Start();
        using var client = Client(host);
        var cancellation = TestContext.Current.CancellationToken;
        host.Simulator.Inject(SimulatorFault.Html());
        host.Simulator.Inject(SimulatorFault.Redirect("/console"));
        // HttpClient itself tries again once when a kept connection breaks before the first byte.
        host.Simulator.Inject(SimulatorFault.Drop(times: 2) with { Method = "POST" });
        const string Target = "api/clustermgmt/v4.0/config/hosts";

        Assert.Contains("<html>", await client.GetStringAsync(Target, cancellation), StringComparison.Ordinal);
        using var redirect = await client.GetAsync(Target, cancellation);
        Assert.Equal(HttpStatusCode.Found, redirect.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.PostAsync(Target, null, cancellation));

        client.DefaultRequestHeaders.Authorization = null;
        using var nobody = await client.GetAsync(Target, cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    [Fact]
    public async Task A_stop_breaks_off_answers_that_wait_and_frees_the_port()
    {
        using var host = new HttpListenerSimulatorHost(new PrismSimulator(new SimulatorOptions { Latency = TimeSpan.FromMinutes(5) }));
        var port = host.Start().Port;
        using var client = Client(host);
        var waiting = client.GetAsync("api/clustermgmt/v4.0/config/hosts", TestContext.Current.CancellationToken);
        host.Stop();

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => waiting);
        Assert.False(host.IsRunning);
        using var probe = new TcpListener(IPAddress.Loopback, port);
        probe.Start();
    }

    [Fact]
    public void A_host_that_was_stopped_can_start_again_and_a_running_one_cannot()
    {
        using var host = new HttpListenerSimulatorHost(new PrismSimulator());
        host.Start();
        Assert.Throws<InvalidOperationException>(() => host.Start());
        host.Stop();
        host.Stop();
        Assert.True(host.Start().IsLoopback);
        host.Dispose();
        Assert.Throws<ObjectDisposedException>(() => host.Start());
    }

    [Fact]
    public void A_port_that_is_taken_is_named()
    {
        using var first = new HttpListenerSimulatorHost(new PrismSimulator());
        using var second = new HttpListenerSimulatorHost(new PrismSimulator());
        var port = first.Start().Port;
        Assert.Contains(port.ToString(System.Globalization.CultureInfo.InvariantCulture), Assert.Throws<InvalidOperationException>(() => second.Start(port)).Message, StringComparison.Ordinal);
    }
}
