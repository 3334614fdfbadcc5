using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using GpuPlatform;
using Nutanix.Prism.V4;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.Inventory;

/// <summary>
/// Reads the estate's GPUs: clusters, then for each cluster at the same time its hosts and GPU profiles; PCIe devices and
/// the machines that hold GPUs once for all. Hosts are handed out cluster by cluster as these become complete. What fails
/// is told and costs only what it would have brought.
/// </summary>
internal sealed class GpuInventory(V4Api api, GpuProfiles profiles, PrismDirectory directory)
{
    private const string PcieType = "Clustermgmt.Ahv.Config.PcieDeviceType";

    public async IAsyncEnumerable<GpuHost> StreamAsync(
        Action<PlatformWarning>? report, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var warnings = new ConcurrentQueue<PlatformWarning>();
        var shared = new SharedSources(api, warnings, stop.Token);
        List<Task<List<GpuHost>>> clusters = [];
        try
        {
            foreach (PrismCluster cluster in await directory.GetClustersAsync(stop.Token).ConfigureAwait(false))
            {
                if (!cluster.IsPrismCentral)
                {
                    clusters.Add(ReadClusterAsync(cluster, shared, warnings, stop.Token));
                }
            }

            await foreach (Task<List<GpuHost>> cluster in Task.WhenEach(clusters).WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                List<GpuHost> hosts = await cluster.ConfigureAwait(false);

                // Here, and not where they arise: the caller's thread is the only one that calls it.
                Drain(warnings, report);
                foreach (GpuHost host in hosts)
                {
                    yield return host;
                }
            }

            Drain(warnings, report);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(clusters)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<List<GpuHost>> ReadClusterAsync(
        PrismCluster cluster, SharedSources shared, ConcurrentQueue<PlatformWarning> warnings, CancellationToken cancellationToken)
    {
        try
        {
            Task<List<GpuProfileRow>> physical = TryAsync(
                $"physical GPU profiles of cluster {cluster.Name}", profiles.GetPhysicalAsync(cluster.ExtId, cancellationToken), warnings);
            Task<List<GpuProfileRow>> @virtual = TryAsync(
                $"virtual GPU profiles of cluster {cluster.Name}", profiles.GetVirtualAsync(cluster.ExtId, cancellationToken), warnings);
            List<WireHost> hosts = await ReadHostsAsync(cluster, cancellationToken).ConfigureAwait(false);
            List<GpuProfileRow> rows = [.. await physical.ConfigureAwait(false), .. await @virtual.ConfigureAwait(false)];
            HashSet<string?> hostIds = [.. hosts.Select(h => h.ExtId)];
            List<WirePcieDevice> pcie = [.. (await shared.PcieDevices.ConfigureAwait(false)).Where(d => hostIds.Contains(d.HostExtId))];
            bool anyHeld = rows.Any(r => r.AllocatedVms.Count > 0) || pcie.Any(d => !string.IsNullOrEmpty(d.OwnerVmExtId));
            IReadOnlyDictionary<string, PrismVm> vms = anyHeld
                ? await shared.VirtualMachines.Value.ConfigureAwait(false)
                : new Dictionary<string, PrismVm>();
            (List<GpuHost> result, int lost) = new GpuHostAssembler(cluster, vms).Assemble(hosts, rows, pcie);
            if (lost > 0)
            {
                warnings.Enqueue(new PlatformWarning(
                    $"cluster {cluster.Name}",
                    $"{lost} GPU profile rows of cluster {cluster.Name} could not be matched with a host; they are listed under '(unknown host of {cluster.Name})'."));
            }

            return result;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            warnings.Enqueue(new PlatformWarning($"cluster {cluster.Name}", $"The hosts of cluster {cluster.Name} could not be read: {e.Message}", e));
            return [];
        }
    }

    private async Task<List<WireHost>> ReadHostsAsync(PrismCluster cluster, CancellationToken cancellationToken) => await api
        .ListAsync(
            ApiNamespace.ClusterMgmt,
            $"config/clusters/{V4Api.Segment(cluster.ExtId)}/hosts",
            PrismJson.Default.WireHost,
            h => h.ExtId,
            cancellationToken: cancellationToken)
        .ToListAsync(cancellationToken)
        .ConfigureAwait(false);

    private static async Task<List<T>> TryAsync<T>(string source, Task<List<T>> read, ConcurrentQueue<PlatformWarning> warnings)
    {
        try
        {
            return await read.ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            warnings.Enqueue(new PlatformWarning(source, $"The {source} could not be read: {e.Message}", e));
            return [];
        }
    }

    private static void Drain(ConcurrentQueue<PlatformWarning> warnings, Action<PlatformWarning>? report)
    {
        while (warnings.TryDequeue(out PlatformWarning? warning))
        {
            report?.Invoke(warning);
        }
    }

    /// <summary>What is read once for all clusters: PCIe devices at once, machines when a cluster first needs them.</summary>
    private sealed class SharedSources
    {
        public SharedSources(V4Api api, ConcurrentQueue<PlatformWarning> warnings, CancellationToken cancellationToken)
        {
            var options = new ListOptions
            {
                Filter = Filter.Or([Filter.EqualEnum("type", PcieType, "DISPLAY_CONTROLLER"), Filter.EqualEnum("type", PcieType, "PROCESSING_ACCELERATOR")]),
                FilterIsOptional = true,
            };
            PcieDevices = TryAsync(
                "PCIe devices",
                api
                    .ListAsync(ApiNamespace.ClusterMgmt, "ahv/config/pcie-devices", PrismJson.Default.WirePcieDevice, d => d.ExtId, options, cancellationToken)
                    .Where(PcieGpu.Is)
                    .ToListAsync(cancellationToken)
                    .AsTask(),
                warnings);
            VirtualMachines = new(async () =>
            {
                List<PrismVm> vms = await TryAsync(
                    "virtual machines",
                    api
                        .ListAsync(ApiNamespace.Vmm, "ahv/config/vms", PrismJson.Default.WireVm, v => v.ExtId, cancellationToken: cancellationToken)
                        .Select(v => v.ToVm())
                        .ToListAsync(cancellationToken)
                        .AsTask(),
                    warnings).ConfigureAwait(false);
                return vms.DistinctBy(v => v.ExtId).ToDictionary(v => v.ExtId);
            });
        }

        public Task<List<WirePcieDevice>> PcieDevices { get; }

        public Lazy<Task<Dictionary<string, PrismVm>>> VirtualMachines { get; }
    }
}
