using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Lists the subnets of a Prism Central.</summary>
/// <remarks>
/// <para>A VLAN subnet exists on certain clusters; an overlay subnet belongs to a VPC and exists on all of its clusters.</para>
/// </remarks>
/// <example>
/// <code>Get-NtnxSubnet gpu-*</code>
/// <para>Lists the subnets whose names begin with gpu-.</para>
/// </example>
/// <example>
/// <code>Get-NtnxCluster lab-1 | Get-NtnxSubnet -Type VLAN</code>
/// <para>Lists the VLAN subnets of a cluster.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "NtnxSubnet", DefaultParameterSetName = "Name")]
[OutputType(typeof(PrismSubnet))]
public sealed class GetNtnxSubnetCommand : PrismCmdlet
{
    /// <summary>Names of the subnets; wildcards are allowed.</summary>
    [Parameter(Position = 0)]
    [Alias("Subnet")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SubnetCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Clusters, as Get-NtnxCluster returned them: the subnets that exist there.</summary>
    [Parameter(ParameterSetName = "Cluster", Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PrismCluster[]? Cluster { get; set; }

    /// <summary>Only subnets of this type.</summary>
    [Parameter]
    [ValidateSet("VLAN", "OVERLAY")]
    public string? Type { get; set; }

    protected override void ProcessRecord()
    {
        var client = Client;
        var names = new NameFilter(Name);
        HashSet<string>? clusters = Cluster is null ? null : [.. Cluster.Select(c => c.ExtId)];
        Run(writer => TryAsync(writer, client.Name, async () =>
        {
            await foreach (PrismSubnet subnet in client.GetSubnetsAsync(Stop).ConfigureAwait(false))
            {
                if (names.IsMatch(subnet.Name)
                    && (Type is null || string.Equals(subnet.Type, Type, StringComparison.OrdinalIgnoreCase))
                    && (clusters is null || subnet.ClusterIds.Count == 0 || subnet.ClusterIds.Any(clusters.Contains)))
                {
                    writer.Output(subnet);
                }
            }

            ReportMissing(writer, names, "SubnetNotFound", "subnet", "Get-NtnxSubnet");
        }));
    }
}
