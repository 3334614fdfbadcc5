using System.CommandLine;
using CudaWasm.Host.Simulator;
using CudaWasm.Host.Terminal;
using Nutanix.Prism.Simulator;

namespace CudaWasm.Host.Commands;

/// <summary><c>prism-simulator</c>: the embedded Prism Central for other programs.</summary>
internal static class PrismSimulatorCommand
{
    public static Command Create(HostConsole console)
    {
        var defaults = new SimulatorOptions();
        var port = NumberOption.Integer("--port", 0, 0, 65535, "Port on the loopback address; 0 takes a free one.");
        var tls = new Option<bool>("--tls") { Description = "Serve HTTPS with a certificate made for this run." };
        var hosts = NumberOption.Integer("--hosts", defaults.Hosts, 0, 10_000, "Hosts with GPUs.");
        var gpusPerHost = NumberOption.Integer("--gpus-per-host", defaults.GpusPerHost, 0, 16, "GPUs in each of them.");
        var vms = NumberOption.Integer("--vms", defaults.Vms, 0, 100_000, "Virtual machines at the start.");
        var seed = NumberOption.Integer("--seed", defaults.Seed, int.MinValue, int.MaxValue, "Seed of everything that looks random.");
        var latency = NumberOption.Integer("--latency", 0, 0, 60_000, "Milliseconds every answer takes.");
        var faults = NumberOption.Rate("--faults", "Share of the requests, 0 to 1, that fail for a moment.");

        var command = new Command("prism-simulator", "Serves an embedded Prism Central until it is stopped (Ctrl+C, SIGTERM).")
        {
            port, tls, hosts, gpusPerHost, vms, seed, latency, faults,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new SimulatorOptions
            {
                Hosts = parsed.GetValue(hosts),
                GpusPerHost = parsed.GetValue(gpusPerHost),
                Vms = parsed.GetValue(vms),
                Seed = parsed.GetValue(seed),
                Latency = TimeSpan.FromMilliseconds(parsed.GetValue(latency)),
                FaultRate = parsed.GetValue(faults),
            };
            return await ServeAsync(console, options, parsed.GetValue(port), parsed.GetValue(tls), cancellationToken);
        });
        return command;
    }

    private static async Task<int> ServeAsync(HostConsole console, SimulatorOptions options, int port, bool tls, CancellationToken cancellationToken)
    {
        await using var host = await KestrelSimulatorHost.StartAsync(options, port, tls, cancellationToken);
        var url = host.Url.GetLeftPart(UriPartial.Authority);
        HostJson.Write(console.Output, new SimulatorAddress(url, options.UserName, options.Password, options.ApiKey), HostJson.Default.SimulatorAddress);
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Being stopped is how this command ends well.
        }

        return ExitCode.Success;
    }
}

/// <summary>What a client needs; printed as one line when the simulator answers.</summary>
internal sealed record SimulatorAddress(string Url, string Username, string Password, string ApiKey);
