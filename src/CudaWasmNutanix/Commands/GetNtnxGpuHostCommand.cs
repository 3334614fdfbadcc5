using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using GpuPlatform;

namespace CudaWasmNutanix.Commands;

/// <summary>Lists the hosts that have GPUs.</summary>
/// <remarks>
/// <para>The inventory is merged from clusters, hosts, GPU profiles and PCI devices. A part of the estate that cannot be read
/// is reported and the rest is listed.</para>
/// </remarks>
/// <example>
/// <code>Get-NtnxGpuHost</code>
/// <para>Lists every host with GPUs, how many it has and how many are free.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuHost -Model A100, H100 | Where-Object FreeGpuCount -gt 1</code>
/// <para>Lists the hosts that have at least two free A100 or H100.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "NtnxGpuHost")]
[OutputType(typeof(GpuHost))]
public sealed class GetNtnxGpuHostCommand : PrismCmdlet
{
    /// <summary>Names of the hosts; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("HostName")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuHostCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Names of the clusters the hosts belong to; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Cluster { get; set; }

    /// <summary>Only hosts with a GPU of one of these makers.</summary>
    [Parameter]
    public GpuVendor[]? Vendor { get; set; }

    /// <summary>Only hosts with a GPU of one of these models, for example A100 or Max*; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuModelCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Model { get; set; }

    protected override void ProcessRecord()
    {
        var client = Client;
        var names = new NameFilter(Name);
        var clusters = new NameFilter(Cluster);
        var models = new NameFilter(Model);
        Run(writer => TryAsync(writer, client.Name, async () =>
        {
            await foreach (GpuHost host in client.GetGpuHostsAsync(warning => writer.Error(ErrorRecords.Incomplete(warning)), Stop).ConfigureAwait(false))
            {
                if (names.IsMatch(host.Name) && clusters.IsMatch(host.ClusterName) && models.IsMatchAny(host.Models)
                    && (Vendor is null || host.Vendors.Any(Vendor.Contains)))
                {
                    writer.Output(host);
                }
            }

            ReportMissingHosts(writer, names);
        }));
    }
}
