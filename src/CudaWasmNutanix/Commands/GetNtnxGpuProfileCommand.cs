using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using GpuPlatform;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Lists the GPU profiles of clusters: what a virtual machine can be given, and what the names mean.</summary>
/// <remarks>
/// <para>A profile is a model that is handed out whole (passthrough), or a vGPU type: a share of a device with a fixed frame
/// buffer. The vGPU types of one device share its room, so what is free of one is not free of another once it is taken.</para>
/// </remarks>
/// <example>
/// <code>Get-NtnxGpuProfile</code>
/// <para>Lists all profiles, how many of each are free, and what each is.</para>
/// </example>
/// <example>
/// <code>Get-NtnxCluster lab-1 | Get-NtnxGpuProfile *A40* -Mode Virtual -Free | Sort-Object MemoryBytes</code>
/// <para>Lists the vGPU types of the A40 that a machine of a cluster could be given now, the smallest first.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "NtnxGpuProfile", DefaultParameterSetName = "Estate")]
[OutputType(typeof(GpuProfile))]
public sealed class GetNtnxGpuProfileCommand : PrismCmdlet
{
    /// <summary>Names of profiles or models; wildcards are allowed.</summary>
    [Parameter(Position = 0)]
    [Alias("Profile", "Model")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuProfileCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Names of the clusters; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = "Estate")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Cluster { get; set; }

    /// <summary>Clusters, as Get-NtnxCluster returned them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Cluster", ValueFromPipeline = true)]
    [ValidateNotNull]
    public PrismCluster[]? InputObject { get; set; }

    /// <summary>Only profiles of these makers.</summary>
    [Parameter]
    public GpuVendor[]? Vendor { get; set; }

    /// <summary>Only profiles that are handed out in one of these ways.</summary>
    [Parameter]
    public GpuMode[]? Mode { get; set; }

    /// <summary>Only profiles of which at least one is free.</summary>
    [Parameter]
    public SwitchParameter Free { get; set; }

    protected override void ProcessRecord()
    {
        var client = Client;
        var names = new NameFilter(Name);
        var clusters = new NameFilter(Cluster);
        Run(writer => TryAsync(writer, client.Name, async () =>
        {
            // Clusters that are not meant are not asked.
            List<string>? ids = InputObject is not null ? [.. InputObject.Select(c => c.ExtId)] : Cluster is null ? null : await client.GetClustersAsync(Stop)
                .Where(c => clusters.IsMatch(c.Name))
                .Select(c => c.ExtId)
                .ToListAsync(Stop)
                .ConfigureAwait(false);
            await foreach (GpuProfile profile in client.GetGpuProfilesAsync(ids, warning => writer.Warning(warning.Message), Stop).ConfigureAwait(false))
            {
                if (names.IsMatchAny(profile.Name, profile.Model)
                    && (Vendor is null || Vendor.Contains(profile.Vendor))
                    && (Mode is null || Mode.Contains(profile.Mode))
                    && (!Free || profile.Free > 0))
                {
                    writer.Output(profile);
                }
            }

            ReportMissing(writer, names, "GpuProfileNotFound", "GPU profile", "Get-NtnxGpuProfile");
            ReportMissing(writer, clusters, "ClusterNotFound", "cluster", "Get-NtnxCluster");
        }));
    }
}
