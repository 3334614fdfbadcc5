using System.Net;
using GpuPlatform;
using GpuPlatform.Manifests.CloudInit;
using GpuPlatform.Workers;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Workers;

namespace Nutanix.Prism.Tests.EndToEnd;

/// <summary>Workers on machines of the simulator; a handler stands in for the network between them and here.</summary>
public sealed class NutanixPlatformTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_is_waited_for_until_it_says_that_it_is_ready()
    {
        var server = new SimulatedPrism(Estate);
        using PrismClient client = await server.ConnectAsync();
        using var guest = new Guest(readyAfter: 3);
        using var platform = new NutanixPlatform(client, guest, server.Time);

        GpuWorker worker = await platform.ProvisionAsync(await RequestAsync(client), null, Stop);

        Assert.Equal((WorkerState.Ready, 1, 9000), (worker.State, worker.GpuCount, worker.Endpoint!.Port));
        Assert.Equal(4, guest.Asked.Count);
        Assert.All(guest.Asked, a => Assert.Equal(new Uri(worker.Endpoint, "/readyz"), a));
        string body = server.Requests.Single(r => r.Method == "POST" && r.Path.EndsWith("/ahv/config/vms", StringComparison.Ordinal)).Body;
        string userData = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(System.Text.Json.Nodes.JsonNode.Parse(body)!["guestCustomization"]!["config"]!["cloudInitScript"]!["value"]!.GetValue<string>()));
        Assert.Contains("cuda-wasm.service", userData, StringComparison.Ordinal);
        Assert.Contains("hostname: w1", userData, StringComparison.Ordinal);
        Assert.Equal([worker], await platform.GetWorkersAsync(Stop).ToListAsync(Stop));
        await using WorkerConnection way = await platform.ConnectAsync(worker, Stop);
        Assert.Equal(worker.Endpoint, way.Endpoint);

        await platform.RemoveAsync(worker, null, Stop);

        Assert.Empty(await client.GetVmsAsync(new VmQuery { Names = ["w1"] }, Stop).ToListAsync(Stop));
    }

    [Theory]
    [InlineData(false, "removed again", 0)]
    [InlineData(true, "was kept", 1)]
    public async Task A_worker_that_does_not_become_ready_is_removed_or_kept_as_asked(bool keep, string said, int left)
    {
        var server = new SimulatedPrism(Estate);
        using PrismClient client = await server.ConnectAsync();
        using var guest = new Guest(readyAfter: int.MaxValue);
        using var platform = new NutanixPlatform(client, guest, server.Time);
        NutanixWorkerRequest request = await RequestAsync(client) with { KeepOnFailure = keep, ReadyTimeout = TimeSpan.FromMinutes(2) };

        PlatformException e = await Assert.ThrowsAsync<PlatformException>(() => platform.ProvisionAsync(request, null, Stop));

        Assert.Contains("not been ready for 2 minutes", e.Message, StringComparison.Ordinal);
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.Equal(left, (await client.GetVmsAsync(new VmQuery { Names = ["w1"] }, Stop).ToListAsync(Stop)).Count);
    }

    [Fact]
    public async Task Being_stopped_tells_which_machine_goes_on()
    {
        var server = new SimulatedPrism(Estate);
        using PrismClient client = await server.ConnectAsync();
        using var stop = new CancellationTokenSource();
        using var guest = new Guest(readyAfter: int.MaxValue, onAsked: stop.Cancel);
        using var platform = new NutanixPlatform(client, guest, server.Time);
        NutanixWorkerRequest request = await RequestAsync(client);

        WorkerInterruptedException e = await Assert.ThrowsAsync<WorkerInterruptedException>(() => platform.ProvisionAsync(request, null, stop.Token));

        PrismVm vm = Assert.Single(await client.GetVmsAsync(new VmQuery { Names = ["w1"] }, Stop).ToListAsync(Stop));
        Assert.Contains(vm.ExtId, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_that_is_no_worker_is_never_removed()
    {
        var server = new SimulatedPrism(Estate with { Vms = 2 });
        using PrismClient client = await server.ConnectAsync();
        using var platform = new NutanixPlatform(client, null, server.Time);
        PrismVm vm = await client.GetVmsAsync(new VmQuery(), Stop).FirstAsync(Stop);
        var pretender = new GpuWorker { Platform = "Nutanix", Location = platform.Name, Name = vm.Name, Id = vm.ExtId };

        PlatformException e = await Assert.ThrowsAsync<PlatformException>(() => platform.RemoveAsync(pretender, null, Stop));

        Assert.Contains("was not made as a worker", e.Message, StringComparison.Ordinal);
        Assert.Empty(await platform.GetWorkersAsync(Stop).ToListAsync(Stop));
        Assert.Equal(vm.ExtId, (await client.GetVmAsync(vm.ExtId, Stop)).ExtId);
    }

    [Fact]
    public async Task A_worker_without_a_key_is_refused_before_anything_is_made()
    {
        var server = new SimulatedPrism(Estate);
        using PrismClient client = await server.ConnectAsync();
        using var platform = new NutanixPlatform(client, null, server.Time);
        NutanixWorkerRequest request = await RequestAsync(client);

        await Assert.ThrowsAsync<ArgumentException>(() => platform.ProvisionAsync(request with { Guest = request.Guest with { Worker = request.Guest.Worker! with { ApiKeys = null } } }, null, Stop));

        Assert.DoesNotContain(server.Requests, r => r.Method == "POST");
    }

    private static SimulatorOptions Estate { get; } = new() { GpuModels = ["MI210"], Vms = 0, TaskDurationScale = 0 };

    private static async Task<NutanixWorkerRequest> RequestAsync(PrismClient client)
    {
        string cluster = (await client.GetClustersAsync(Stop).FirstAsync(c => !c.IsPrismCentral, Stop)).ExtId;
        return new NutanixWorkerRequest
        {
            Machine = new GpuVmRequest
            {
                Name = "w1",
                Cluster = cluster,
                DiskBytes = 10L << 30,
                Subnets = [(await client.GetSubnetsAsync(Stop).FirstAsync(s => s.ClusterIds.Contains(cluster), Stop)).ExtId],
                Gpus = [new VmGpuRequest { Name = "MI210" }],
            },
            Guest = new GpuCloudInitOptions
            {
                GpuVendor = GpuVendor.Amd,
                Worker = new WorkerServiceOptions { Program = new Uri("https://files.example/cuda-wasm"), Sha256 = new string('a', 64), Port = 9000, ApiKeys = "default:key-0123456789abcdef" },
            },
        };
    }

    /// <summary>The worker of a machine: not there at first, then starting, then ready.</summary>
    private sealed class Guest(int readyAfter, Action? onAsked = null) : HttpMessageHandler
    {
        public List<Uri> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!);
            onAsked?.Invoke();
            return Asked.Count == 1
                ? Task.FromException<HttpResponseMessage>(new HttpRequestException("no route to host"))
                : Task.FromResult(new HttpResponseMessage(Asked.Count > readyAfter ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable));
        }
    }
}
