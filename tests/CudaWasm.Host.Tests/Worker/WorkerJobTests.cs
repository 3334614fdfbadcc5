using System.Net;

namespace CudaWasm.Host.Tests.Worker;

public class WorkerJobTests
{
    private const string AddOne = "__global__ void add(int *x) { x[threadIdx.x] += 1; }";
    private const string AddLaunch = """{"grid": 1, "block": 2, "arguments": [{"buffer": "int", "count": 2, "input": "x", "output": "y"}]}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<string> StartAsync(HttpClient client, string kernel, HttpContent content)
    {
        using var response = await client.PostAsync($"v1/jobs?kernel={kernel}", content, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return response.Headers.Location!.ToString();
    }

    [Fact]
    public async Task A_job_ends_and_its_outputs_are_kept_until_it_is_removed()
    {
        await using var worker = await TestWorker.StartAsync();
        await worker.PublishAsync("add", AddOne);
        var location = await StartAsync(worker.Red, "add", TestWorker.Message(AddLaunch, ("x", TestWorker.Bytes(41, 1))));

        var job = await worker.JobAsync(location, status => status is not ("queued" or "running"));

        Assert.Equal("succeeded", (string?)job["status"]);
        Assert.Equal("y", (string?)job["result"]!["outputs"]![0]!["name"]);
        Assert.Equal(TestWorker.Bytes(42, 2), await worker.Red.GetByteArrayAsync($"{location[1..]}/outputs/y", Cancellation));
        Assert.Equal(HttpStatusCode.NotFound, (await worker.Red.GetAsync($"{location[1..]}/outputs/x", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await worker.Blue.GetAsync(location[1..], Cancellation)).StatusCode);
        Assert.Equal(8, await worker.MetricAsync("cuda_wasm_device_memory_bytes"));

        Assert.Equal(HttpStatusCode.NoContent, (await worker.Red.DeleteAsync(location[1..], Cancellation)).StatusCode);

        Assert.Equal(0, await worker.MetricAsync("cuda_wasm_device_memory_bytes"));
        Assert.Equal(HttpStatusCode.NotFound, (await worker.Red.GetAsync(location[1..], Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Running_and_waiting_jobs_can_be_cancelled()
    {
        await using var worker = await TestWorker.StartAsync();
        await worker.PublishAsync("endless", TestWorker.Endless);
        var first = await StartAsync(worker.Red, "endless", TestWorker.Json(TestWorker.EndlessLaunch));
        var second = await StartAsync(worker.Red, "endless", TestWorker.Json(TestWorker.EndlessLaunch));
        await worker.JobAsync(first, status => status == "running");

        foreach (var location in new[] { second, first })
        {
            using var cancelled = await worker.Red.PostAsync($"{location[1..]}/cancel", null, Cancellation);
            Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
            Assert.NotNull((await worker.JobAsync(location, status => status == "cancelled"))["endedAt"]);
        }

        Assert.Equal(0, await worker.MetricAsync("cuda_wasm_device_memory_bytes"));
    }

    [Fact]
    public async Task Launches_go_on_while_a_job_runs()
    {
        await using var worker = await TestWorker.StartAsync();
        await worker.PublishAsync("endless", TestWorker.Endless);
        await worker.PublishAsync("add", AddOne);
        var location = await StartAsync(worker.Red, "endless", TestWorker.Json(TestWorker.EndlessLaunch));
        await worker.JobAsync(location, status => status == "running");

        var (_, outputs) = await TestWorker.ResultAsync(worker.Red.PostAsync("v1/kernels/add/launch", TestWorker.Message(AddLaunch, ("x", TestWorker.Bytes(1, 2))), Cancellation));

        Assert.Equal(TestWorker.Bytes(2, 3), outputs["y"]);
    }

    [Fact]
    public async Task A_job_that_fails_tells_why()
    {
        await using var worker = await TestWorker.StartAsync();
        await worker.PublishAsync("divide", "__global__ void divide(int *x) { x[0] = 1 / x[0]; }");
        var location = await StartAsync(worker.Red, "divide", TestWorker.Json(TestWorker.EndlessLaunch));

        var job = await worker.JobAsync(location, status => status == "failed");

        Assert.Equal("CW4012", (string?)job["problem"]!["code"]);
    }

    [Fact]
    public async Task A_tenant_has_so_many_open_jobs_and_no_more()
    {
        await using var worker = await TestWorker.StartAsync(o => o with { Limits = o.Limits with { MaxTenantJobs = 1 } });
        await worker.PublishAsync("endless", TestWorker.Endless);
        await StartAsync(worker.Red, "endless", TestWorker.Json(TestWorker.EndlessLaunch));

        Assert.Equal(HttpStatusCode.TooManyRequests, (await TestWorker.ProblemAsync(worker.Red.PostAsync("v1/jobs?kernel=endless", TestWorker.Json(TestWorker.EndlessLaunch), Cancellation))).Status);
    }

    [Fact]
    public async Task Jobs_that_ended_are_forgotten_after_a_while()
    {
        var clock = new ManualClock();
        await using var worker = await TestWorker.StartAsync(o => o with { Clock = clock });
        await worker.PublishAsync("add", AddOne);
        var location = await StartAsync(worker.Red, "add", TestWorker.Message(AddLaunch, ("x", TestWorker.Bytes(1, 2))));
        await worker.JobAsync(location, status => status == "succeeded");

        clock.Now += TimeSpan.FromMinutes(11);

        Assert.Equal(HttpStatusCode.NotFound, (await worker.Red.GetAsync(location[1..], Cancellation)).StatusCode);
        Assert.Equal(0, await worker.MetricAsync("cuda_wasm_device_memory_bytes"));
    }

    private sealed class ManualClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
