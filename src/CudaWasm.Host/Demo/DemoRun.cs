using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using CudaWasm.Host.Simulator;
using GpuPlatform;
using GpuPlatform.Manifests.CloudInit;
using GpuPlatform.Manifests.Kubernetes;
using Nutanix.Prism;
using Nutanix.Prism.Simulator;

namespace CudaWasm.Host.Demo;

/// <summary>
/// The main job from one end to the other, on an embedded Prism Central: find GPUs, make a machine, write manifests, run a kernel,
/// watch the GPU, tidy up.
/// </summary>
/// <param name="view">Shows it.</param>
/// <param name="central">The embedded Prism Central.</param>
/// <param name="watchTime">How long the new machine's GPUs are watched, counted from power-on.</param>
internal sealed class DemoRun(IDemoView view, PrismSimulator central, TimeSpan watchTime)
{
    private const string VmName = "cuda-wasm-demo";

    /// <summary>What is asked of the estate: two NVIDIA GPUs of at least 32 GiB on one host.</summary>
    private static readonly GpuPlacementRequest Request = new() { Vendor = GpuVendor.Nvidia, Count = 2, MemoryBytes = 32L << 30 };

    private static readonly TimeSpan SamplingInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Longest wait for the machine's removal where the demo was stopped or failed.</summary>
    private static readonly TimeSpan RemovalTime = TimeSpan.FromSeconds(10);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private DemoReport _report = new();

    /// <summary>What has been done so far; whole once <see cref="RunAsync"/> has returned.</summary>
    public DemoReport Report => _report with { DurationMs = _clock.ElapsedMilliseconds };

    /// <param name="cancellationToken">Stops the demo; the machine is removed all the same.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        view.Step("Start an embedded Prism Central and connect to it");
        await using var simulator = await KestrelSimulatorHost.StartAsync(central, cancellation: cancellationToken);
        await using var prism = await ConnectAsync(simulator.Url, cancellationToken);

        var hosts = await ListHostsAsync(prism, cancellationToken);
        var vm = await CreateVmAsync(prism, ChooseHost(hosts), cancellationToken);
        try
        {
            var poweredOn = await PowerOnAsync(prism, vm, cancellationToken);
            WriteManifests();
            await RunKernelAsync(cancellationToken);
            await WatchAsync(prism, vm, poweredOn, cancellationToken);
        }
        catch
        {
            await RemoveAfterFailureAsync(prism, vm);
            throw;
        }

        await RemoveAsync(prism, vm, cancellationToken);
        view.Fact(string.Create(CultureInfo.InvariantCulture, $"all done in {_clock.Elapsed.TotalSeconds:0.0} s"));
    }

    private async Task<PrismClient> ConnectAsync(Uri url, CancellationToken cancellationToken)
    {
        var options = new PrismConnectionOptions
        {
            Server = url.ToString(),
            Credential = new BasicCredential(central.Options.UserName, central.Options.Password),
        };
        var prism = await PrismClient.ConnectAsync(options, cancellationToken);
        view.Fact($"{prism.Address}, user {prism.UserName}, API {string.Join(", ", prism.ApiVersions.Select(v => $"{v.Key} {v.Value}"))}");
        return prism;
    }

    private async Task<IReadOnlyList<GpuHost>> ListHostsAsync(PrismClient prism, CancellationToken cancellationToken)
    {
        view.Step("List the hosts that have GPUs");
        // They come as the clusters answer; a table is read by name.
        var hosts = new SortedList<string, GpuHost>(StringComparer.Ordinal);
        await foreach (var host in prism.GetGpuHostsAsync(w => view.Fact($"{w.Source}: {w.Message}"), cancellationToken))
            hosts.Add($"{host.Name}/{host.Id}", host);

        _report = _report with { Hosts = hosts.Count, Gpus = hosts.Values.Sum(h => h.GpuCount) };
        view.Hosts([.. hosts.Values]);
        return [.. hosts.Values];
    }

    private GpuPlacementCandidate ChooseHost(IReadOnlyList<GpuHost> hosts)
    {
        view.Step("Choose a host for two NVIDIA GPUs of 32 GiB or more");
        var best = GpuPlacement.Rank(hosts, Request).Require();
        view.Fact($"{best.Host.Name}: {best.Reason}");
        return best;
    }

    private async Task<PrismVm> CreateVmAsync(PrismClient prism, GpuPlacementCandidate place, CancellationToken cancellationToken)
    {
        view.Step("Create a GPU machine there, its driver and CUDA toolkit installed by cloud-init");
        var cluster = place.Host.ClusterId ?? throw new HostException($"Prism names no cluster for host '{place.Host.Name}'.");
        var image = await FirstAsync(prism.GetImagesAsync(cancellationToken), i => i.Type == "DISK_IMAGE", "disk image");
        var subnet = await FirstAsync(prism.GetSubnetsAsync(cancellationToken), s => s.ClusterIds.Count == 0 || s.ClusterIds.Contains(cluster), "subnet");
        var userData = GpuCloudInit.Create(new GpuCloudInitOptions { Hostname = VmName }).ToYaml();

        var vm = await view.WithProgressAsync($"creating {VmName}", progress => prism.CreateGpuVmAsync(
            new GpuVmRequest
            {
                Name = VmName,
                Description = "Made by cuda-wasm demo",
                Cluster = cluster,
                Host = place.Host.Id,
                Image = image.ExtId,
                Subnets = [subnet.ExtId],
                Gpus = [.. place.Gpus.Select(g => new VmGpuRequest { Name = g.DeviceName, DeviceId = g.DeviceId, Vendor = g.Vendor, Mode = g.Mode })],
                UserData = userData,
            },
            progress,
            cancellationToken));
        _report = _report with { Vm = new DemoVm(vm.Name, vm.PowerState) };
        view.Fact($"{vm.Name} ({vm.ExtId}) has {vm.GpuCount} GPUs");
        view.Fact($"image {image.Name}, subnet {subnet.Name}, cloud-init of {userData.Length} bytes");
        return vm;
    }

    /// <summary>Powers the machine on; returns when that was.</summary>
    private async Task<DateTimeOffset> PowerOnAsync(PrismClient prism, PrismVm vm, CancellationToken cancellationToken)
    {
        await view.WithProgressAsync($"powering on {vm.Name}", progress => prism.SetPowerStateAsync(vm.ExtId, PowerAction.On, progress, cancellationToken));
        var poweredOn = DateTimeOffset.UtcNow;
        var state = (await prism.GetVmAsync(vm.ExtId, cancellationToken)).PowerState;
        _report = _report with { Vm = new DemoVm(vm.Name, state) };
        view.Fact($"{vm.Name} is {state}");
        return poweredOn;
    }

    private void WriteManifests()
    {
        view.Step("Write the Kubernetes objects of a workload for such GPUs");
        var folder = Directory.CreateTempSubdirectory("cuda-wasm-demo-").FullName;
        var manifest = NkeManifest.Create(new NkeManifestOptions
        {
            Name = "matrix-multiply",
            Image = "registry.local/cuda-wasm:1.0",
            GpuVendor = Request.Vendor,
            GpuCount = Request.Count,
        });
        var files = manifest.WriteToFolder(folder);

        _report = _report with { Manifest = new DemoManifest(files.Count, folder) };
        view.Manifests([.. manifest.Objects.Zip(files, (o, file) => (o.Kind, o.Metadata.Name ?? "", Path.GetFileName(file)))]);
        view.Fact($"in {folder}");
    }

    private async Task RunKernelAsync(CancellationToken cancellationToken)
    {
        view.Step("Compile docs/examples/matrix-multiply.cu and run it on this machine");
        var result = await Task.Run(() => MatrixMultiplyRun.Run(cancellationToken), cancellationToken);
        _report = _report with { Kernel = new DemoKernel(result.Kernel, result.Device, result.Mismatches == 0, Math.Round(result.LaunchTime.TotalMilliseconds, 3)) };
        view.Fact(string.Create(CultureInfo.InvariantCulture, $"{result.Kernel} on {result.Device} ({result.DeviceDescription}), compiled in {result.CompileTime.TotalMilliseconds:0} ms"));
        view.Fact(string.Create(CultureInfo.InvariantCulture, $"{result.Size} x {result.Size} matrices: {result.LaunchTime.TotalMilliseconds:0.0} ms, {result.GigaflopsPerSecond:0.00} GFLOP/s"));
        if (result.Mismatches > 0)
            throw new HostException($"{result.Mismatches} elements of the kernel's result differ from plain C#.");

        view.Fact("every element agrees with plain C#");
    }

    private async Task WatchAsync(PrismClient prism, PrismVm vm, DateTimeOffset poweredOn, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        view.Step("Watch the machine's GPU utilisation");
        var samples = await view.ChartAsync(SampleAsync(prism, vm, poweredOn, cancellationToken));
        _report = _report with { Metrics = new DemoMetrics(samples.Count) };
        if (samples.Count == 0)
            throw new HostException($"Prism has no GPU statistics of '{vm.Name}'.");
    }

    /// <summary>All samples since power-on, twice a second, until the watch time is over and there are any.</summary>
    private async IAsyncEnumerable<IReadOnlyList<GpuMetricSample>> SampleAsync(
        PrismClient prism, PrismVm vm, DateTimeOffset poweredOn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = poweredOn + watchTime;
        while (true)
        {
            var now = DateTimeOffset.UtcNow;
            var samples = await prism.GetGpuMetricsAsync(vm, poweredOn, now, SamplingInterval, cancellationToken);
            yield return samples;
            // A machine that is busy elsewhere may come here before the first statistics do.
            if (now >= (samples.Count > 0 ? end : end + Patience))
                yield break;

            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
        }
    }

    private async Task RemoveAsync(PrismClient prism, PrismVm vm, CancellationToken cancellationToken)
    {
        view.Step("Remove the machine");
        await view.WithProgressAsync($"removing {vm.Name}", async progress =>
        {
            await prism.RemoveVmAsync(vm.ExtId, force: true, progress, cancellationToken);
            return vm;
        });
    }

    private async Task RemoveAfterFailureAsync(PrismClient prism, PrismVm vm)
    {
        using var timeout = new CancellationTokenSource(RemovalTime);
        try
        {
            await RemoveAsync(prism, vm, timeout.Token);
        }
        catch (Exception e) when (e is PrismException or OperationCanceledException)
        {
            // The failure that led here is the one to tell.
            view.Fact($"{vm.Name} ({vm.ExtId}) could not be removed: {e.Message}");
        }
    }

    private static async Task<T> FirstAsync<T>(IAsyncEnumerable<T> items, Func<T, bool> fits, string what)
    {
        await foreach (var item in items)
        {
            if (fits(item))
                return item;
        }

        throw new HostException($"Prism has no {what} that a machine of the chosen cluster could use.");
    }
}
