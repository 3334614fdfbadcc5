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
/// <code>Get-NtnxGpuHost -Vendor Nvidia -MinGpuMemory 40GB -MinFreeGpu 2</code>
/// <para>Lists the hosts that have at least two free NVIDIA GPUs of 40 GB and more.</para>
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

    /// <summary>Only hosts with at least this many GPUs free, of those -Vendor, -Model and -MinGpuMemory mean.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MinFreeGpu { get; set; }

    /// <summary>Only hosts with a GPU of at least this much memory, in bytes: 40GB.</summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    public long? MinGpuMemory { get; set; }

    protected override void ProcessRecord()
    {
        var client = Client;
        var names = new NameFilter(Name);
        var clusters = new NameFilter(Cluster);
        var models = new NameFilter(Model);
        Run(writer => TryAsync(writer, client.Name, async () =>
        {
            await foreach (GpuHost host in client.GetGpuHostsAsync(warning => writer.Warning(warning.Message), Stop).ConfigureAwait(false))
            {
                // Named before counted: a host that has no such GPU is there all the same.
                if (names.IsMatch(host.Name) && clusters.IsMatch(host.ClusterName) && models.IsMatchAny(host.Models) && HasGpus(host))
                {
                    writer.Output(host);
                }
            }

            ReportMissingHosts(writer, names);
            ReportMissing(writer, clusters, "ClusterNotFound", "cluster", "Get-NtnxCluster");
        }));
    }

    private bool HasGpus(GpuHost host)
    {
        var models = new NameFilter(Model);
        GpuDevice[] meant = [.. host.Gpus.Where(g =>
            models.IsMatch(g.Model)
            && (Vendor is null || Vendor.Contains(g.Vendor))
            && (MinGpuMemory is null || g.MemoryBytes >= MinGpuMemory))];
        return meant.Length > 0 && meant.Count(g => g.IsFree) >= MinFreeGpu;
    }
}
