using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using GpuPlatform;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Finds the best hosts for a machine with GPUs, and says why each stands where it stands.</summary>
/// <remarks>
/// <para>Hosts whose GPUs are no larger than needed come first; then those with the fewest GPUs left over (-Strategy Pack) or the
/// most (Spread); then those that have the GPUs on one NUMA node. If none fits, the error says why, host by host; -ShowRejected
/// writes those too. The same estate and request give the same order.</para>
/// </remarks>
/// <example>
/// <code>Find-NtnxGpuHost -Model A100 -Count 2 -NumaAligned</code>
/// <para>Ranks the hosts with two free A100 on one NUMA node.</para>
/// </example>
/// <example>
/// <code>(Find-NtnxGpuHost -Vendor Nvidia -MinGpuMemory 40GB -Strategy Spread -First 1).Host | New-NtnxGpuVm -Name trainer -Image ubuntu-24</code>
/// <para>Makes a machine on the host with most room.</para>
/// </example>
[Cmdlet(VerbsCommon.Find, "NtnxGpuHost", DefaultParameterSetName = "Estate")]
[OutputType(typeof(GpuPlacementCandidate), typeof(GpuPlacementRejection))]
public sealed class FindNtnxGpuHostCommand : PrismCmdlet
{
    private readonly List<GpuHost> _hosts = [];

    /// <summary>Who makes the GPU; Unknown for any.</summary>
    [Parameter]
    public GpuVendor Vendor { get; set; }

    /// <summary>GPU model, for example A100.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(GpuModelCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Model { get; set; }

    /// <summary>GPUs on one host, all of one kind.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int Count { get; set; } = 1;

    /// <summary>Memory each GPU must have at least, in bytes: 40GB.</summary>
    [Parameter]
    [Alias("GpuMemoryBytes")]
    [ValidateRange(1L, long.MaxValue)]
    public long? MinGpuMemory { get; set; }

    /// <summary>Whole device or vGPU; Unknown for any.</summary>
    [Parameter]
    public GpuMode Mode { get; set; }

    /// <summary>Only hosts that have all the GPUs on one NUMA node.</summary>
    [Parameter]
    public SwitchParameter NumaAligned { get; set; }

    /// <summary>Pack leaves the fewest GPUs over, Spread the most.</summary>
    [Parameter]
    public GpuPlacementStrategy Strategy { get; set; }

    /// <summary>Names of the clusters to choose from; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = "Estate")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Cluster { get; set; }

    /// <summary>Hosts to choose from, as Get-NtnxGpuHost returned them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Host", ValueFromPipeline = true)]
    [ValidateNotNull]
    public GpuHost[]? InputObject { get; set; }

    /// <summary>At most this many hosts.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int First { get; set; } = int.MaxValue;

    /// <summary>Writes the hosts that do not fit after those that do, with the reason.</summary>
    [Parameter]
    public SwitchParameter ShowRejected { get; set; }

    protected override void ProcessRecord() => _hosts.AddRange(InputObject ?? []);

    protected override void EndProcessing()
    {
        var client = Client;
        var clusters = new NameFilter(Cluster);
        Run(writer => TryAsync(writer, Model ?? Vendor.ToString(), async () =>
        {
            if (ParameterSetName != "Host")
            {
                await foreach (GpuHost host in client.GetGpuHostsAsync(warning => writer.Warning(warning.Message), Stop).ConfigureAwait(false))
                {
                    if (clusters.IsMatch(host.ClusterName))
                    {
                        _hosts.Add(host);
                    }
                }

                ReportMissing(writer, clusters, "ClusterNotFound", "cluster", "Get-NtnxCluster");
            }

            GpuPlacementResult result = GpuPlacement.Rank(_hosts, new GpuPlacementRequest
            {
                Vendor = Vendor,
                Model = Model,
                Count = Count,
                MemoryBytes = MinGpuMemory,
                Mode = Mode,
                OneNumaNode = NumaAligned,
                Strategy = Strategy,
            });
            foreach (GpuPlacementCandidate candidate in result.Candidates.Take(First))
            {
                writer.Output(candidate);
            }

            foreach (GpuPlacementRejection rejection in ShowRejected ? result.Rejections : [])
            {
                writer.Output(rejection);
            }

            result.Require();
        }));
    }
}
