using System.Net;
using System.Net.Http.Headers;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Serialization;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime.Remote;
using CudaWasm.Tests.Support;

namespace CudaWasm.Host.Tests.Worker;

public sealed class WorkerCompiledKernelTests : IDisposable
{
    private const string Launch = """{"grid": 1, "block": 4, "arguments": [{"int": 4}, {"float": 2}, {"buffer": "float", "count": 4, "fill": 3}, {"buffer": "float", "count": 4, "fill": 4, "output": "y"}]}""";

    private readonly WorkFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_compile_writes_can_be_published_and_launched_and_survives_a_restart()
    {
        var file = _folder.Path("saxpy.cukernel");
        var run = new HostRun();
        Assert.Equal(0, await run.RunAsync("compile", _folder.Write("saxpy.cu", TestWorker.Saxpy), "--target", "portable", "-o", file));
        await using (var first = await TestWorker.StartAsync(folder: _folder))
        {
            using var remote = new RemoteWorker(first.Url, new RemoteWorkerOptions { ApiKey = TestWorker.RedKey });
            var published = await remote.PublishAsync("saxpy", await File.ReadAllBytesAsync(file, Cancellation), Cancellation);
            Assert.Equal("compiled", published.Form);
            Assert.Equal(["saxpy(int n, float a, const float * x, float * y)"], published.Kernels!.Select(k => k.ToString()));
            Assert.Equal(10f, await LaunchAsync(first));
            Assert.Equal("compiled", (await remote.ListAsync(Cancellation)).Single().Form);
        }

        await using var second = await TestWorker.StartAsync(folder: _folder);
        Assert.Equal(10f, await LaunchAsync(second));
        Assert.Equal(0, await second.MetricAsync("cuda_wasm_compile_cache_misses_total"));
    }

    [Fact]
    public async Task A_file_that_is_refused_is_not_kept()
    {
        await using var worker = await TestWorker.StartAsync(folder: _folder);
        var good = Compile(TestWorker.Saxpy);
        var older = good.ToArray();
        older[10] ^= 0xFF;
        foreach (var (file, says) in new[] { (older, "whose format"), (good[..^3], "checksum"), (good[..9], "cut off"), ([], "no compiled kernel"), ("text"u8.ToArray(), "no compiled kernel") })
        {
            var (status, problem) = await TestWorker.ProblemAsync(PutAsync(worker, "k", file));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
            Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await worker.Red.GetAsync("v1/kernels/k", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Mutilated_files_are_answered_with_problems_or_run_within_their_bounds()
    {
        await using var worker = await TestWorker.StartAsync(o => o with { Limits = o.Limits with { MaxLaunchTime = TimeSpan.FromMilliseconds(50) } }, _folder);
        var good = Compile(TestWorker.Saxpy);
        var refused = 0;
        for (var seed = 0; seed < 150; seed++)
        {
            using var answer = await PutAsync(worker, "k", KernelFileDamage.Mutilate(good, new Random(seed)));
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge, $"seed {seed}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancellation)}");
            if (!answer.IsSuccessStatusCode)
            {
                refused++;
                continue;
            }

            using var launched = await worker.Red.PostAsync("v1/kernels/k/launch", TestWorker.Json(Launch), Cancellation);
            Assert.True(launched.StatusCode is HttpStatusCode.OK or HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest, $"seed {seed}: {launched.StatusCode} {await launched.Content.ReadAsStringAsync(Cancellation)}");
        }

        Assert.InRange(refused, 50, 149);
        Assert.Equal(HttpStatusCode.Created, (await PutAsync(worker, "good", good)).StatusCode);
    }

    [Theory]
    [InlineData("__global__ void k(int *x) { int big[1 << 20]; for (int i = 0; i < 1 << 20; i++) big[i ^ x[0]] = i; x[0] = big[x[1]]; }", "local variables")]
    [InlineData("__device__ char big[100 << 20]; __global__ void k(char *x) { x[0] = big[x[1]]; }", "__device__")]
    public async Task Kernels_with_vast_variables_are_refused_in_either_form(string source, string says)
    {
        await using var worker = await TestWorker.StartAsync(folder: _folder);
        var (status, problem) = await TestWorker.ProblemAsync(PutAsync(worker, "k", Compile(source)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);

        await worker.PublishAsync("source", source);
        (status, problem) = await TestWorker.ProblemAsync(worker.Red.PostAsync(
            "v1/kernels/source/launch", TestWorker.Json("""{"grid": 1, "block": 1, "arguments": [{"buffer": "int", "count": 4}]}""".Replace("int", source.Contains("char *x", StringComparison.Ordinal) ? "char" : "int", StringComparison.Ordinal)), Cancellation));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static async Task<float> LaunchAsync(TestWorker worker)
    {
        var (_, outputs) = await TestWorker.ResultAsync(worker.Red.PostAsync("v1/kernels/saxpy/launch", TestWorker.Json(Launch), Cancellation));
        return BitConverter.ToSingle(outputs["y"]);
    }

    private static byte[] Compile(string source) => CompiledKernelFile.Write(CudaCompiler.Compile(new SourceText("k.cu", source), new CompileOptions { CancellationToken = Cancellation }));

    private static Task<HttpResponseMessage> PutAsync(TestWorker worker, string name, byte[] file) =>
        worker.Red.PutAsync($"v1/kernels/{name}", new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue(CompiledKernelFile.MediaType) } }, Cancellation);
}
