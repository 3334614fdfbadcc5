using CudaWasm.Runtime;
using CudaWasm.Runtime.Remote;
using GpuPlatform;
using GpuPlatform.Manifests.CloudInit;
using GpuPlatform.Workers;
using Nutanix.Prism;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Hosting;
using Nutanix.Prism.Workers;

namespace CudaWasm.Host.Tests.Worker;

/// <summary>From a GPU machine of the simulator to a launch: a worker that really runs stands in for the machine's.</summary>
public sealed class WorkerPlatformTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_worker_is_discovered_for_provisioned_deployed_to_and_torn_down()
    {
        using var central = new HttpListenerSimulatorHost(new PrismSimulator(new SimulatorOptions { GpuModels = ["MI210"], Vms = 0, TaskDurationScale = 0 }));
        using var client = await PrismClient.ConnectAsync(new PrismConnectionOptions { Server = central.Start().AbsoluteUri, Credential = new BasicCredential("admin", "nutanix/4u") }, Cancellation);
        await using var worker = await TestWorker.StartAsync();
        using var network = new Detour(worker.Url);
        using var platform = new NutanixPlatform(client, network);

        var host = await platform.GetGpuHostsAsync(null, Cancellation).FirstAsync(h => h.FreeGpuCount > 0, Cancellation);
        var made = await platform.ProvisionAsync(await RequestAsync(client, host), null, Cancellation);
        Assert.Equal(WorkerState.Ready, made.State);
        Assert.Equal(made.Endpoint, network.Wanted);

        await using (var way = await platform.ConnectAsync(made, Cancellation))
        {
            Assert.Equal(made.Endpoint, way.Endpoint);
            using var remote = new RemoteWorker(worker.Url, new RemoteWorkerOptions { ApiKey = TestWorker.RedKey });
            await remote.PublishAsync("saxpy", KernelPackageReader.Read(_folder.Write("saxpy.cu", TestWorker.Saxpy), [], new Dictionary<string, string>(), [], Cancellation).Package, Cancellation);
            float[] y = [1, 2];
            await remote.LaunchAsync("saxpy", null, new LaunchConfiguration(1, 2), [2, 2f, new float[] { 10, 20 }, y], cancellationToken: Cancellation);
            Assert.Equal([21f, 42f], y);
        }

        await platform.RemoveAsync(made, null, Cancellation);
        Assert.Empty(await platform.GetWorkersAsync(Cancellation).ToListAsync(Cancellation));
    }

    private static async Task<NutanixWorkerRequest> RequestAsync(PrismClient client, GpuHost host) => new()
    {
        Machine = new GpuVmRequest
        {
            Name = "w1",
            Cluster = host.ClusterId!,
            DiskBytes = 10L << 30,
            Subnets = [(await client.GetSubnetsAsync(Cancellation).FirstAsync(s => s.ClusterIds.Contains(host.ClusterId!), Cancellation)).ExtId],
            Gpus = [new VmGpuRequest { Name = "MI210" }],
        },
        Guest = new GpuCloudInitOptions
        {
            GpuVendor = GpuVendor.Amd,
            Worker = new WorkerServiceOptions { Program = new Uri("https://files.example/cuda-wasm"), Sha256 = new string('a', 64), ApiKeys = $"red:{TestWorker.RedKey}" },
        },
    };

    /// <summary>Leads to the worker here whatever address of the machine's is asked for.</summary>
    private sealed class Detour(Uri here) : DelegatingHandler(new SocketsHttpHandler())
    {
        public Uri? Wanted { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Wanted = new Uri(request.RequestUri!.GetLeftPart(UriPartial.Authority));
            request.RequestUri = new Uri(here, request.RequestUri.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
