using System.Net;
using CudaWasm.Host.Worker;

namespace CudaWasm.Host.Tests.Worker;

public class WorkerLimitTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<TestWorker> StartAsync(Func<WorkerLimits, WorkerLimits> limits) => TestWorker.StartAsync(o => o with { Limits = limits(o.Limits) });

    private static Task<HttpResponseMessage> LaunchEndless(HttpClient client, CancellationToken cancellation) =>
        client.PostAsync("v1/kernels/endless/launch", TestWorker.Json(TestWorker.EndlessLaunch), cancellation);

    [Fact]
    public async Task A_full_queue_answers_429_and_when_to_try_again()
    {
        await using var worker = await StartAsync(l => l with { MaxQueueLength = 1, MaxLaunchTime = TimeSpan.FromMinutes(10) });
        await worker.PublishAsync("endless", TestWorker.Endless);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = LaunchEndless(worker.Red, leave.Token);
        await TestWorker.UntilAsync(async () => await worker.MetricAsync("cuda_wasm_launches_running") == 1);
        var waiting = LaunchEndless(worker.Red, leave.Token);
        await TestWorker.UntilAsync(async () => await worker.MetricAsync("cuda_wasm_queue_length") == 1);

        using var refused = await LaunchEndless(worker.Red, Cancellation);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        Assert.Equal(1, await worker.MetricAsync("cuda_wasm_requests_rejected_total{reason=\"full\"}"));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(running, waiting));
        await TestWorker.UntilAsync(async () => await worker.MetricAsync("cuda_wasm_device_memory_bytes") == 0);
    }

    [Fact]
    public async Task One_tenants_requests_leave_room_for_the_others()
    {
        await using var worker = await StartAsync(l => l with { MaxTenantRequests = 1, MaxLaunchTime = TimeSpan.FromMinutes(10) });
        await worker.PublishAsync("endless", TestWorker.Endless);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = LaunchEndless(worker.Red, leave.Token);
        await TestWorker.UntilAsync(async () => await worker.MetricAsync("cuda_wasm_launches_running") == 1);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await TestWorker.ProblemAsync(worker.Red.GetAsync("v1/kernels", Cancellation))).Status);
        Assert.Equal(HttpStatusCode.OK, (await worker.Blue.GetAsync("v1/kernels", Cancellation)).StatusCode);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await TestWorker.UntilAsync(async () => (await worker.Red.GetAsync("v1/kernels", Cancellation)).StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Memory_in_use_is_429_and_memory_over_the_limit_is_413()
    {
        await using var worker = await StartAsync(l => l with { MaxMemoryBytes = 1000, MaxTenantMemoryBytes = 800, MaxLaunchTime = TimeSpan.FromMinutes(10) });
        await worker.PublishAsync("endless", TestWorker.Endless);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = Launch(worker.Red, 150, leave.Token);
        await TestWorker.UntilAsync(async () => await worker.MetricAsync("cuda_wasm_device_memory_bytes") == 600);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await TestWorker.ProblemAsync(Launch(worker.Red, 100, Cancellation))).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await TestWorker.ProblemAsync(Launch(worker.Red, 201, Cancellation))).Status);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        static Task<HttpResponseMessage> Launch(HttpClient client, int count, CancellationToken cancellation) => client.PostAsync(
            "v1/kernels/endless/launch", TestWorker.Json(TestWorker.EndlessLaunch.Replace("\"count\": 1", $"\"count\": {count}", StringComparison.Ordinal)), cancellation);
    }

    [Fact]
    public async Task A_tenant_has_so_many_kernels_and_no_more()
    {
        await using var worker = await StartAsync(l => l with { MaxTenantKernels = 1 });
        await worker.PublishAsync("one", TestWorker.Saxpy);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await TestWorker.ProblemAsync(worker.Red.PutAsync("v1/kernels/two", new StringContent(TestWorker.Saxpy), Cancellation))).Status);
        await worker.PublishAsync("one", TestWorker.Endless);
        await worker.PublishAsync("two", TestWorker.Saxpy, worker.Blue);
    }
}
