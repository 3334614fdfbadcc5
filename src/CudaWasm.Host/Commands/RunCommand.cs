using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using CudaWasm.Compiler.Text;
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
        var vectorBits = new Option<int?>("--vector-bits") { Description = "Size of the vectors whose lanes are threads: 128, 256 or 512, or 0 for one thread after the other; the widest there is unless given.", HelpName = "N" };
        vectorBits.AcceptOnlyFromAmong("0", "128", "256", "512");
        var part = new Option<(int Index, int Count)?>("--part")
        {
            Description = "Run one of N equal shares of the grid's blocks, the first being 0: 3/8. Outputs hold what those blocks wrote.",
            HelpName = "I/N",
            CustomParser = ParsePart,
        };
        var outputFolder = new Option<string?>("--output-folder") { Description = "Folder for the outputs, in place of those the launch file names.", HelpName = "DIR" };
        var check = new Option<bool>("--check") { Description = "Run once under watch and tell of wrong accesses, races and barriers that threads miss; writes no outputs. Exit status 3 if it finds errors or warnings." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object; what the kernel prints goes to standard error." };

        var command = new Command("run", "Compiles and runs the kernel of a launch file.") { file, device, repeat, isUnchecked, vectorBits, check, part, outputFolder, json };
        command.Validators.Add(result =>
        {
            if (!result.GetValue(check)) return;
            if (result.GetValue(isUnchecked)) result.AddError("--check and --unchecked cannot be given together.");
            if (result.GetResult(vectorBits) is not null) result.AddError("--check runs one thread after the other; it takes no --vector-bits.");
            if (result.GetResult(repeat) is { Implicit: false }) result.AddError("--check runs the kernel once; it takes no --repeat.");
            if (result.GetResult(part) is not null) result.AddError("--check runs the whole grid; it takes no --part.");
            if (result.GetResult(outputFolder) is not null) result.AddError("--check writes no outputs; it takes no --output-folder.");
        });
        var cache = new CacheOptions();
        cache.AddTo(command);
        command.SetAction((parsed, cancellationToken) => Task.Run(
            () => Run(
                console,
                () => LaunchFile.Load(parsed.GetRequiredValue(file), parsed.GetValue(outputFolder)),
                new LaunchRunOptions
                {
                    Device = parsed.GetRequiredValue(device),
                    Repeat = parsed.GetValue(repeat),
                    Unchecked = parsed.GetValue(isUnchecked),
                    VectorBits = parsed.GetValue(vectorBits),
                    Cache = cache.Choose(parsed),
                    Part = parsed.GetValue(part),
                    Output = parsed.GetValue(json) ? console.Error : console.Output,
                },
                parsed.GetValue(json),
                parsed.GetValue(check),
                cancellationToken),
            CancellationToken.None));
        return command;
    }

    private static int Run(HostConsole console, Func<LaunchFile> load, LaunchRunOptions options, bool json, bool check, CancellationToken cancellationToken)
    {
        try
        {
            if (check) return Check(console, LaunchRunner.Check(load(), options, cancellationToken), json);
            var result = LaunchRunner.Run(load(), options, cancellationToken);
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

    private static (int Index, int Count)? ParsePart(ArgumentResult result)
    {
        var text = result.Tokens[0].Value.Split('/');
        if (text.Length == 2
            && int.TryParse(text[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && int.TryParse(text[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && index < count)
        {
            return (index, count);
        }

        result.AddError($"--part must be a share and their number, such as 0/8 to 7/8, not '{result.Tokens[0].Value}'.");
        return null;
    }

    private static int Check(HostConsole console, LaunchCheckResult result, bool json)
    {
        DiagnosticWriter.Write(console, result.Diagnostics.Concat(result.Report.Findings.Select(f => f.Diagnostic)));
        if (json) HostJson.Write(console.Output, CheckRunReport.Of(result), HostJson.Default.CheckRunReport);
        else WriteSummary(console.Output, result);
        return result.Report.IsClean ? ExitCode.Success : ExitCode.Findings;
    }

    private static void WriteSummary(TextWriter output, LaunchCheckResult result)
    {
        var report = result.Report;
        int Count(DiagnosticSeverity severity) => report.Findings.Count(f => f.Severity == severity);
        var (errors, warnings, notes) = (Count(DiagnosticSeverity.Error), Count(DiagnosticSeverity.Warning), Count(DiagnosticSeverity.Note));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Kernel} on {result.Device}: checked {report.Statistics.Threads} threads in {report.Statistics.Elapsed.TotalMilliseconds:0} ms: {errors} errors, {warnings} warnings, {notes} notes"));
        if (report.Omitted > 0) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Omitted} further findings are not shown."));
        if (report.Undecided > 0) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Undecided} pairs of accesses are ordered by atomics or flags, if at all; they were not counted as races."));
    }

    private static void WriteLines(TextWriter output, LaunchResult result)
    {
        var launches = string.Join(", ", result.LaunchMs.Select(ms => ms.ToString("0.###", CultureInfo.InvariantCulture)));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Kernel} on {result.Device}: compiled in {result.CompileMs:0} ms, launched in {launches} ms"));
        foreach (var file in result.Outputs)
            output.WriteLine($"{file.File}: {file.Type} [{string.Join(", ", file.Shape)}]");
    }
}
