using System.CommandLine;
using System.Globalization;
using CudaWasm.Host.Terminal;
using CudaWasm.Runtime;

namespace CudaWasm.Host.Commands;

/// <summary><c>run LAUNCH.json</c>: one kernel, as a launch file describes it.</summary>
internal static class RunCommand
{
    public static Command Create(HostConsole console)
    {
        var file = FileArgument.Create("LAUNCH.json", "Launch file; its paths are relative to it.");
        var device = new Option<string>("--device") { Description = "Device to run on; 'cuda-wasm devices' lists them.", HelpName = "NAME", DefaultValueFactory = _ => "cpu" };
        var repeat = NumberOption.Integer("--repeat", 1, 1, 1_000_000, "Launches, each on fresh inputs and timed.");
        var isUnchecked = new Option<bool>("--unchecked") { Description = "Leave out the bounds checks of buffers: for measurements of kernels known to be right." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object; what the kernel prints goes to standard error." };

        var command = new Command("run", "Compiles and runs the kernel of a launch file.") { file, device, repeat, isUnchecked, json };
        command.SetAction((parsed, cancellationToken) => Task.Run(
            () => Run(
                console,
                parsed.GetRequiredValue(file),
                new LaunchRunOptions
                {
                    Device = parsed.GetRequiredValue(device),
                    Repeat = parsed.GetValue(repeat),
                    Unchecked = parsed.GetValue(isUnchecked),
                    Output = parsed.GetValue(json) ? console.Error : console.Output,
                },
                parsed.GetValue(json),
                cancellationToken),
            CancellationToken.None));
        return command;
    }

    private static int Run(HostConsole console, string path, LaunchRunOptions options, bool json, CancellationToken cancellationToken)
    {
        try
        {
            var result = LaunchRunner.Run(LaunchFile.Load(path), options, cancellationToken);
            DiagnosticWriter.Write(console, result.Diagnostics);
            if (json)
                HostJson.Write(console.Output, RunReport.Of(result), HostJson.Default.RunReport);
            else
                WriteLines(console.Output, result);

            return ExitCode.Success;
        }
        catch (CudaWasmException e) when (json)
        {
            // A reader of JSON gets its one value on failure too.
            HostJson.Write(console.Output, RunReport.Of(e, options.Device), HostJson.Default.RunReport);
            throw;
        }
    }

    private static void WriteLines(TextWriter output, LaunchResult result)
    {
        var launches = string.Join(", ", result.LaunchMs.Select(ms => ms.ToString("0.###", CultureInfo.InvariantCulture)));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Kernel} on {result.Device}: compiled in {result.CompileMs:0} ms, launched in {launches} ms"));
        foreach (var file in result.Outputs)
            output.WriteLine($"{file.File}: {file.Type} [{string.Join(", ", file.Shape)}]");
    }
}
