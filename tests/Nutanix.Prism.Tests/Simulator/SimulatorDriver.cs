using System.Text;
using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator;

namespace Nutanix.Prism.Tests.Simulator;

/// <summary>A clock that moves only when a test says so.</summary>
internal sealed class TestClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;

    public void AdvanceSeconds(double seconds) => Advance(TimeSpan.FromSeconds(seconds));
}

/// <summary>Talks to a simulator in memory as an HTTP client would, with the credentials of its options.</summary>
internal sealed class SimulatorDriver
{
    public SimulatorDriver(SimulatorOptions? options = null)
    {
        Simulator = new PrismSimulator(options, Clock);
    }

    public TestClock Clock { get; } = new();

    public PrismSimulator Simulator { get; }

    public SimulatorResponse Send(string method, string target, string? body = null, params (string Name, string Value)[] headers)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Authorization"] = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Simulator.Options.UserName}:{Simulator.Options.Password}")),
        };
        foreach (var (name, value) in headers) all[name] = value;
        return Simulator.Handle(new SimulatorRequest
        {
            Method = method,
            Path = question < 0 ? target : target[..question],
            Query = question < 0 ? "" : target[(question + 1)..],
            Headers = all,
            Body = body is null ? default : Encoding.UTF8.GetBytes(body),
            BaseAddress = new Uri("https://prism.test:9440"),
        });
    }

    /// <summary>The JSON of a GET that must succeed.</summary>
    public JsonObject Get(string target)
    {
        var response = Send("GET", target);
        Assert.True(response.StatusCode == 200, $"GET {target}: {response.StatusCode} {response.Text}");
        return (JsonObject)JsonNode.Parse(response.Text)!;
    }

    public List<JsonObject> List(string target) => [.. (Get(target)["data"] as JsonArray ?? []).Select(e => (JsonObject)e!)];

    /// <summary>A POST, PUT or DELETE with a request id and, where there is an entity, its current ETag.</summary>
    public SimulatorResponse Write(string method, string target, string? body = null, string? etagOf = null, string? requestId = null)
    {
        List<(string, string)> headers = [("NTNX-Request-Id", requestId ?? Guid.NewGuid().ToString())];
        if (etagOf is not null) headers.Add(("If-Match", ETag(etagOf)));
        return Send(method, target, body, [.. headers]);
    }

    public string ETag(string target) => Send("GET", target).Header("ETag") ?? throw new InvalidOperationException($"{target} has no ETag.");

    /// <summary>The task id of a write that must be accepted.</summary>
    public static string TaskId(SimulatorResponse response)
    {
        Assert.True(response.StatusCode == 202, $"{response.StatusCode} {response.Text}");
        return (string)JsonNode.Parse(response.Text)!["data"]!["extId"]!;
    }

    public JsonObject Task(string extId) => (JsonObject)Get($"/api/prism/v4.0/config/tasks/{Uri.EscapeDataString(extId)}")["data"]!;

    /// <summary>Lets a task run to its end.</summary>
    public JsonObject Finish(SimulatorResponse response)
    {
        var id = TaskId(response);
        Clock.AdvanceSeconds(10);
        return Task(id);
    }

    public string Vms => "/api/vmm/v4.0/ahv/config/vms";

    public string ClusterId => (string)List("/api/clustermgmt/v4.0/config/clusters")[0]["extId"]!;

    /// <summary>Creates a VM and gives its extId.</summary>
    public string CreateVm(string name, params string[] gpus)
    {
        var body = $$"""{"name":"{{name}}","cluster":{"extId":"{{ClusterId}}"},"memorySizeBytes":8589934592,"gpus":[{{string.Join(',', gpus)}}]}""";
        var task = Finish(Write("POST", Vms, body));
        Assert.Equal("SUCCEEDED", (string?)task["status"]);
        return (string)task["entitiesAffected"]![0]!["extId"]!;
    }

    public JsonObject Act(string vm, string action, string? body = null) =>
        Finish(Write("POST", $"{Vms}/{vm}/$actions/{action}", body, etagOf: $"{Vms}/{vm}"));

    public JsonObject Vm(string extId) => (JsonObject)Get($"{Vms}/{extId}")["data"]!;

    /// <summary>The JSON of a passthrough GPU.</summary>
    public static string Gpu(int deviceId, string vendor = "NVIDIA", string mode = "PASSTHROUGH_COMPUTE") =>
        $$"""{"mode":"{{mode}}","vendor":"{{vendor}}","deviceId":{{deviceId}}}""";
}
