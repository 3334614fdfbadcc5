using System.Diagnostics;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime.Caching;

namespace CudaWasm.Runtime;

public sealed record LaunchRunOptions
{
    public string Device { get; init; } = "cpu";

    /// <summary>Launches, each on fresh inputs.</summary>
    public int Repeat { get; init; } = 1;

    public bool Unchecked { get; init; }

    /// <summary>See <see cref="LoadOptions.VectorBits"/>.</summary>
    public int? VectorBits { get; init; }

    /// <summary>Of each launch; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Which share of the grid's blocks runs, and of how many shares; null for all blocks.</summary>
    public (int Index, int Count)? Part { get; init; }

    /// <summary>Keeps compiled kernels; null for none.</summary>
    public CompileCache? Cache { get; init; }

    /// <summary>Gets what the first launch prints.</summary>
    public TextWriter? Output { get; init; }
}

/// <param name="Kernel">As it was found.</param>
/// <param name="Device">Name of the device.</param>
/// <param name="CompileMs">Reading, compiling and loading.</param>
/// <param name="LaunchMs">One for each launch.</param>
/// <param name="Outputs">The files that were written.</param>
/// <param name="Diagnostics">Warnings of the compiler.</param>
public sealed record LaunchResult(
    string Kernel, string Device, double CompileMs, IReadOnlyList<double> LaunchMs, IReadOnlyList<LaunchOutput> Outputs, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>Whether the kernel had to be compiled.</summary>
    public CacheOutcome Cache { get; init; }
}

/// <param name="File">Full path.</param>
/// <param name="Type">Name of the element type.</param>
/// <param name="Shape">Sizes, the slowest dimension first.</param>
public sealed record LaunchOutput(string File, string Type, IReadOnlyList<long> Shape);

/// <param name="Report">What was found.</param>
/// <param name="Device">Name of the device.</param>
/// <param name="CompileMs">Reading, compiling and loading.</param>
/// <param name="Diagnostics">Warnings of the compiler.</param>
public sealed record LaunchCheckResult(CheckReport Report, string Device, double CompileMs, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>Whether the kernel had to be compiled.</summary>
    public CacheOutcome Cache { get; init; }
}

/// <param name="Measurement">What was measured.</param>
/// <param name="CompileMs">Reading and compiling.</param>
/// <param name="Diagnostics">Warnings of the compiler.</param>
public sealed record LaunchMeasureResult(KernelMeasurement Measurement, double CompileMs, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>Whether the kernel had to be compiled.</summary>
    public CacheOutcome Cache { get; init; }
}

/// <summary>Does what a launch file says.</summary>
public static class LaunchRunner
{
    /// <summary>Compiles the source, runs the kernel, and writes the outputs once all launches went well.</summary>
    /// <exception cref="CudaWasmException">See the classes derived from it. No output was written.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled. No output was written.</exception>
    public static LaunchResult Run(LaunchFile file, LaunchRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        var watch = Stopwatch.StartNew();
        options ??= new LaunchRunOptions();
        var (compiled, outcome) = Compile(file, options, cancellationToken);
        return Run(file, compiled, watch, options, cancellationToken) with { Cache = outcome };
    }

    /// <summary>
    /// Compiles the source and runs the kernel once under watch. No output is written. Buffers to which the file gives neither input nor
    /// fill mean nothing until the kernel writes them.
    /// </summary>
    /// <exception cref="CudaWasmException">See the classes derived from it.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static LaunchCheckResult Check(LaunchFile file, LaunchRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        options ??= new LaunchRunOptions();
        var watch = Stopwatch.StartNew();
        var (compiled, outcome) = Compile(file, options, cancellationToken);
        using var device = Devices.Open(options.Device);
        using var kernel = device.Load(compiled, new LoadOptions { Check = true });
        var compileMs = watch.Elapsed.TotalMilliseconds;
        using var data = new LaunchData(file, device, kernel);
        data.Upload();
        var check = new CheckOptions { Output = options.Output, Timeout = options.Timeout, Uninitialized = data.Uninitialized };
        return new LaunchCheckResult(kernel.Check(file.Configuration, data.Arguments, check, cancellationToken), device.Name, compileMs, compiled.Diagnostics) { Cache = outcome };
    }

    /// <summary>Compiles the source and measures the kernel. No output is written.</summary>
    /// <param name="file">What to launch.</param>
    /// <param name="options">Device and cache; how to launch is told by <paramref name="measure"/>.</param>
    /// <param name="measure">How often.</param>
    /// <param name="cancellationToken">Stops the launches.</param>
    /// <exception cref="CudaWasmException">See the classes derived from it.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static LaunchMeasureResult Measure(LaunchFile file, LaunchRunOptions? options = null, MeasureOptions? measure = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        options ??= new LaunchRunOptions();
        var watch = Stopwatch.StartNew();
        var (compiled, outcome) = Compile(file, options, cancellationToken);
        var compileMs = watch.Elapsed.TotalMilliseconds;
        using var device = Devices.Open(options.Device);
        var measurement = KernelMeasurer.Measure(
            device, compiled, file.Configuration, kernel => new LaunchData(file, device, kernel), measure ?? MeasureOptions.Default, cancellationToken);
        return new LaunchMeasureResult(measurement, compileMs, compiled.Diagnostics) { Cache = outcome };
    }

    private static (CompiledKernel Kernel, CacheOutcome Cache) Compile(LaunchFile file, LaunchRunOptions options, CancellationToken cancellationToken)
    {
        var sources = new CompileFileOptions { IncludePaths = file.IncludePaths, Defines = file.Defines, Kernels = [file.Kernel], Cache = options.Cache };
        var compilation = KernelCompiler.CompileFile(file.Source, sources, cancellationToken);
        return (KernelCompiler.Find(compilation, file.Source, file.Kernel), compilation.Cache);
    }

    private static LaunchResult Run(LaunchFile file, CompiledKernel compiled, Stopwatch watch, LaunchRunOptions options, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Repeat, 1);
        using var device = Devices.Open(options.Device);
        using var kernel = device.Load(compiled, new LoadOptions { Unchecked = options.Unchecked, VectorBits = options.VectorBits });
        var compileMs = watch.Elapsed.TotalMilliseconds;
        using var data = new LaunchData(file, device, kernel);
        var times = new List<double>();
        var launchOptions = new LaunchOptions
        {
            Timeout = options.Timeout,
            Blocks = options.Part is { } part ? BlockRange.Part(file.Configuration.Grid.Count, part.Index, part.Count) : null,
        };
        data.Upload();
        times.Add(kernel.Launch(file.Configuration, data.Arguments, launchOptions with { Output = options.Output }, cancellationToken).Elapsed.TotalMilliseconds);
        using var launch = kernel.Prepare(file.Configuration, data.Arguments, launchOptions);
        while (times.Count < options.Repeat)
        {
            data.Upload();
            times.Add(launch.Run(cancellationToken).Elapsed.TotalMilliseconds);
        }

        return new LaunchResult(compiled.Name, device.Name, compileMs, times, data.WriteOutputs(), compiled.Diagnostics);
    }
}
