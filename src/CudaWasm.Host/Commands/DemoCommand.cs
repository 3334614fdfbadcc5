using System.CommandLine;
using CudaWasm.Host.Demo;
using CudaWasm.Host.Terminal;
using Nutanix.Prism.Simulator;

namespace CudaWasm.Host.Commands;

/// <summary><c>demo [--json]</c>: the main job on embedded defaults.</summary>
internal static class DemoCommand
{
    private static readonly SimulatorOptions Estate = new() { Clusters = 2, Hosts = 6, GpusPerHost = 4, Vms = 12, TaskDurationScale = 0.6 };

    private static readonly TimeSpan WatchTime = TimeSpan.FromSeconds(5);

    public static Command Create(HostConsole console)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead." };
        var command = new Command("demo", "Shows the main job from end to end on an embedded Prism Central: no network, no GPU needed.") { json };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            console, new PrismSimulator(Estate), WatchTime, parsed.GetValue(json), cancellationToken));
        return command;
    }

    internal static async Task<int> RunAsync(
        HostConsole console, PrismSimulator central, TimeSpan watchTime, bool json, CancellationToken cancellationToken)
    {
        var demo = new DemoRun(json ? new SilentDemoView() : new TerminalDemoView(console.CreateAnsiConsole()), central, watchTime);
        try
        {
            await demo.RunAsync(cancellationToken);
        }
        catch (Exception e) when (json)
        {
            // A reader of JSON gets its one value on failure too, with what was reached.
            HostJson.Write(console.Output, demo.Report with { Error = e.Message }, HostJson.Default.DemoReport);
            throw;
        }

        if (json)
            HostJson.Write(console.Output, demo.Report, HostJson.Default.DemoReport);

        return ExitCode.Success;
    }
}
