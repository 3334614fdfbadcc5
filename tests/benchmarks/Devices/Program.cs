using System.CommandLine;
using CudaWasm.Benchmarks;
using CudaWasm.Benchmarks.Cases;
using CudaWasm.Benchmarks.Reports;
using CudaWasm.Benchmarks.Runners;
#if ILGPU
using CudaWasm.Benchmarks.Runners.Ilgpu;
#endif
using CudaWasm.Runtime;
using Spectre.Console;

var only = new Option<string[]>("--only") { Description = "Run these kernels only.", AllowMultipleArgumentsPerToken = true };
var without = new Option<string[]>("--without") { Description = "Leave out contenders: C, PoCL, ISPC, checked, unchecked, scalar, ILGPU.", AllowMultipleArgumentsPerToken = true };
var quick = new Option<bool>("--quick") { Description = "Small sizes and few rounds: shows that all works, its times mean little." };
var write = new Option<FileInfo?>("--write") { Description = "Put the figures into this Markdown page, between its marks." };
only.AcceptOnlyFromAmong([.. CaseList.All.Select(c => c.Name)]);
var root = new RootCommand("Measures this project's CPU device beside PoCL, ISPC and plain C, on the same work.") { only, without, quick, write };
root.SetAction(result => Run(result.GetValue(only) ?? [], result.GetValue(without) ?? [], result.GetValue(quick), result.GetValue(write)));
return root.Parse(args).Invoke();

static int Run(string[] only, string[] without, bool quick, FileInfo? page)
{
    var options = quick ? new MeasurementOptions(1, 3, TimeSpan.FromMilliseconds(200)) : new MeasurementOptions(5, 31, TimeSpan.FromSeconds(5));
    var contenders = new List<Contender>();
    // With OMP_PROC_BIND OpenMP binds this thread as soon as it is loaded; the device looks for its processors before that.
    using var device = Devices.Open("cpu");
    try
    {
        // The first is what the others' results are compared with.
        Add("C", () => CContender.Create());
        Add("PoCL", OpenClContender.Create);
        Add("ISPC", () => IspcContender.Create());
        Add("checked", () => new CudaWasmContender("checked", new LoadOptions()));
        Add("unchecked", () => new CudaWasmContender("unchecked", new LoadOptions { Unchecked = true }));
        Add("scalar", () => new CudaWasmContender("scalar", new LoadOptions { VectorBits = 0 }) { MaxRuns = 2 });
#if ILGPU
        Add("ILGPU", () => new IlgpuContender());
#endif

        var results = new List<CaseResult>();
        foreach (var definition in CaseList.All.Where(c => only.Length == 0 || only.Contains(c.Name)))
        {
            Console.Error.WriteLine(definition.Name);
            results.Add(new CaseMeasurement(definition, definition.Create(quick), options).Run(contenders));
        }

        Show(results, contenders, page);
        return results.All(r => r.Results.Values.All(x => x.Agrees)) ? 0 : 1;
    }
    catch (BenchmarkException e)
    {
        AnsiConsole.MarkupLine($"[red]{e.Message.EscapeMarkup()}[/]");
        return 1;
    }
    finally
    {
        foreach (var contender in contenders) contender.Dispose();
    }

    void Add(string name, Func<Contender> create)
    {
        if (without.Contains(name, StringComparer.OrdinalIgnoreCase)) return;
        try
        {
            contenders.Add(create());
        }
        catch (BenchmarkException e)
        {
            AnsiConsole.MarkupLine($"[yellow]without {name}: {e.Message.EscapeMarkup()}[/]");
        }
    }
}

static void Show(List<CaseResult> results, List<Contender> contenders, FileInfo? page)
{
    var figures = new Figures(results);
    // A log has no width of its own, and a table that is folded to 80 columns cannot be read.
    if (!AnsiConsole.Profile.Out.IsTerminal) AnsiConsole.Profile.Width = 200;
    var table = new Table().Border(TableBorder.Rounded);
    foreach (var (heading, i) in figures.Headings.Select((h, i) => (h, i)))
    {
        var column = new TableColumn(heading.EscapeMarkup());
        table.AddColumn(i < 2 ? column : column.RightAligned());
    }

    foreach (var row in figures.Rows()) table.AddRow([.. row.Select(cell => cell.EscapeMarkup())]);
    var machine = MachineDescription.Of(contenders).ToList();
    foreach (var (key, value) in machine) AnsiConsole.WriteLine($"{key}: {value}");
    AnsiConsole.Write(table);
    foreach (var remark in figures.Remarks) AnsiConsole.WriteLine(remark);
    if (page is not null) Markdown.Update(page.FullName, figures, machine);
}
