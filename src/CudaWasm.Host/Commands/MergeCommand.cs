using System.CommandLine;
using System.Globalization;
using CudaWasm.Host.Terminal;
using CudaWasm.Runtime;

namespace CudaWasm.Host.Commands;

/// <summary><c>merge LAUNCH.json</c>: the outputs of a launch that ran in parts.</summary>
internal static class MergeCommand
{
    public static Command Create(HostConsole console)
    {
        var file = FileArgument.Create("LAUNCH.json", "Launch file that the parts ran.");
        var parts = new Option<string>("--parts") { Description = "Folder with a folder for each part, called by its number: DIR/0, DIR/1...", HelpName = "DIR", Required = true };
        var count = NumberOption.Integer("--count", 0, 1, 1_000_000, "Number of parts: N of the --part I/N that they ran with.");
        (count.Required, count.DefaultValueFactory) = (true, null);
        var overlap = new Option<string>("--overlap")
        {
            Description = "What becomes of an element that several parts changed: error; same: they must agree; sum: what each added is added up.",
            DefaultValueFactory = _ => "error",
        };
        overlap.AcceptOnlyFromAmong("error", "same", "sum");
        var outputFolder = new Option<string?>("--output-folder") { Description = "Folder for the outputs, in place of those the launch file names.", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("merge", "Puts the outputs of 'run --part' together.") { file, parts, count, overlap, outputFolder, json };
        var cache = new CacheOptions();
        cache.AddTo(command);
        command.SetAction((parsed, cancellationToken) => Task.Run(
            () =>
            {
                var folder = parsed.GetRequiredValue(parts);
                var result = LaunchMerger.Run(
                    parsed.GetRequiredValue(file),
                    [.. Enumerable.Range(0, parsed.GetRequiredValue(count)).Select(i => Path.Combine(folder, i.ToString(CultureInfo.InvariantCulture)))],
                    parsed.GetValue(outputFolder),
                    Enum.Parse<PartOverlap>(parsed.GetRequiredValue(overlap), ignoreCase: true),
                    cache.Choose(parsed),
                    cancellationToken);
                Write(console, result, parsed.GetValue(json));
                return ExitCode.Success;
            },
            CancellationToken.None));
        return command;
    }

    private static void Write(HostConsole console, LaunchMergeResult result, bool json)
    {
        if (json)
        {
            HostJson.Write(console.Output, result, HostJson.Default.LaunchMergeResult);
            return;
        }

        foreach (var output in result.Outputs)
            console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{output.File}: {output.Type} [{string.Join(", ", output.Shape)}], {output.Changed} elements changed, {output.Overlapping} by several parts"));
    }
}
