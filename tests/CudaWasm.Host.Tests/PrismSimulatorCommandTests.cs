using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Nutanix.Prism;

namespace CudaWasm.Host.Tests;

public partial class PrismSimulatorCommandTests
{
    [Fact]
    public async Task Serves_what_its_options_say_until_it_is_stopped()
    {
        using var stop = new CancellationTokenSource();
        using var run = new HostRun();
        var program = run.RunAsync(stop.Token, "prism-simulator", "--hosts", "3", "--gpus-per-host", "4", "--vms", "2", "--seed", "7");
        var address = JsonDocument.Parse(await run.FirstLine.WaitAsync(TestContext.Current.CancellationToken)).RootElement;

        using (var prism = await ConnectAsync(address))
        {
            var hosts = await prism.GetGpuHostsAsync(cancellationToken: TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
            Assert.Equal([4, 4, 4], hosts.Select(h => h.GpuCount));
        }

        await stop.CancelAsync();
        Assert.Equal(0, await program);
        Assert.Single(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Serves_https_with_a_certificate_nobody_trusts()
    {
        using var stop = new CancellationTokenSource();
        using var run = new HostRun();
        var program = run.RunAsync(stop.Token, "prism-simulator", "--tls", "--hosts", "1");
        var address = JsonDocument.Parse(await run.FirstLine.WaitAsync(TestContext.Current.CancellationToken)).RootElement;

        Assert.StartsWith("https://", address.GetProperty("url").GetString(), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<PrismException>(() => ConnectAsync(address));
        using (var prism = await ConnectAsync(address, skipCertificateCheck: true))
            Assert.Equal("api key", prism.UserName);

        await stop.CancelAsync();
        Assert.Equal(0, await program);
    }

    [Fact]
    public async Task A_taken_port_is_an_error_that_names_it()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var run = new HostRun();

        Assert.Equal(1, await run.RunAsync("prism-simulator", "--port", port));

        Assert.StartsWith("cuda-wasm: error:", run.Error, StringComparison.Ordinal);
        Assert.Contains(port, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task SIGTERM_ends_the_process_with_0()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        var start = new ProcessStartInfo("dotnet", [typeof(CudaWasmProgram).Assembly.Location, "prism-simulator"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        Assert.Contains("\"url\"", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        Assert.Equal(0, Kill(process.Id, 15));

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    private static Task<PrismClient> ConnectAsync(JsonElement address, bool skipCertificateCheck = false) => PrismClient.ConnectAsync(
        new PrismConnectionOptions
        {
            Server = address.GetProperty("url").GetString()!,
            Credential = new ApiKeyCredential(address.GetProperty("apiKey").GetString()!),
            SkipCertificateCheck = skipCertificateCheck,
            MaxRetries = 0,
        },
        TestContext.Current.CancellationToken);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
