using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using GpuPlatform;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Counts GPUs by cluster, vendor and model: how many there are, how many are free and in use, and their memory.</summary>
/// <remarks>
/// <para>GPUs that are neither free nor in use are on hosts in maintenance, or in a state Prism does not explain; the column
/// Unavailable counts them.</para>
/// </remarks>
/// <example>
/// <code>Get-NtnxGpuSummary</code>
/// <para>Counts the GPUs of the whole estate.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuHost -Vendor Nvidia | Get-NtnxGpuSummary | Measure-Object Free -Sum</code>
/// <para>Counts the free NVIDIA GPUs. Hosts from the pipeline are not asked for again.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "NtnxGpuSummary", DefaultParameterSetName = "Estate")]
[OutputType(typeof(GpuSummary))]
public sealed class GetNtnxGpuSummaryCommand : PrismCmdlet
{
    private readonly List<GpuHost> _hosts = [];

    /// <summary>Names of the clusters; wildcards are allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = "Estate")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Cluster { get; set; }

    /// <summary>Hosts, as Get-NtnxGpuHost returned them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Host", ValueFromPipeline = true)]
    [ValidateNotNull]
    public GpuHost[]? InputObject { get; set; }

    /// <summary>Counts GPUs of these makers only.</summary>
    [Parameter]
    public GpuVendor[]? Vendor { get; set; }

    /// <summary>Counts these models only; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuModelCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Model { get; set; }

    protected override void ProcessRecord() => _hosts.AddRange(InputObject ?? []);

    protected override void EndProcessing()
    {
        if (ParameterSetName != "Host")
        {
            var client = Client;
            var clusters = new NameFilter(Cluster);
            Run(writer => TryAsync(writer, client.Name, async () =>
            {
                await foreach (GpuHost host in client.GetGpuHostsAsync(warning => writer.Warning(warning.Message), Stop).ConfigureAwait(false))
                {
                    if (clusters.IsMatch(host.ClusterName))
                    {
                        _hosts.Add(host);
                    }
                }

                ReportMissing(writer, clusters, "ClusterNotFound", "cluster", "Get-NtnxCluster");
            }));
        }

        var models = new NameFilter(Model);
        WriteObject(
            GpuSummary.Of(_hosts).Where(s => models.IsMatch(s.Model) && (Vendor is null || Vendor.Contains(s.Vendor))),
            enumerateCollection: true);
    }
}
