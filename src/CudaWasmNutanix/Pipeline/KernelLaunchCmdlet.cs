using System.Collections;
using System.Management.Automation;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Caching;
using CudaWasmNutanix.Completion;

namespace CudaWasmNutanix.Pipeline;

/// <summary>A cmdlet that launches a kernel, given by a source file and what stands between the launch's brackets, or by a launch file.</summary>
public abstract class KernelLaunchCmdlet : AsyncCmdlet
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

    protected override void ProcessRecord()
    {
        string device = Device ?? Devices.List()[0].Name;
        if (LaunchFile is not null)
        {
            string file = ResolvePath(LaunchFile);
            if (IsWanted(file, device))
            {
                Run(writer => TryAsync(writer, file, () => RunLaunchFile(writer, file, device)));
            }
        }
        else
        {
            string file = ResolvePath(Path);
            string[] includes = Array.ConvertAll(IncludePath, ResolvePath);
            if (IsWanted($"{file}{(Kernel is null ? "" : $" ({Kernel})")}", device))
            {
                Run(writer => TryAsync(writer, file, () => RunSource(writer, file, includes, device)));
            }
        }
    }

    /// <summary>Asks whoever is to be asked, on the pipeline thread.</summary>
    protected virtual bool IsWanted(string target, string device) => true;

    /// <summary>Launches the kernel of a source file on a device.</summary>
    protected abstract Task RunSource(PipelineWriter writer, string file, string[] includes, string deviceName);

    /// <summary>Launches what a launch file describes on a device.</summary>
    protected abstract Task RunLaunchFile(PipelineWriter writer, string file, string device);

    protected TimeSpan? Limit => TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    protected LaunchConfiguration Configuration => new(ToDim3(Grid), ToDim3(Block), SharedBytes);

    /// <summary>The kernel of a source file; warnings of the compiler are written.</summary>
    protected CompiledKernel Compile(PipelineWriter writer, string file, string[] includes)
    {
        CudaCompilation compilation = KernelCompiler.CompileFile(
            file,
            new CompileFileOptions { IncludePaths = includes, Defines = Macros.Of(Define), Kernels = Kernel is null ? [] : [Kernel], Cache = CompileCache.OfUser },
            Stop);
        SayCache(writer, file, compilation.Cache);
        CompiledKernel kernel = KernelCompiler.Find(compilation, file, Kernel ?? OnlyKernel(compilation, file));
        Warn(writer, kernel.Diagnostics);
        return kernel;
    }

    protected static void SayCache(PipelineWriter writer, string file, CacheOutcome outcome) =>
        writer.Verbose($"{file}: cache: {outcome.ToString().ToLowerInvariant()}");

    protected static string OnlyKernel(CudaCompilation compilation, string file) => compilation.Kernels switch
    {
        [var only] => only.Name,
        [] => throw new KernelCompileException($"{file} does not compile.", compilation.Diagnostics),
        var several => throw new KernelArgumentException(
            DiagnosticCodes.BadLaunch,
            $"{file} has several kernels; say which one with -Kernel: {string.Join(", ", several.Select(kernel => kernel.Name))}."),
    };

    protected static void Warn(PipelineWriter writer, IEnumerable<Diagnostic> diagnostics)
    {
        foreach (Diagnostic diagnostic in diagnostics.Where(d => d.Severity == DiagnosticSeverity.Warning))
        {
            writer.Warning(diagnostic.ToString());
        }
    }

    private static Dim3 ToDim3(long[] sizes) => new(sizes[0], sizes.Length > 1 ? sizes[1] : 1, sizes.Length > 2 ? sizes[2] : 1);
}
