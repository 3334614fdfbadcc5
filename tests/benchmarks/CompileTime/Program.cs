using System.Diagnostics;
using System.Globalization;
using CudaWasm.Benchmarks.CompileTime;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Caching;

// compile-benchmark PROGRAM [ROUNDS] [--write FILE.md]: PROGRAM is a built or published cuda-wasm.
if (args.Length == 0 || !File.Exists(args[0]))
{
    Console.Error.WriteLine("Usage: compile-benchmark PROGRAM [ROUNDS] [--write FILE.md], where PROGRAM is a cuda-wasm that was built or published.");
    return 2;
}

var program = Path.GetFullPath(args[0]);
var rounds = args.Length > 1 && int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Max(3, asked) : 15;
var source = Path.Combine(AppContext.BaseDirectory, "five-kernels.cu");
var folder = Directory.CreateTempSubdirectory("compile-benchmark").FullName;
try
{
    // The rounds alternate, so that whatever else the machine does concerns all alike.
    var cold = new List<TimeSpan>();
    var cached = new List<TimeSpan>();
    var warm = new List<TimeSpan>();
    var warmCached = new List<TimeSpan>();
    var cache = new CompileCache(Path.Combine(folder, "own"));
    for (var round = -1; round < rounds; round++)
    {
        // The round before the first fills caches, the system's included.
        var first = round < 0;
        Add(cold, Process("compile", source, "--no-cache"), first);
        Add(cached, Process("compile", source, "--cache", Path.Combine(folder, "process")), first);
        for (var i = 0; i < (first ? 30 : 5); i++)
        {
            Add(warm, Here(null), first);
            Add(warmCached, Here(cache), first);
        }
    }

    var table = Report.Table(("fresh process", cold), ("fresh process, cached", cached), ("warm process", warm), ("warm process, cached", warmCached));
    Console.Write(table);
    if (Array.IndexOf(args, "--write") is var at and >= 0 && at + 1 < args.Length) Report.Write(args[at + 1], table);
    return 0;
}
finally
{
    Directory.Delete(folder, true);
}

static void Add(List<TimeSpan> samples, TimeSpan sample, bool isFirst)
{
    if (!isFirst) samples.Add(sample);
}

TimeSpan Process(params string[] arguments)
{
    var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
    var watch = Stopwatch.StartNew();
    using var process = System.Diagnostics.Process.Start(start)!;
    process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? watch.Elapsed : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed.");
}

// What `compile` does: the front end, and loading every kernel onto the CPU.
TimeSpan Here(CompileCache? cache)
{
    var watch = Stopwatch.StartNew();
    var compilation = KernelCompiler.CompileFile(source, new CompileFileOptions { Cache = cache });
    using var device = Devices.Open("cpu");
    foreach (var kernel in compilation.Kernels) device.Load(kernel).Dispose();
    return watch.Elapsed;
}
