using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Lists the clusters of a Prism Central.</summary>
/// <remarks>
/// <para>A Prism Central lists itself as a cluster too; that entry has no hosts and is left out unless -IncludePrismCentral is
/// given.</para>
/// </remarks>
/// <example>
/// <code>Get-NtnxCluster</code>
/// <para>Lists the clusters, their version, nodes and machines.</para>
/// </example>
/// <example>
/// <code>Get-NtnxCluster lab-* | ForEach-Object { Get-NtnxGpuHost -Cluster $_.Name }</code>
/// <para>Lists the GPU hosts of some clusters.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "NtnxCluster")]
[OutputType(typeof(PrismCluster))]
public sealed class GetNtnxClusterCommand : PrismCmdlet
{
    /// <summary>Names of the clusters; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Cluster", "ClusterName")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Lists the entry of the Prism Central itself too.</summary>
    [Parameter]
    public SwitchParameter IncludePrismCentral { get; set; }

    protected override void ProcessRecord()
    {
        var client = Client;
        var names = new NameFilter(Name);
        Run(writer => TryAsync(writer, client.Name, async () =>
        {
            await foreach (PrismCluster cluster in client.GetClustersAsync(Stop).ConfigureAwait(false))
            {
                if ((IncludePrismCentral || !cluster.IsPrismCentral) && names.IsMatch(cluster.Name))
                {
                    writer.Output(cluster);
                }
            }

            ReportMissing(writer, names, "ClusterNotFound", "cluster", "Get-NtnxCluster");
        }));
    }
}
