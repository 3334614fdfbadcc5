using System.Collections;
using System.Management.Automation;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Inspection;
using CudaWasm.Compiler.Text;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Caching;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;

namespace CudaWasmNutanix.Commands;

/// <summary>Lists the kernels of CUDA source files with what they need.</summary>
/// <remarks>
/// <para>Each kernel comes with its parameters (and whether it reads or writes what they point to), template arguments, shared
/// memory, launch bounds, the features it needs of a device, and what each target says to it. A target that this build has no
/// code generator for says so. Nothing is run.</para>
/// <para>Templates are listed once for each instance that a launch in the file's host code asks for. Where no launch names the
/// arguments, representative ones are taken and IsAssumed is true; name the instance with -Name to have another.</para>
/// <para>What is wrong with a source is written as errors, one for each place. Kernels with errors are listed too, and their
/// Succeeded is false.</para>
/// </remarks>
/// <example>
/// <code>Get-CudaWasmKernel ./saxpy.cu</code>
/// <para>Lists the kernels of a file.</para>
/// </example>
/// <example>
/// <code>Get-ChildItem -Recurse -Filter *.cu | Get-CudaWasmKernel -IncludePath ./include | Where-Object { $_.Features.Feature -contains 'GridSync' }</code>
/// <para>Finds the kernels of a tree that synchronize their whole grid.</para>
/// </example>
/// <example>
/// <code>(Get-CudaWasmKernel ./reduce.cu -Name 'reduce&lt;double, 512&gt;').Targets</code>
/// <para>Shows what each target says to one instance of a template.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "CudaWasmKernel")]
[OutputType(typeof(KernelDescription))]
public sealed class GetCudaWasmKernelCommand : AsyncCmdlet
{
    /// <summary>CUDA source files; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SourceFileCompleter))]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Names of kernels, with or without template arguments; wildcards are allowed. An instance such as 'scale&lt;double&gt;' is made where there is none.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(KernelNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Folders to look for headers in, after the source's own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] IncludePath { get; set; } = [];

    /// <summary>Macros: @{ N = 1024 }, or 'N=1024', 'DEBUG'.</summary>
    [Parameter]
    [DefineTransformation]
    public Hashtable? Define { get; set; }

    protected override void ProcessRecord()
    {
        string[] includes = Array.ConvertAll(IncludePath, ResolvePath);
        string[] files = [.. Path.SelectMany(Files)];
        Run(async writer =>
        {
            foreach (string file in files)
            {
                Stop.ThrowIfCancellationRequested();
                await TryAsync(writer, file, () => List(writer, file, includes)).ConfigureAwait(false);
            }
        });
    }

    /// <summary>The files that a path means. One without wildcards stays as it is, and is missed when it is read.</summary>
    private IEnumerable<string> Files(string path) => WildcardPattern.ContainsWildcardCharacters(path) && !File.Exists(ResolvePath(path))
        ? SessionState.Path.GetResolvedProviderPathFromPSPath(path, out _).Where(File.Exists)
        : [ResolvePath(path)];

    private Task List(PipelineWriter writer, string file, string[] includes)
    {
        // An instance that is spelled out is asked for; every other name chooses among what there is.
        string[] instances = [.. (Name ?? []).Where(name => name.Contains('<', StringComparison.Ordinal) && !WildcardPattern.ContainsWildcardCharacters(name))];
        bool isOnlyInstances = Name is { Length: > 0 } names && instances.Length == names.Length;
        CudaCompilation found = KernelCompiler.CompileFile(
            file,
            new CompileFileOptions { IncludePaths = includes, Defines = Macros.Of(Define), Kernels = isOnlyInstances ? instances : [], Cache = CompileCache.OfUser },
            Stop);
        writer.Verbose($"{file}: cache: {found.Cache.ToString().ToLowerInvariant()}");
        var filter = new NameFilter(Name);
        CompiledKernel[] kernels = [.. found.Kernels.Where(kernel => isOnlyInstances || filter.IsMatchAny(kernel.Name, kernel.Name.Split('<')[0]))];
        Diagnostic[] diagnostics = [.. found.Diagnostics.Concat(kernels.SelectMany(kernel => kernel.Diagnostics)).Distinct()];
        foreach (Diagnostic warning in diagnostics.Where(d => d.Severity == DiagnosticSeverity.Warning))
        {
            writer.Warning(warning.ToString());
        }

        foreach (CompiledKernel kernel in kernels)
        {
            Stop.ThrowIfCancellationRequested();
            writer.Output(KernelDescription.Of(kernel));
        }

        foreach (ErrorRecord error in KernelErrors.From(diagnostics, file))
        {
            writer.Error(error);
        }

        if (!isOnlyInstances && found.Kernels.Count > 0)
        {
            foreach (string missing in filter.Missing)
            {
                writer.Error(ErrorRecords.NotFound("KernelNotFound", "kernel", missing, $"Get-CudaWasmKernel {file}"));
            }
        }

        return Task.CompletedTask;
    }
}
