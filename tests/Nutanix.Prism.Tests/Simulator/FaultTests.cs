using System.Text.Json;
using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Faults;

namespace Nutanix.Prism.Tests.Simulator;

public class FaultTests
{
    private const string Clusters = "/api/clustermgmt/v4.0/config/clusters";

    [Fact]
    public void A_status_fault_hits_as_many_requests_as_it_says_and_then_is_over()
    {
        var driver = new SimulatorDriver();
        driver.Simulator.Inject(SimulatorFault.Status(429, times: 2, retryAfter: TimeSpan.FromSeconds(3)));

        var first = driver.Send("GET", Clusters);
        Assert.Equal((429, "3"), (first.StatusCode, first.Header("Retry-After")));
        Assert.Equal(429, driver.Send("GET", Clusters).StatusCode);
        Assert.Equal(200, driver.Send("GET", Clusters).StatusCode);
    }

    [Fact]
    public void A_fault_waits_for_the_request_it_is_meant_for()
    {
        var driver = new SimulatorDriver();
        driver.Simulator.Inject(SimulatorFault.Status(503) with { Method = "GET", PathContains = "/hosts", Skip = 1 });

        Assert.Equal(200, driver.Send("GET", Clusters).StatusCode);
        Assert.Equal(200, driver.Send("GET", "/api/clustermgmt/v4.0/config/hosts").StatusCode);
        Assert.Equal(503, driver.Send("GET", "/api/clustermgmt/v4.0/config/hosts").StatusCode);
        Assert.Equal(0, driver.Simulator.ClearFaults());
    }

    [Fact]
    public void Html_redirects_cut_json_and_broken_connections_are_played_as_scripted()
    {
        var driver = new SimulatorDriver(new SimulatorOptions
        {
            Faults = [SimulatorFault.Html(), SimulatorFault.Redirect("/login"), SimulatorFault.CutJson(), SimulatorFault.Drop(), SimulatorFault.Late(TimeSpan.FromSeconds(2))],
        });

        Assert.StartsWith("text/html", driver.Send("GET", Clusters).Header("Content-Type"), StringComparison.Ordinal);
        Assert.Equal("/login", driver.Send("GET", Clusters).Header("Location"));
        Assert.ThrowsAny<JsonException>(() => JsonNode.Parse(driver.Send("GET", Clusters).Text));
        Assert.True(driver.Send("GET", Clusters).Abort);
        Assert.Equal(TimeSpan.FromSeconds(2), driver.Send("GET", Clusters).Delay);
        Assert.Equal(TimeSpan.Zero, driver.Send("GET", Clusters).Delay);
    }

    [Fact]
    public void A_lost_reply_has_done_its_work_and_the_retry_does_it_no_second_time()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { Vms = 0 });
        var body = new JsonObject { ["name"] = "once", ["cluster"] = new JsonObject { ["extId"] = driver.ClusterId } }.ToJsonString();
        var id = Guid.NewGuid().ToString();
        driver.Simulator.Inject(SimulatorFault.LostReply());

        Assert.Equal(503, driver.Write("POST", driver.Vms, body, requestId: id).StatusCode);
        Assert.Equal("SUCCEEDED", (string?)driver.Finish(driver.Write("POST", driver.Vms, body, requestId: id))["status"]);
        Assert.Single(driver.List(driver.Vms));
    }

    [Fact]
    public void Random_faults_come_at_about_the_asked_rate_and_are_transient()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { FaultRate = 0.25 });
        var replies = Enumerable.Range(0, 400).Select(_ => driver.Send("GET", Clusters)).ToList();

        Assert.InRange(replies.Count(r => r.StatusCode != 200), 70, 130);
        Assert.All(replies, r => Assert.Contains(r.StatusCode, new[] { 200, 429, 502, 503, 504 }));
    }

    [Fact]
    public void A_fault_that_can_never_hit_is_refused()
    {
        var simulator = new PrismSimulator();
        Assert.Throws<ArgumentException>(() => simulator.Inject(SimulatorFault.Status(503, times: 0)));
        Assert.Throws<ArgumentException>(() => simulator.Inject(new SimulatorFault { Kind = SimulatorFaultKind.Redirect }));
    }

    [Fact]
    public void Many_threads_can_ask_at_once()
    {
        var driver = new SimulatorDriver(new SimulatorOptions { Vms = 0 });
        var body = new JsonObject { ["name"] = "many", ["cluster"] = new JsonObject { ["extId"] = driver.ClusterId } }.ToJsonString();
        var tasks = new System.Collections.Concurrent.ConcurrentBag<string>();
        Parallel.For(0, 64, _ => tasks.Add(SimulatorDriver.TaskId(driver.Write("POST", driver.Vms, body))));
        driver.Clock.AdvanceSeconds(5);

        Assert.Equal(64, tasks.Distinct().Count());
        Assert.Equal(64, driver.List(driver.Vms + "?$limit=100").Select(v => (string?)v["extId"]).Distinct().Count());
    }
}
