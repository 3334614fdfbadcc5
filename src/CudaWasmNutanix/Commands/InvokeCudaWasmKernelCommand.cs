using System.Collections;
using System.Diagnostics;
using System.Management.Automation;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;

namespace CudaWasmNutanix.Commands;

/// <summary>Compiles a CUDA kernel and runs it on this machine.</summary>
/// <remarks>
/// <para>The source is CUDA C++ as it is; host code in the file is skipped. Arrays among the arguments are copied to the device
/// and, when the kernel has run, back into the same arrays. If the kernel fails or is stopped they keep what they held.</para>
/// <para>Every memory access is checked: one out of bounds is an error that names the source line, the thread, the buffer and
/// the index. What is wrong with the source is shown at its line. A kernel that does not end is stopped with Ctrl+C, or by
/// -TimeoutSeconds.</para>
/// </remarks>
/// <example>
/// <code>[float[]] $x = 1..1024
/// [float[]] $y = ,1 * 1024
/// Invoke-CudaWasmKernel ./saxpy.cu -Kernel saxpy -Grid 4 -Block 256 -ArgumentList 2.0, $x, $y, 1024
/// $y[0..3]</code>
/// <para>Runs saxpy; $y holds the result.</para>
/// </example>
/// <example>
/// <code>Invoke-CudaWasmKernel ./reduce.cu -Kernel 'reduce&lt;float,256&gt;' -Grid 64 -Block 256 -SharedBytes 1KB -Define @{ STEPS = 8 } -ArgumentList $in, $out -TimeoutSeconds 10</code>
/// <para>Runs one instance of a template with dynamic shared memory and a macro, for ten seconds at most.</para>
/// </example>
/// <example>
/// <code>Get-ChildItem ./jobs/*.json | Invoke-CudaWasmKernel</code>
/// <para>Runs launch files, which name source, sizes, arguments and result files.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "CudaWasmKernel", DefaultParameterSetName = "Source", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(KernelRun))]
public sealed class InvokeCudaWasmKernelCommand : AsyncCmdlet
{
    /// <summary>The CUDA source file.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Source")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The kernel, as it is launched: saxpy, or scale&lt;float&gt; for an instance of a template. May be left out where the file has one.</summary>
    [Parameter(Position = 1, ParameterSetName = "Source")]
    [ArgumentCompleter(typeof(KernelNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Kernel { get; set; }

    /// <summary>Blocks of the grid: one to three numbers, x first.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Source")]
    [ValidateCount(1, 3)]
    public long[] Grid { get; set; } = [];

    /// <summary>Threads of a block: one to three numbers, x first.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Source")]
    [ValidateCount(1, 3)]
    public long[] Block { get; set; } = [];

    /// <summary>
    /// The kernel's arguments in order: numbers for values, typed arrays (float[], int[], double[], byte[], ...) for pointers
    /// and structs, $null for a null pointer. A texture or surface is an array of one to three dimensions, or a table with it:
    /// @{ Data = $pixels; Format = 'uchar4'; Width = 640; Height = 480; Filter = 'Linear'; Normalized = $true }.
    /// </summary>
    [Parameter(ParameterSetName = "Source")]
    [ArgumentListTransformation]
    [AllowNull]
    [AllowEmptyCollection]
    [Alias("Args")]
    public object?[] ArgumentList { get; set; } = [];

    /// <summary>Dynamic shared memory of a block, in bytes.</summary>
    [Parameter(ParameterSetName = "Source")]
    [ValidateRange(0, int.MaxValue)]
    public int SharedBytes { get; set; }

    /// <summary>Macros: @{ N = 1024 }, or 'N=1024', 'DEBUG'.</summary>
    [Parameter(ParameterSetName = "Source")]
    [DefineTransformation]
    public Hashtable? Define { get; set; }

    /// <summary>Folders to look for headers in, after the source's own.</summary>
    [Parameter(ParameterSetName = "Source")]
    [ValidateNotNullOrEmpty]
    public string[] IncludePath { get; set; } = [];

    /// <summary>A launch file: JSON that names source, kernel, sizes, arguments and result files. Its paths are relative to it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "LaunchFile", ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string? LaunchFile { get; set; }

    /// <summary>The device, as Get-CudaWasmDevice lists it; the first of them where not given.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DeviceCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Device { get; set; }

    /// <summary>Stops the kernel after this time.</summary>
    [Parameter]
    [ValidateRange(0.001, 1e6)]
    public double? TimeoutSeconds { get; set; }

    /// <summary>Leaves out the checks of memory accesses, for measuring. A stray access may then end the session.</summary>
    [Parameter]
    public SwitchParameter Unchecked { get; set; }

    protected override void ProcessRecord()
    {
        string device = Device ?? Devices.List()[0].Name;
        if (LaunchFile is not null)
        {
            string file = ResolvePath(LaunchFile);
            if (ShouldProcess(file, $"Run on {device}"))
            {
                Run(writer => TryAsync(writer, file, () => RunLaunchFile(writer, file, device)));
            }
        }
        else
        {
            string file = ResolvePath(Path);
            string[] includes = Array.ConvertAll(IncludePath, ResolvePath);
            if (ShouldProcess($"{file}{(Kernel is null ? "" : $" ({Kernel})")}", $"Run on {device}"))
            {
                Run(writer => TryAsync(writer, file, () => RunSource(writer, file, includes, device)));
            }
        }
    }

    private TimeSpan? Limit => TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private Task RunSource(PipelineWriter writer, string file, string[] includes, string deviceName)
    {
        var watch = Stopwatch.StartNew();
        CompiledKernel compiled = Compile(writer, file, includes);
        using Device device = Devices.Open(deviceName);
        using Kernel kernel = device.Load(compiled, new LoadOptions { Unchecked = Unchecked });
        double compileTime = watch.Elapsed.TotalMilliseconds;

        using ArgumentBinder binder = ArgumentBinder.Bind(device, compiled, ArgumentList);
        using var printed = new PrintfWriter(writer);
        LaunchStatistics statistics = kernel.Launch(
            new LaunchConfiguration(ToDim3(Grid), ToDim3(Block), SharedBytes),
            binder.Arguments,
            new LaunchOptions { Output = printed, Timeout = Limit },
            Stop);
        binder.CopyBack();
        printed.Flush();
        writer.Output(new KernelRun
        {
            Kernel = compiled.Name,
            Device = device.Name,
            Path = file,
            CompileMilliseconds = compileTime,
            LaunchMilliseconds = statistics.Elapsed.TotalMilliseconds,
            Printed = printed.Text,
        });
        return Task.CompletedTask;
    }

    private CompiledKernel Compile(PipelineWriter writer, string file, string[] includes)
    {
        CudaCompilation compilation = KernelCompiler.CompileFile(
            file,
            includes,
            Macros.Of(Define),
            Kernel is null ? [] : [Kernel],
            Stop);
        CompiledKernel kernel = KernelCompiler.Find(compilation, file, Kernel ?? OnlyKernel(compilation, file));
        Warn(writer, kernel.Diagnostics);
        return kernel;
    }

    private static string OnlyKernel(CudaCompilation compilation, string file) => compilation.Kernels switch
    {
        [var only] => only.Name,
        [] => throw new KernelCompileException($"{file} does not compile.", compilation.Diagnostics),
        var several => throw new KernelArgumentException(
            DiagnosticCodes.BadLaunch,
            $"{file} has several kernels; say which one with -Kernel: {string.Join(", ", several.Select(kernel => kernel.Name))}."),
    };

    private static void Warn(PipelineWriter writer, IEnumerable<Diagnostic> diagnostics)
    {
        foreach (Diagnostic diagnostic in diagnostics.Where(d => d.Severity == DiagnosticSeverity.Warning))
        {
            writer.Warning(diagnostic.ToString());
        }
    }

    private Task RunLaunchFile(PipelineWriter writer, string file, string device)
    {
        using var printed = new PrintfWriter(writer);
        LaunchResult result = LaunchRunner.Run(CudaWasm.Runtime.LaunchFile.Load(file), new LaunchRunOptions
        {
            Device = device,
            Unchecked = Unchecked,
            Timeout = Limit,
            Output = printed,
        }, Stop);
        printed.Flush();
        Warn(writer, result.Diagnostics);
        writer.Output(new KernelRun
        {
            Kernel = result.Kernel,
            Device = result.Device,
            Path = file,
            CompileMilliseconds = result.CompileMs,
            LaunchMilliseconds = result.LaunchMs[0],
            Printed = printed.Text,
            OutputFiles = [.. result.Outputs.Select(output => output.File)],
        });
        return Task.CompletedTask;
    }

    private static Dim3 ToDim3(long[] sizes) => new(sizes[0], sizes.Length > 1 ? sizes[1] : 1, sizes.Length > 2 ? sizes[2] : 1);
}
