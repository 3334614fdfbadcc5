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
/// Reads the estate's GPUs, a few clusters at a time and each with its own sources, so that the first hosts are there after a
/// few requests however large the estate is. GPU profiles tell what devices there are, PCIe devices and the machines that
/// hold them tell where; where that is not enough, v3's host list does, which alone names host and device together. What
/// fails is told and costs only what it would have brought.
/// </summary>
internal sealed class GpuInventory(V4Api api, GpuProfiles profiles, V4Prism prism)
{
    private const string PcieType = "Clustermgmt.Ahv.Config.PcieDeviceType";

    // One at first, two more with each that is done: more would share the requests that may be under way, and the first hosts
    // would come later.
    private const int FirstClusters = 1;
    private const int MoreClusters = 2;
    private const int MostClusters = 12;

    // A cluster that takes longer is not waited for before others are begun.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    public async IAsyncEnumerable<GpuHost> StreamAsync(
        Action<PlatformWarning>? report, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var warnings = new ConcurrentQueue<PlatformWarning>();
        var shared = new SharedSources(api, warnings, stop.Token);
        var reading = new List<Task<List<GpuHost>>>();
        int done = 0;
        try
        {
            await foreach (PrismCluster cluster in prism.ListClusters(stop.Token).ConfigureAwait(false))
            {
                if (cluster.IsPrismCentral)
                {
                    continue;
                }

                reading.Add(ReadClusterAsync(cluster, shared, warnings, stop.Token));
                if (reading.Count < Math.Min(MostClusters, FirstClusters + done))
                {
                    continue;
                }

                Task<Task<List<GpuHost>>> next = Task.WhenAny(reading);
                if (reading.Count < MostClusters && await Task.WhenAny(next, Task.Delay(Patience, stop.Token)).ConfigureAwait(false) != next)
                {
                    done += MoreClusters;
                    continue;
                }

                foreach (GpuHost host in await NextAsync().ConfigureAwait(false))
                {
                    yield return host;
                }
            }

            while (reading.Count > 0)
            {
                foreach (GpuHost host in await NextAsync().ConfigureAwait(false))
                {
                    yield return host;
                }
            }

            Drain(warnings, report);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(reading)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<List<GpuHost>> NextAsync()
        {
            // Whichever is there: a cluster that is slow to answer holds up none of the others.
            Task<List<GpuHost>> ready = await Task.WhenAny(reading).ConfigureAwait(false);
            reading.Remove(ready);
            List<GpuHost> hosts = await ready.ConfigureAwait(false);
            done += MoreClusters;

            // Here, and not where they arise: the caller's thread is the only one that calls it.
            Drain(warnings, report);
            return hosts;
        }
    }

    private async Task<List<GpuHost>> ReadClusterAsync(
        PrismCluster cluster, SharedSources shared, ConcurrentQueue<PlatformWarning> warnings, CancellationToken cancellationToken)
    {
        try
        {
            var machines = new Lazy<Task<List<PrismVm>>>(() => ReadVmsAsync(cluster, warnings, cancellationToken));
            Task<List<GpuProfileRow>> physical = TryAsync(
                $"physical GPU profiles of cluster {cluster.Name}",
                profiles.GetPhysicalAsync(cluster.ExtId, BeginMachines, cancellationToken),
                warnings);
            Task<List<GpuProfileRow>> @virtual = TryAsync(
                $"virtual GPU profiles of cluster {cluster.Name}", profiles.GetVirtualAsync(cluster.ExtId, cancellationToken), warnings);
            Task<List<WirePcieDevice>> devices = shared.PcieDevicesOfAsync(cluster);
            Task<List<WireHost>> hostList = ReadHostsAsync(cluster, cancellationToken);
            List<GpuProfileRow> rows = [.. await physical.ConfigureAwait(false)];
            List<WireHost> hosts = await hostList.ConfigureAwait(false);
            rows.AddRange(await @virtual.ConfigureAwait(false));
            HashSet<string?> hostIds = [.. hosts.Select(h => h.ExtId)];
            List<WirePcieDevice> pcie = [.. (await devices.ConfigureAwait(false)).Where(d => hostIds.Contains(d.HostExtId))];
            List<V3Host> known = IsComplete(hosts, rows, pcie)
                ? []
                : [.. (await shared.V3Hosts.Value.ConfigureAwait(false)).Where(h => hostIds.Contains(h.Host.ExtId))];
            IReadOnlyDictionary<string, PrismVm> vms = await HoldersAsync(machines, rows, pcie, known).ConfigureAwait(false);
            (List<GpuHost> result, int lost) = new GpuHostAssembler(cluster, vms).Assemble(hosts, rows, pcie, known);
            if (lost > 0)
            {
                warnings.Enqueue(new PlatformWarning(
                    $"cluster {cluster.Name}",
                    $"{lost} GPU profile rows of cluster {cluster.Name} could not be matched with a host; they are listed under '(unknown host of {cluster.Name})'."));
            }

            return result;

            // At the first sign that they are needed, and not when all else is there: it is the longest list.
            void BeginMachines(GpuProfileRow row)
            {
                if (row.AllocatedVms.Count > 0)
                {
                    _ = machines.Value;
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            warnings.Enqueue(new PlatformWarning($"cluster {cluster.Name}", $"The hosts of cluster {cluster.Name} could not be read: {e.Message}", e));
            return [];
        }
    }

    // Each device has a PCIe device that tells its host, and each host as many as it names.
    private static bool IsComplete(List<WireHost> hosts, List<GpuProfileRow> rows, List<WirePcieDevice> pcie)
    {
        Dictionary<string, int> byHost = pcie.Where(d => d.HostExtId is not null).CountBy(d => d.HostExtId!).ToDictionary();
        return hosts.All(h => h.ExtId is null || h.GpuList.Count <= byHost.GetValueOrDefault(h.ExtId))
            && rows.Count(r => !r.IsVirtual) <= pcie.Count;
    }

    // The machines that hold GPUs, with their names and hosts: as v3 tells them, else out of the cluster's machines.
    private static async Task<IReadOnlyDictionary<string, PrismVm>> HoldersAsync(
        Lazy<Task<List<PrismVm>>> machines, List<GpuProfileRow> rows, List<WirePcieDevice> pcie, List<V3Host> known)
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
        if (!machines.IsValueCreated && holders.All(named.ContainsKey))
        {
            return named;
        }

        foreach (PrismVm vm in await machines.Value.ConfigureAwait(false))
        {
            named[vm.ExtId] = vm;
        }

        return named;
    }

    private Task<List<PrismVm>> ReadVmsAsync(PrismCluster cluster, ConcurrentQueue<PlatformWarning> warnings, CancellationToken cancellationToken) => TryAsync(
        $"virtual machines of cluster {cluster.Name}",
        prism.ListVms(new VmQuery { ClusterId = cluster.ExtId }, readsAll: true, cancellationToken).ToListAsync(cancellationToken).AsTask(),
        warnings);

    private async Task<List<WireHost>> ReadHostsAsync(PrismCluster cluster, CancellationToken cancellationToken) => await api
        .ListAsync(
            ApiNamespace.ClusterMgmt,
            $"config/clusters/{V4Api.Segment(cluster.ExtId)}/hosts",
            PrismJson.Default.WireHost,
            h => h.ExtId,
            new ListOptions { ReadsAll = true },
            cancellationToken)
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

    /// <summary>What is read once for all clusters, when the first needs it.</summary>
    private sealed class SharedSources(V4Api api, ConcurrentQueue<PlatformWarning> warnings, CancellationToken cancellationToken)
    {
        private static readonly string TypeFilter =
            Filter.Or([Filter.EqualEnum("type", PcieType, "DISPLAY_CONTROLLER"), Filter.EqualEnum("type", PcieType, "PROCESSING_ACCELERATOR")])!;

        private readonly Lazy<Task<List<WirePcieDevice>>> _all = new(() => TryAsync(
            "PCIe devices", ReadPcieAsync(api, TypeFilter, isOptional: true, cancellationToken), warnings));

        private volatile bool _filterIsRefused;

        public Lazy<Task<List<V3Host>>> V3Hosts { get; } = new(() => TryAsync("v3 host list", ReadV3HostsAsync(api, cancellationToken), warnings));

        /// <summary>The GPUs among the PCIe devices of a cluster; of all clusters where the server does not filter by cluster.</summary>
        public async Task<List<WirePcieDevice>> PcieDevicesOfAsync(PrismCluster cluster)
        {
            if (!_filterIsRefused)
            {
                try
                {
                    string filter = Filter.And([TypeFilter, Filter.Equal("clusterExtId", cluster.ExtId)])!;
                    return await ReadPcieAsync(api, filter, isOptional: false, cancellationToken).ConfigureAwait(false);
                }
                catch (PrismException e) when (e.StatusCode == HttpStatusCode.BadRequest)
                {
                    api.Http.Log($"PCIe devices cannot be filtered by cluster, listing all: {e.Message}");
                    _filterIsRefused = true;
                }
                catch (PrismException e)
                {
                    warnings.Enqueue(new PlatformWarning($"PCIe devices of cluster {cluster.Name}", $"The PCIe devices of cluster {cluster.Name} could not be read: {e.Message}", e));
                    return [];
                }
            }

            return await _all.Value.ConfigureAwait(false);
        }

        private static async Task<List<WirePcieDevice>> ReadPcieAsync(V4Api api, string filter, bool isOptional, CancellationToken cancellationToken)
        {
            var options = new ListOptions { Filter = filter, FilterIsOptional = isOptional, ReadsAll = true };
            return await api
                .ListAsync(ApiNamespace.ClusterMgmt, "ahv/config/pcie-devices", PrismJson.Default.WirePcieDevice, d => d.ExtId, options, cancellationToken)
                .Where(PcieGpu.Is)
                .ToListAsync(cancellationToken)
                .ConfigureAwait(false);
        }

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
                api.Http.Log($"v3 hosts/list is not to be had; names and numbers must place the devices: {e.Message}");
                return [];
            }
        }
    }
}
