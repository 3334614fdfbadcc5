using System.Net;
using CudaWasm.Host.Worker;

namespace CudaWasm.Host.Tests.Worker;

public sealed class WorkerStoreTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Published_kernels_are_there_after_a_restart_and_run()
    {
        string? version;
        await using (var first = await TestWorker.StartAsync(folder: _folder))
            version = (string?)(await first.PublishAsync("saxpy", TestWorker.Saxpy))["version"];

        await using var second = await TestWorker.StartAsync(folder: _folder);
        using var kernel = await second.Red.GetAsync("v1/kernels/saxpy", Cancellation);
        Assert.Equal($"\"{version}\"", kernel.Headers.ETag?.Tag);
        var (_, outputs) = await TestWorker.ResultAsync(second.Red.PostAsync(
            "v1/kernels/saxpy/launch",
            TestWorker.Json("""{"grid": 1, "block": 1, "arguments": [{"int": 1}, {"float": 2}, {"buffer": "float", "count": 1, "fill": 3}, {"buffer": "float", "count": 1, "fill": 4, "output": "y"}]}"""),
            Cancellation));
        Assert.Equal(10f, BitConverter.ToSingle(outputs["y"]));
        Assert.Equal(1, await second.MetricAsync("cuda_wasm_kernel_cache_misses_total"));
        Assert.Equal((1, 0), await CompileCacheAsync(second));
    }

    [Fact]
    public async Task What_tenants_publish_alike_is_compiled_once()
    {
        await using var worker = await TestWorker.StartAsync(folder: _folder);
        await worker.PublishAsync("saxpy", TestWorker.Saxpy, worker.Red);
        await worker.PublishAsync("mine", TestWorker.Saxpy, worker.Blue);

        Assert.Equal((0, 1), await CompileCacheAsync(worker));
        Assert.Equal(HttpStatusCode.NotFound, (await worker.Blue.GetAsync("v1/kernels/saxpy", Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(-1)]
    public async Task A_damaged_compiled_form_is_made_anew(int keptBytes)
    {
        await using (var first = await TestWorker.StartAsync(folder: _folder))
            await first.PublishAsync("saxpy", TestWorker.Saxpy);
        var file = Assert.Single(Directory.GetFiles(_folder.Path("cache/compiled")));
        var whole = await File.ReadAllBytesAsync(file, Cancellation);
        var damaged = keptBytes < 0 ? [.. whole[..^20], (byte)~whole[^20], .. whole[^19..]] : whole[..keptBytes];
        await File.WriteAllBytesAsync(file, damaged, Cancellation);

        await using (var second = await TestWorker.StartAsync(folder: _folder))
        {
            Assert.Equal(HttpStatusCode.OK, (await second.Red.GetAsync("v1/kernels/saxpy", Cancellation)).StatusCode);
            Assert.Equal((0, 1), await CompileCacheAsync(second));
        }

        Assert.Equal(whole, await File.ReadAllBytesAsync(file, Cancellation));
    }

    [Fact]
    public async Task A_source_with_other_headers_is_another_one()
    {
        const string one = """{"source": "#include \"n.cuh\"\n__global__ void k(int *x) { x[0] = N; }", "headers": {"n.cuh": "#define N 1"}}""";
        await using var worker = await TestWorker.StartAsync(folder: _folder);
        foreach (var (body, expected) in new[] { (one, 1), (one.Replace("N 1", "N 2", StringComparison.Ordinal), 2) })
        {
            using var published = await worker.Red.PutAsync("v1/kernels/k", TestWorker.Json(body), Cancellation);
            var (_, outputs) = await TestWorker.ResultAsync(worker.Red.PostAsync(
                "v1/kernels/k/launch", TestWorker.Json("""{"grid": 1, "block": 1, "arguments": [{"buffer": "int", "count": 1, "output": "x"}]}"""), Cancellation));
            Assert.Equal(expected, BitConverter.ToInt32(outputs["x"]));
        }

        Assert.Equal((0, 2), await CompileCacheAsync(worker));
    }

    [Fact]
    public async Task Publishing_again_replaces_and_the_same_again_changes_nothing()
    {
        await using var worker = await TestWorker.StartAsync(folder: _folder);
        using var first = await worker.Red.PutAsync("v1/kernels/k", new StringContent(TestWorker.Saxpy), Cancellation);
        using var same = await worker.Red.PutAsync("v1/kernels/k", new StringContent(TestWorker.Saxpy), Cancellation);
        using var other = await worker.Red.PutAsync("v1/kernels/k", new StringContent(TestWorker.Endless), Cancellation);

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.OK], [first.StatusCode, same.StatusCode, other.StatusCode]);
        Assert.Equal(await first.Content.ReadAsStringAsync(Cancellation), await same.Content.ReadAsStringAsync(Cancellation));
        Assert.NotEqual(first.Headers.ETag, other.Headers.ETag);
    }

    [Fact]
    public async Task A_removed_kernel_stays_removed()
    {
        await using (var first = await TestWorker.StartAsync(folder: _folder))
        {
            await first.PublishAsync("k", TestWorker.Saxpy);
            Assert.Equal(HttpStatusCode.NoContent, (await first.Red.DeleteAsync("v1/kernels/k", Cancellation)).StatusCode);
        }

        await using var second = await TestWorker.StartAsync(folder: _folder);
        Assert.Equal(HttpStatusCode.NotFound, (await second.Red.GetAsync("v1/kernels/k", Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(-1)]
    public async Task A_damaged_file_is_put_aside_and_told(int keptBytes)
    {
        string file;
        await using (var first = await TestWorker.StartAsync(folder: _folder))
        {
            await first.PublishAsync("good", TestWorker.Saxpy);
            await first.PublishAsync("bad", TestWorker.Saxpy);
            file = _folder.Path("cache/t-red/k-bad.kernel");
        }

        var bytes = await File.ReadAllBytesAsync(file, Cancellation);
        if (keptBytes < 0)
            bytes[^20] ^= 1;
        else
            bytes = bytes[..keptBytes];
        await File.WriteAllBytesAsync(file, bytes, Cancellation);
        await File.WriteAllTextAsync(file + ".0.partial", "half", Cancellation);

        await using var second = await TestWorker.StartAsync(folder: _folder);
        Assert.Equal(HttpStatusCode.OK, (await second.Red.GetAsync("v1/kernels/good", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await second.Red.GetAsync("v1/kernels/bad", Cancellation)).StatusCode);
        Assert.Equal(1, await second.MetricAsync("cuda_wasm_kernels_damaged"));
        Assert.Equal(["k-bad.kernel.damaged", "k-good.kernel"], Directory.GetFiles(_folder.Path("cache/t-red")).Select(f => Path.GetFileName(f)).Order());
    }

    [Fact]
    public async Task A_file_under_another_name_is_not_taken_for_it()
    {
        await using (var first = await TestWorker.StartAsync(folder: _folder))
            await first.PublishAsync("a", TestWorker.Saxpy);
        File.Move(_folder.Path("cache/t-red/k-a.kernel"), _folder.Path("cache/t-red/k-b.kernel"));

        await using var second = await TestWorker.StartAsync(folder: _folder);

        Assert.Equal(HttpStatusCode.NotFound, (await second.Red.GetAsync("v1/kernels/b", Cancellation)).StatusCode);
    }

    private static async Task<(double Hits, double Misses)> CompileCacheAsync(TestWorker worker) =>
        (await worker.MetricAsync("cuda_wasm_compile_cache_hits_total"), await worker.MetricAsync("cuda_wasm_compile_cache_misses_total"));

    [Theory]
    [InlineData("a", true)]
    [InlineData("matrix.multiply_2-x", true)]
    [InlineData("a-", false)]
    [InlineData("A", false)]
    [InlineData("a/b", false)]
    [InlineData("..", false)]
    [InlineData("a\n", false)]
    public void Names_fit_files_and_urls(string name, bool isTaken) => Assert.Equal(isTaken, KernelStore.IsName(name));
}
