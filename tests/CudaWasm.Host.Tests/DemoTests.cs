using System.Text.Json;
using CudaWasm.Host.Commands;
using CudaWasm.Host.Demo;
using CudaWasm.Host.Simulator;
using GpuPlatform;
using Nutanix.Prism;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Faults;

namespace CudaWasm.Host.Tests;

public class DemoTests
{
    private static readonly TimeSpan WatchTime = TimeSpan.FromSeconds(1);

    private static readonly SimulatorOptions Quick = new() { Hosts = 4, GpusPerHost = 4, TaskDurationScale = 0.1 };

    [Fact]
    public async Task Json_is_one_object_that_tells_every_step()
    {
        var central = new PrismSimulator(Quick);
        using var run = new HostRun();

        var exitCode = await run.RunDemoAsync(central, WatchTime);

        Assert.Equal((0, ""), (exitCode, run.Error));
        var report = JsonDocument.Parse(Assert.Single(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))).RootElement;
        Assert.Equal(["hosts", "gpus", "vm", "manifest", "kernel", "metrics", "durationMs"], report.EnumerateObject().Select(p => p.Name));
        Assert.Equal(4, report.GetProperty("hosts").GetInt32());
        // A host that shares a GPU has several slots for it.
        Assert.InRange(report.GetProperty("gpus").GetInt32(), 16, int.MaxValue);
        Assert.Equal("ON", report.GetProperty("vm").GetProperty("powerState").GetString());
        Assert.Equal("cpu", report.GetProperty("kernel").GetProperty("device").GetString());
        Assert.True(report.GetProperty("kernel").GetProperty("verified").GetBoolean());
        Assert.True(report.GetProperty("kernel").GetProperty("launchMs").GetDouble() > 0);
        Assert.True(report.GetProperty("metrics").GetProperty("samples").GetInt32() > 0);
        Assert.True(report.GetProperty("durationMs").GetInt64() > 0);
        var folder = report.GetProperty("manifest").GetProperty("path").GetString()!;
        Assert.Equal(report.GetProperty("manifest").GetProperty("documents").GetInt32(), Directory.GetFiles(folder, "*.yaml").Length);
        Directory.Delete(folder, recursive: true);
        Assert.DoesNotContain("cuda-wasm-demo", await VmNamesAsync(central));
    }

    [Fact]
    public async Task Redirected_output_is_plain_lines()
    {
        using var run = new HostRun();

        Assert.Equal(0, await DemoCommand.RunAsync(run.Console, new PrismSimulator(Quick), WatchTime, json: false, TestContext.Current.CancellationToken));

        Assert.DoesNotContain('\u001b', run.Output);
        Assert.DoesNotContain("\r\u001b", run.Output, StringComparison.Ordinal);
        Assert.Contains("| ahv-01-host-01 |", run.Output, StringComparison.Ordinal);
        Assert.Contains(": 100 %", run.Output, StringComparison.Ordinal);
        Assert.Contains("04-deployment.yaml", run.Output, StringComparison.Ordinal);
        Assert.Contains("every element agrees with plain C#", run.Output, StringComparison.Ordinal);
        Assert.Contains("100 % |", run.Output, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task No_host_that_fits_is_told_host_by_host()
    {
        var central = new PrismSimulator(Quick with { Hosts = 2, GpuModels = ["T4"] });
        using var run = new HostRun();

        var exitCode = await run.RunDemoAsync(central, WatchTime);

        Assert.Equal(1, exitCode);
        Assert.Contains("ahv-01-host-02: its GPUs have less than 32 GiB", run.Error, StringComparison.Ordinal);
        Assert.Contains("\"vm\":null", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"error\":\"No host fits", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_that_fails_removes_the_machine_and_ends_with_1()
    {
        var central = new PrismSimulator(Quick);
        central.Inject(SimulatorFault.TaskFails("PowerOnVm", "The host lost power."));
        using var run = new HostRun();

        Assert.Equal(1, await run.RunDemoAsync(central, WatchTime));

        Assert.Contains("The host lost power.", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("cuda-wasm-demo", await VmNamesAsync(central));
    }

    [Fact]
    public async Task Being_stopped_removes_the_machine_too()
    {
        var central = new PrismSimulator(Quick);
        using var stop = new CancellationTokenSource();
        var demo = new DemoRun(new StoppingView(stop), central, WatchTime);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => demo.RunAsync(stop.Token));

        Assert.Equal("ON", demo.Report.Vm?.PowerState);
        Assert.DoesNotContain("cuda-wasm-demo", await VmNamesAsync(central));
        Directory.Delete(demo.Report.Manifest!.Path, recursive: true);
    }

    private static async Task<IReadOnlyList<string>> VmNamesAsync(PrismSimulator central)
    {
        await using var host = await KestrelSimulatorHost.StartAsync(central, cancellation: TestContext.Current.CancellationToken);
        using var prism = await PrismClient.ConnectAsync(
            new PrismConnectionOptions { Server = host.Url.ToString(), Credential = new ApiKeyCredential(central.Options.ApiKey) },
            TestContext.Current.CancellationToken);
        return await prism.GetVmsAsync(new VmQuery(), TestContext.Current.CancellationToken)
            .Select(vm => vm.Name)
            .ToListAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Stops the demo while the machine is there: once the manifests are written.</summary>
    private sealed class StoppingView(CancellationTokenSource stop) : IDemoView
    {
        public void Step(string title)
        {
        }

        public void Fact(string text)
        {
        }

        public void Hosts(IReadOnlyList<GpuHost> hosts)
        {
        }

        public void Manifests(IReadOnlyList<(string Kind, string Name, string File)> documents) => stop.Cancel();

        public Task<T> WithProgressAsync<T>(string title, Func<IProgress<PrismTask>, Task<T>> work) => work(new Progress<PrismTask>());

        public Task<IReadOnlyList<GpuMetricSample>> ChartAsync(IAsyncEnumerable<IReadOnlyList<GpuMetricSample>> samples) =>
            throw new InvalidOperationException("The demo went on after it was stopped.");
    }
}
