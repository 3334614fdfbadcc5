using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace CudaWasm.Host.Tests.Worker;

public class WorkerLaunchTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_published_kernel_runs_with_the_inputs_and_answers_with_the_outputs()
    {
        await using var worker = await TestWorker.StartAsync();
        var kernel = await worker.PublishAsync("saxpy", TestWorker.Saxpy);
        Assert.Equal("const float *", (string?)kernel["kernels"]![0]!["parameters"]![2]!["type"]);

        const string launch = """
            {"grid": [2], "block": [2, 1, 1], "arguments": [{"int": 3}, {"float": 2}, {"buffer": "float", "count": 3, "input": "x"}, {"buffer": "float", "count": 3, "input": "y", "output": "z"}]}
            """;
        var (report, outputs) = await TestWorker.ResultAsync(worker.Red.PostAsync(
            "v1/kernels/saxpy/launch", TestWorker.Message(launch, ("x", TestWorker.Bytes(1f, 2f, 3f)), ("y", TestWorker.Bytes(10f, 20f, 30f))), Cancellation));

        Assert.Equal(("saxpy", "cpu"), ((string?)report["kernel"], (string?)report["device"]));
        Assert.Equal([12f, 24f, 36f], MemoryMarshal.Cast<byte, float>(outputs["z"]).ToArray());
    }

    [Fact]
    public async Task A_launch_without_inputs_is_plain_json_both_ways()
    {
        await using var worker = await TestWorker.StartAsync();
        await worker.PublishAsync("hello", """__global__ void hello(int n) { printf("hello %d\n", n); }""");

        var (report, _) = await TestWorker.ResultAsync(worker.Red.PostAsync("v1/kernels/hello/launch", TestWorker.Json("""{"grid": 1, "block": 1, "arguments": [{"int": 7}]}"""), Cancellation));

        Assert.Equal("hello 7\n", (string?)report["printed"]);
    }

    [Fact]
    public async Task Templates_headers_and_macros_are_published_with_the_source()
    {
        await using var worker = await TestWorker.StartAsync();
        var source = new JsonObject
        {
            ["source"] = "#include \"math/scale.cuh\"\n#include <offset.h>\ntemplate <typename T> __global__ void k(T *x) { x[0] = scale(x[0]) + OFFSET + N; }",
            ["headers"] = new JsonObject { ["math/scale.cuh"] = "#include \"../two.h\"\ntemplate <typename T> __device__ T scale(T x) { return TWO * x; }", ["two.h"] = "#define TWO 2", ["inc/offset.h"] = "#define OFFSET 10" },
            ["includePaths"] = new JsonArray("inc"),
            ["defines"] = new JsonObject { ["N"] = "100" },
            ["kernels"] = new JsonArray("k<double>"),
        };
        using var published = await worker.Red.PutAsync("v1/kernels/k", TestWorker.Json(source.ToJsonString()), Cancellation);
        Assert.Equal(HttpStatusCode.Created, published.StatusCode);

        var (_, outputs) = await TestWorker.ResultAsync(worker.Red.PostAsync(
            "v1/kernels/k/launch", TestWorker.Json("""{"kernel": "k<double>", "grid": 1, "block": 1, "arguments": [{"buffer": "double", "count": 1, "fill": 4, "output": "x"}]}"""), Cancellation));

        Assert.Equal(118, BitConverter.ToDouble(outputs["x"]));
    }

    [Fact]
    public async Task Globals_are_fresh_for_each_launch_and_are_inputs_and_outputs()
    {
        await using var worker = await TestWorker.StartAsync();
        await worker.PublishAsync("count", "__device__ int calls = 40; __constant__ int step[2]; __global__ void count() { calls += step[1]; }");
        const string launch = """{"grid": 1, "block": 1, "symbols": {"step": {"input": "step"}, "calls": {"output": "calls"}}}""";

        foreach (var step in new[] { 2, 3 })
        {
            var (_, outputs) = await TestWorker.ResultAsync(worker.Red.PostAsync("v1/kernels/count/launch", TestWorker.Message(launch, ("step", TestWorker.Bytes(0, step))), Cancellation));
            Assert.Equal(40 + step, BitConverter.ToInt32(outputs["calls"]));
        }
    }

    [Fact]
    public async Task A_source_may_travel_along_and_is_not_kept()
    {
        await using var worker = await TestWorker.StartAsync();
        var message = new MultipartFormDataContent
        {
            { TestWorker.Json("""{"source": "__global__ void k(int *x) { x[0] *= N; }", "defines": {"N": "6"}}"""), "source" },
            { TestWorker.Json("""{"grid": 1, "block": 1, "arguments": [{"buffer": "int", "count": 1, "input": "x", "output": "x"}]}"""), "launch" },
            { new ByteArrayContent(TestWorker.Bytes(7)), "x" },
        };

        var (_, outputs) = await TestWorker.ResultAsync(worker.Red.PostAsync("v1/launch", message, Cancellation));

        Assert.Equal(TestWorker.Bytes(42), outputs["x"]);
        Assert.Equal("""{"kernels":[]}""", await worker.Red.GetStringAsync("v1/kernels", Cancellation));
    }

    [Fact]
    public async Task A_launch_without_the_source_it_needs_is_refused()
    {
        await using var worker = await TestWorker.StartAsync();

        var (status, _) = await TestWorker.ProblemAsync(worker.Red.PostAsync("v1/launch", TestWorker.Message("""{"grid": 1, "block": 1}"""), Cancellation));

        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Fact]
    public async Task A_large_buffer_goes_through_whole()
    {
        await using var worker = await TestWorker.StartAsync();
        await worker.PublishAsync("negate", "__global__ void negate(unsigned char *x, int n) { for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) x[i] = ~x[i]; }");
        const int count = (5 << 20) + 3;
        var content = new byte[count];
        new Random(7).NextBytes(content);

        var (_, outputs) = await TestWorker.ResultAsync(worker.Red.PostAsync(
            "v1/kernels/negate/launch",
            TestWorker.Message($$"""{"grid": 64, "block": 256, "arguments": [{"buffer": "uchar", "count": {{count}}, "input": "x", "output": "x"}, {"int": {{count}}}]}""", ("x", content)),
            Cancellation));

        Assert.Equal(content.Select(b => (byte)~b), outputs["x"]);
        Assert.Equal(count, await worker.MetricAsync("cuda_wasm_received_bytes_total"));
        Assert.Equal(count, await worker.MetricAsync("cuda_wasm_sent_bytes_total"));
    }

    [Fact]
    public async Task A_stray_access_is_told_with_its_line_and_the_worker_goes_on()
    {
        await using var worker = await TestWorker.StartAsync();
        await worker.PublishAsync("stray", "__global__ void stray(int *x) {\n  x[threadIdx.x + 1] = 1;\n}");

        var (status, problem) = await TestWorker.ProblemAsync(worker.Red.PostAsync("v1/kernels/stray/launch", TestWorker.Json("""{"grid": 1, "block": 4, "arguments": [{"buffer": "int", "count": 4}]}"""), Cancellation));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("CW4010", problem.GetProperty("code").GetString());
        Assert.Equal(2, problem.GetProperty("diagnostics")[0].GetProperty("line").GetInt32());
        Assert.Equal(HttpStatusCode.OK, (await worker.Red.GetAsync("readyz", Cancellation)).StatusCode);
        Assert.Equal(1, await worker.MetricAsync("cuda_wasm_launches_total{tenant=\"red\",result=\"failed\"}"));
    }

    [Fact]
    public async Task A_kernel_without_end_is_stopped_at_the_time_asked_for()
    {
        await using var worker = await TestWorker.StartAsync();
        await worker.PublishAsync("endless", TestWorker.Endless);

        var (status, problem) = await TestWorker.ProblemAsync(worker.Red.PostAsync(
            "v1/kernels/endless/launch", TestWorker.Json("""{"grid": 1, "block": 1, "timeoutSeconds": 0.05, "arguments": [{"buffer": "int", "count": 1}]}"""), Cancellation));

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "CW4015"), (status, problem.GetProperty("code").GetString()));
        Assert.Equal(1, await worker.MetricAsync("cuda_wasm_launches_total{tenant=\"red\",result=\"timeout\"}"));
        Assert.Equal(0, await worker.MetricAsync("cuda_wasm_device_memory_bytes"));
    }

    [Fact]
    public async Task A_launch_whose_caller_leaves_is_stopped_and_gives_its_memory_back()
    {
        await using var worker = await TestWorker.StartAsync();
        await worker.PublishAsync("endless", TestWorker.Endless);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var launch = worker.Red.PostAsync("v1/kernels/endless/launch", TestWorker.Json(TestWorker.EndlessLaunch), leave.Token);
        await TestWorker.UntilAsync(async () => await worker.MetricAsync("cuda_wasm_launches_running") == 1);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => launch);
        await TestWorker.UntilAsync(async () => await worker.MetricAsync("cuda_wasm_device_memory_bytes") == 0);
        await worker.PublishAsync("next", "__global__ void next() { }");
        await TestWorker.ResultAsync(worker.Red.PostAsync("v1/kernels/next/launch", TestWorker.Json("""{"grid": 1, "block": 1}"""), Cancellation));
    }

    [Fact]
    public async Task What_a_kernel_prints_is_kept_up_to_a_limit()
    {
        await using var worker = await TestWorker.StartAsync(o => o with { Limits = o.Limits with { MaxPrintedChars = 100 } });
        await worker.PublishAsync("chatty", """__global__ void chatty() { printf("0123456789"); }""");

        var (report, _) = await TestWorker.ResultAsync(worker.Red.PostAsync("v1/kernels/chatty/launch", TestWorker.Json("""{"grid": 1, "block": 64}"""), Cancellation));

        Assert.Equal(100, ((string?)report["printed"])!.Length);
        Assert.True((bool?)report["isPrintedCut"]);
    }
}
