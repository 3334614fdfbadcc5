using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using GpuPlatform;
using Nutanix.Prism.V3;
using Nutanix.Prism.V3.Wire;
using Nutanix.Prism.V4;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.Inventory;

/// <summary>
/// Reads the estate's GPUs: clusters, then for each cluster at the same time its hosts and GPU profiles; v3's host list, which
/// alone tells on which host a device sits, once for all; PCIe devices and the machines that hold GPUs where something is
/// still missing. Hosts are handed out cluster by cluster as these become complete. What fails is told and costs only what
/// it would have brought.
/// </summary>
internal sealed class GpuInventory(V4Api api, GpuProfiles profiles, V4Prism prism)
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
            await foreach (PrismCluster cluster in prism.ListClusters(stop.Token).ConfigureAwait(false))
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
            List<V3Host> known = [.. (await shared.V3Hosts.ConfigureAwait(false)).Where(h => hostIds.Contains(h.Host.ExtId))];
            List<WirePcieDevice> pcie = IsComplete(hosts, known)
                ? []
                : [.. (await shared.PcieDevices.Value.ConfigureAwait(false)).Where(d => hostIds.Contains(d.HostExtId))];
            IReadOnlyDictionary<string, PrismVm> vms = await HoldersAsync(cluster, rows, pcie, known, warnings, cancellationToken).ConfigureAwait(false);
            (List<GpuHost> result, int lost) = new GpuHostAssembler(cluster, vms).Assemble(hosts, rows, pcie, known);
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

    // Each host that names GPUs is told by v3 with as many devices.
    private static bool IsComplete(List<WireHost> hosts, List<V3Host> known)
    {
        Dictionary<string, int> devices = known.DistinctBy(k => k.Host.ExtId).ToDictionary(k => k.Host.ExtId!, k => k.Gpus.Count(g => !g.IsVirtual));
        return known.Count > 0 && hosts.All(h => h.ExtId is null || h.GpuList.Count <= devices.GetValueOrDefault(h.ExtId));
    }

    // The machines that hold GPUs, with their names and hosts: as v3 tells them, else out of the cluster's machines.
    private async Task<IReadOnlyDictionary<string, PrismVm>> HoldersAsync(
        PrismCluster cluster,
        List<GpuProfileRow> rows,
        List<WirePcieDevice> pcie,
        List<V3Host> known,
        ConcurrentQueue<PlatformWarning> warnings,
        CancellationToken cancellationToken)
    {
        var named = new Dictionary<string, PrismVm>(StringComparer.Ordinal);
        foreach (V3Host host in known)
        {
            foreach (V3Reference consumer in host.Consumers.Where(c => c is { Uuid.Length: > 0, Name.Length: > 0 }))
            {
                named.TryAdd(consumer.Uuid!, new PrismVm { ExtId = consumer.Uuid!, Name = consumer.Name!, HostId = host.Host.ExtId });
            }
        }

        IEnumerable<string> holders = rows.SelectMany(r => r.AllocatedVms)
            .Concat(known.SelectMany(k => k.Gpus).SelectMany(g => g.AllocatedVms))
            .Concat(pcie.Select(d => d.OwnerVmExtId).OfType<string>().Where(o => o.Length > 0));
        if (holders.All(named.ContainsKey))
        {
            return named;
        }

        List<PrismVm> vms = await TryAsync(
            $"virtual machines of cluster {cluster.Name}",
            prism.ListVms(new VmQuery { ClusterId = cluster.ExtId }, cancellationToken).ToListAsync(cancellationToken).AsTask(),
            warnings).ConfigureAwait(false);
        foreach (PrismVm vm in vms)
        {
            named[vm.ExtId] = vm;
        }

        return named;
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

    /// <summary>What is read once for all clusters: v3's hosts at once, PCIe devices when a cluster first needs them.</summary>
    private sealed class SharedSources
    {
        public SharedSources(V4Api api, ConcurrentQueue<PlatformWarning> warnings, CancellationToken cancellationToken)
        {
            V3Hosts = TryAsync("v3 host list", ReadV3HostsAsync(api, cancellationToken), warnings);
            PcieDevices = new(() =>
            {
                var options = new ListOptions
                {
                    Filter = Filter.Or([Filter.EqualEnum("type", PcieType, "DISPLAY_CONTROLLER"), Filter.EqualEnum("type", PcieType, "PROCESSING_ACCELERATOR")]),
                    FilterIsOptional = true,
                };
                return TryAsync(
                    "PCIe devices",
                    api
                        .ListAsync(ApiNamespace.ClusterMgmt, "ahv/config/pcie-devices", PrismJson.Default.WirePcieDevice, d => d.ExtId, options, cancellationToken)
                        .Where(PcieGpu.Is)
                        .ToListAsync(cancellationToken)
                        .AsTask(),
                    warnings);
            });
        }

        public Task<List<V3Host>> V3Hosts { get; }

        public Lazy<Task<List<WirePcieDevice>>> PcieDevices { get; }

        // A server without v3, or a user who may not call it, is no fault: the other sources do.
        private static async Task<List<V3Host>> ReadV3HostsAsync(V4Api api, CancellationToken cancellationToken)
        {
            try
            {
                using var v3 = new V3Prism(api.Http);
                return await v3.ListHosts(cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (PrismException e) when (e is PrismNotFoundException or PrismAuthenticationException
                || e.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.Gone or HttpStatusCode.NotImplemented)
            {
                api.Http.Log($"v3 hosts/list is not to be had, PCIe devices tell the hosts instead: {e.Message}");
                return [];
            }
        }
    }
}
