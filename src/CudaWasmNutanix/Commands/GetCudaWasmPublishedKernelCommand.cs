using System.Management.Automation;
using CudaWasm.Runtime.Remote;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Workers;

namespace CudaWasmNutanix.Commands;

/// <summary>Lists the kernels you published on a worker.</summary>
/// <remarks>
/// <para>Only the kernels of the tenant that the API key or certificate names are listed, with the signatures that
/// Invoke-CudaWasmKernel -Endpoint needs.</para>
/// </remarks>
/// <example>
/// <code>Get-CudaWasmPublishedKernel -Endpoint http://localhost:8080</code>
/// <para>Lists them with the signatures of their kernels.</para>
/// </example>
/// <example>
/// <code>Get-CudaWasmPublishedKernel old-* -Endpoint http://localhost:8080 | Remove-CudaWasmPublishedKernel</code>
/// <para>Removes those whose name begins with old-.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "CudaWasmPublishedKernel")]
[OutputType(typeof(PublishedKernel))]
public sealed class GetCudaWasmPublishedKernelCommand : WorkerCmdlet
{
    /// <summary>Names; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PublishedKernelCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    protected override void ProcessRecord()
    {
        var names = new NameFilter(Name);
        Run(Endpoint, async (writer, worker) =>
        {
            foreach (PublishedKernel kernel in await worker.ListAsync(Stop).ConfigureAwait(false))
            {
                if (names.IsMatch(kernel.Name))
                {
                    await TryAsync(writer, kernel.Name, async () => writer.Output(await worker.GetAsync(kernel.Name, Stop).ConfigureAwait(false))).ConfigureAwait(false);
                }
            }

            foreach (string missing in names.Missing)
            {
                writer.Error(ErrorRecords.NotFound("PublishedKernelNotFound", "published kernel", missing, $"Get-CudaWasmPublishedKernel -Endpoint {worker.Endpoint}"));
            }
        });
    }
}
