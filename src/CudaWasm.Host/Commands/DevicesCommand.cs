using System.CommandLine;
using System.Globalization;
using CudaWasm.Host.Terminal;
using CudaWasm.Runtime;
using Spectre.Console;

namespace CudaWasm.Host.Commands;

/// <summary><c>devices</c>: where kernels can run on this machine.</summary>
internal static class DevicesCommand
{
    public static Command Create(HostConsole console)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON array." };
        var command = new Command("devices", "Lists the devices that kernels can run on.") { json };
        command.SetAction(parsed => Run(console, parsed.GetValue(json)));
        return command;
    }

    private static int Run(HostConsole console, bool json)
    {
        var devices = Devices.List();
        if (json)
        {
            HostJson.Write(console.Output, [.. devices.Select(DeviceReport.Of)], HostJson.Default.DeviceReportArray);
            return ExitCode.Success;
        }

        var terminal = console.CreateAnsiConsole();
        var table = new Table { Border = console.IsInteractive ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumns("Name", "Kind", "Units", "Memory", "Description");
        foreach (var device in devices)
        {
            table.AddRow(
                new Text(device.Name),
                new Text(device.Kind.ToString()),
                new Text(device.ComputeUnits.ToString(CultureInfo.InvariantCulture)),
                new Text(string.Create(CultureInfo.InvariantCulture, $"{device.MemoryBytes / (double)(1L << 30):0.#} GiB")),
                new Text(device.Description));
        }

        terminal.Write(table);
        return ExitCode.Success;
    }
}
