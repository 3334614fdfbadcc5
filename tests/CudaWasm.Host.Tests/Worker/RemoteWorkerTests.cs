using System.Net;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Remote;

namespace CudaWasm.Host.Tests.Worker;

public sealed class RemoteWorkerTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    private static RemoteWorker Client(TestWorker worker) => new(worker.Url, new RemoteWorkerOptions { ApiKey = TestWorker.RedKey, MaxRetries = 0 });

    [Fact]
    public async Task A_published_kernel_is_launched_by_its_name()
    {
        await using var worker = await TestWorker.StartAsync();
        using var client = Client(worker);
        var package = KernelPackageReader.Read(_folder.Write("saxpy.cu", TestWorker.Saxpy), [], new Dictionary<string, string>(), [], Cancellation).Package;
        await client.PublishAsync("saxpy", package, Cancellation);
        float[] x = [1, 2, 3];
        float[] y = [10, 20, 30];

        var result = await client.LaunchAsync("saxpy", null, new LaunchConfiguration(1, 3), [3, 2f, x, y], cancellationToken: Cancellation);

        Assert.Equal([12f, 24f, 36f], y);
        Assert.Equal("saxpy", result.Kernel);
    }

    [Fact]
    public async Task Structs_halves_and_textures_travel()
    {
        await using var worker = await TestWorker.StartAsync();
        using var client = Client(worker);
        var path = _folder.Write("k.cu", """
            #include <cuda_fp16.h>
            struct Pair { int a; float b; };
            __global__ void k(Pair by, __half *x, Pair *pairs, bool *flags, cudaTextureObject_t texture)
            {
                x[0] = __float2half(by.b * __half2float(x[0]));
                pairs[0].a += by.a;
                flags[0] = !flags[0];
                pairs[0].b = tex2D<float>(texture, 1, 1);
            }
            """);
        var source = KernelPackageReader.Read(path, [], new Dictionary<string, string>(), [], Cancellation);
        var kernel = KernelCompiler.Find(source.Compilation, path, "k");
        Half[] x = [(Half)3];
        byte[] pairs = TestWorker.Bytes(1, 0);
        byte[] flags = [0];
        byte[] by = [.. TestWorker.Bytes(41), .. TestWorker.Bytes(2f)];
        float[,] texels = { { 1, 2 }, { 3, 4 } };

        await client.LaunchAsync(source, kernel, new LaunchConfiguration(1, 1), [by, x, pairs, flags, texels], cancellationToken: Cancellation);

        Assert.Equal((Half)6, x[0]);
        Assert.Equal((42, 4f, (byte)1), (BitConverter.ToInt32(pairs), BitConverter.ToSingle(pairs, 4), flags[0]));
    }

    [Fact]
    public async Task What_cannot_travel_is_told_before_it_is_sent()
    {
        var path = _folder.Write("saxpy.cu", TestWorker.Saxpy);
        var source = KernelPackageReader.Read(path, [], new Dictionary<string, string>(), [], Cancellation);
        var kernel = KernelCompiler.Find(source.Compilation, path, "saxpy");
        using var client = new RemoteWorker(new Uri("http://127.0.0.1:1"));
        float[] x = [1];

        Assert.Contains("given twice", (await Assert.ThrowsAsync<KernelArgumentException>(() => client.LaunchAsync(source, kernel, new LaunchConfiguration(1, 1), [1, 2f, x, x], cancellationToken: Cancellation))).Message, StringComparison.Ordinal);
        Assert.Contains("null pointer", (await Assert.ThrowsAsync<KernelArgumentException>(() => client.LaunchAsync(source, kernel, new LaunchConfiguration(1, 1), [1, 2f, x, null], cancellationToken: Cancellation))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_is_located_in_the_source_here()
    {
        await using var worker = await TestWorker.StartAsync();
        using var client = Client(worker);
        var path = _folder.Write("stray.cu", "__global__ void stray(int *x) {\n    x[1] = 1;\n}");
        var source = KernelPackageReader.Read(path, [], new Dictionary<string, string>(), [], Cancellation);

        var error = await Assert.ThrowsAsync<RemoteKernelException>(() => client.LaunchAsync(
            source, source.Compilation.Kernels[0], new LaunchConfiguration(1, 1), [new int[1]], cancellationToken: Cancellation));

        var span = Assert.Single(error.Diagnostics).Span;
        Assert.Equal((path, 2), (span.Path, span.Line));
    }

    [Fact]
    public async Task A_full_worker_is_asked_again_when_it_says()
    {
        await using var worker = await TestWorker.StartAsync(o => o with { Limits = o.Limits with { MaxTenantKernels = 1 } });
        using var patient = new RemoteWorker(worker.Url, new RemoteWorkerOptions { ApiKey = TestWorker.RedKey, MaxRetries = 1 });
        var package = new KernelPackage { Source = TestWorker.Saxpy };
        await patient.PublishAsync("one", package, Cancellation);

        var error = await Assert.ThrowsAsync<RemoteWorkerException>(() => patient.PublishAsync("two", package, Cancellation));

        Assert.Equal(HttpStatusCode.TooManyRequests, error.Status);
        Assert.Equal(2, await worker.MetricAsync("cuda_wasm_http_responses_total{status=\"429\"}"));
    }
}
