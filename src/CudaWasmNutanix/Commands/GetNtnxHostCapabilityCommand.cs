using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using GpuPlatform;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Tells what GPU hosts can do: passthrough, vGPU, driver, architecture, NUMA, and the largest request each could meet.</summary>
/// <remarks>
/// <para>What Prism does not tell is empty and not guessed: it has no architecture for a host (the cluster's is shown), and none
/// for ARM at all; temperature, power and clocks of GPUs are not in Prism.</para>
/// </remarks>
/// <example>
/// <code>Get-NtnxHostCapability ahv-01-*</code>
/// <para>Tells what some hosts can do.</para>
/// </example>
/// <example>
/// <code>Get-NtnxGpuHost | Get-NtnxHostCapability | Where-Object LargestNumaAlignedRequest -ge 4</code>
/// <para>Finds the hosts that could give a machine four GPUs on one NUMA node now.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "NtnxHostCapability", DefaultParameterSetName = "Name")]
[OutputType(typeof(HostCapability))]
public sealed class GetNtnxHostCapabilityCommand : PrismCmdlet
{
    private Dictionary<string, PrismCluster>? _clusters;

    /// <summary>Names of the hosts; wildcards are allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = "Name")]
    [Alias("HostName")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuHostCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Hosts, as Get-NtnxGpuHost returned them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Host", ValueFromPipeline = true)]
    [ValidateNotNull]
    public GpuHost[]? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        var client = Client;
        var names = new NameFilter(Name);
        Run(writer => TryAsync(writer, client.Name, async () =>
        {
            _clusters ??= (await client.GetClustersAsync(Stop).ToListAsync(Stop).ConfigureAwait(false)).DistinctBy(c => c.ExtId).ToDictionary(c => c.ExtId);
            IAsyncEnumerable<GpuHost> hosts = InputObject?.ToAsyncEnumerable() ?? client.GetGpuHostsAsync(warning => writer.Warning(warning.Message), Stop);
            await foreach (GpuHost host in hosts.ConfigureAwait(false))
            {
                if (names.IsMatch(host.Name))
                {
                    writer.Output(HostCapability.Of(host, _clusters.GetValueOrDefault(host.ClusterId ?? "")));
                }
            }

            ReportMissingHosts(writer, names);
        }));
    }
}
