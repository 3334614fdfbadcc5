using System.Collections;
using System.Management.Automation;
using CudaWasm.Compiler.Serialization;
using CudaWasm.Runtime;
using CudaWasm.Runtime.Remote;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Workers;

namespace CudaWasmNutanix.Commands;

/// <summary>Publishes a CUDA source file, or kernels compiled of one, on a worker, under a name they can be launched by.</summary>
/// <remarks>
/// <para>The source is compiled here first, so that its errors are told without the worker; the headers it includes travel along.
/// When the command is done, the worker has it on its disk: it is there after a restart.</para>
/// <para>A file that 'cuda-wasm compile FILE.cu --target portable -o OUT' wrote is published as it is; the worker verifies it, and
/// takes only what its own version wrote.</para>
/// <para>Publishing under a name that is taken replaces what was there.</para>
/// </remarks>
/// <example>
/// <code>Publish-CudaWasmKernel ./saxpy.cu -Endpoint https://worker.example:8443 -ApiKey (Read-Host -AsSecureString)</code>
/// <para>Publishes a file as saxpy.</para>
/// </example>
/// <example>
/// <code>Get-ChildItem ./kernels/*.cu | Publish-CudaWasmKernel -Endpoint http://localhost:8080 -Define @{ TILE = 32 }</code>
/// <para>Publishes a folder of files, each under its own name.</para>
/// </example>
/// <example>
/// <code>Publish-CudaWasmKernel ./saxpy.cukernel -Endpoint http://localhost:8080</code>
/// <para>Publishes compiled kernels as saxpy; the compiler is not needed where they run.</para>
/// </example>
[Cmdlet(VerbsData.Publish, "CudaWasmKernel", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(PublishedKernel))]
public sealed class PublishCudaWasmKernelCommand : WorkerCmdlet
{
    /// <summary>The CUDA source file, or a file of compiled kernels.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Name to publish it under: lower-case letters, digits, '.', '_' and '-'. The file's own where not given.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The kernels wanted, with template arguments where they have any: 'scale&lt;float&gt;'. All that are found where not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Kernel { get; set; } = [];

    /// <summary>Macros: @{ N = 1024 }, or 'N=1024', 'DEBUG'.</summary>
    [Parameter]
    [DefineTransformation]
    public Hashtable? Define { get; set; }

    /// <summary>Folders to look for headers in, after the source's own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] IncludePath { get; set; } = [];

    protected override void ProcessRecord()
    {
        string file = ResolvePath(Path);
        string name = Name ?? System.IO.Path.GetFileNameWithoutExtension(file).ToLowerInvariant();
        string[] includes = Array.ConvertAll(IncludePath, ResolvePath);
        if (!ShouldProcess($"{Endpoint}", $"Publish {file} as '{name}'"))
        {
            return;
        }

        Run(file, async (writer, worker) =>
        {
            if (CompiledKernel(file) is { } compiled)
            {
                PublishedKernel kept = await worker.PublishAsync(name, compiled, Stop).ConfigureAwait(false);
                writer.Output(kept with { Endpoint = worker.Endpoint });
                return;
            }

            PackagedSource source = KernelPackageReader.Read(file, includes, Macros.Of(Define), Kernel, Stop);
            if (!source.Compilation.Succeeded)
            {
                throw new KernelCompileException($"{file} does not compile.", [.. source.Compilation.AllDiagnostics]);
            }

            PublishedKernel published = await worker.PublishAsync(name, source.Package, Stop).ConfigureAwait(false);
            writer.Output(published with { Endpoint = worker.Endpoint });
        });
    }

    /// <summary>The bytes of a file of compiled kernels; null where it is anything else.</summary>
    private byte[]? CompiledKernel(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        byte[] start = new byte[16];
        using (FileStream stream = File.OpenRead(file))
        {
            int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            if (!CompiledKernelFile.IsOne(start.AsSpan(0, length)))
            {
                return null;
            }
        }

        if (Kernel.Length > 0 || Define is not null || IncludePath.Length > 0)
        {
            throw new PSArgumentException($"{file} is compiled already: -Kernel, -Define and -IncludePath are for sources.");
        }

        return File.ReadAllBytes(file);
    }
}
