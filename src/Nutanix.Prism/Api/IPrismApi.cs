using GpuPlatform;
using Nutanix.Prism.Http;
using Nutanix.Prism.Inventory;

namespace Nutanix.Prism.Api;

/// <summary>
/// What this client does with a Prism Central, in the words of no API generation. v4 and v3 each implement it; waiting,
/// retrying on a changed machine, undoing and choosing are above it and the same for both.
/// </summary>
internal interface IPrismApi : IDisposable
{
    PrismHttp Http { get; }

    PrismApiGeneration Generation { get; }

    /// <summary>The API version in use, by namespace, as far as known.</summary>
    IReadOnlyDictionary<string, string> KnownVersions { get; }

    /// <summary>Finds out versions and proves the credential with cheap calls.</summary>
    /// <exception cref="PrismVersionException">The server does not speak this generation.</exception>
    Task ProveAsync(CancellationToken cancellationToken);

    IAsyncEnumerable<PrismCluster> ListClusters(CancellationToken cancellationToken);

    /// <summary>extId and name of every host.</summary>
    IAsyncEnumerable<KeyValuePair<string, string>> ListHostNames(CancellationToken cancellationToken);

    IAsyncEnumerable<PrismImage> ListImages(CancellationToken cancellationToken);

    IAsyncEnumerable<PrismSubnet> ListSubnets(CancellationToken cancellationToken);

    IAsyncEnumerable<PrismCategory> ListCategories(CancellationToken cancellationToken);

    /// <exception cref="PrismException">The server has no list of projects.</exception>
    IAsyncEnumerable<PrismProject> ListProjects(CancellationToken cancellationToken);

    IAsyncEnumerable<PrismHostAffinityPolicy> ListHostAffinityPolicies(CancellationToken cancellationToken);

    /// <summary>
    /// Machines. Restrictions of the query that the server understands are pushed to it; the caller checks all of them
    /// again. <see cref="VmQuery.ExtIds"/> is the caller's business.
    /// </summary>
    IAsyncEnumerable<PrismVm> ListVms(VmQuery query, CancellationToken cancellationToken);

    /// <exception cref="PrismNotFoundException">There is no such machine.</exception>
    Task<VmSnapshot> GetVmAsync(string extId, CancellationToken cancellationToken);

    Task<PrismTask> GetTaskAsync(string extId, CancellationToken cancellationToken);

    /// <summary>Tasks, newest first, filtered.</summary>
    IAsyncEnumerable<PrismTask> ListTasks(TaskQuery query, CancellationToken cancellationToken);

    Task CancelTaskAsync(string extId, CancellationToken cancellationToken);

    Task<PreparedCreate> PrepareCreateAsync(GpuVmRequest request, IReadOnlyList<VmGpuSpec> gpus, Guid requestId, CancellationToken cancellationToken);

    /// <summary>Sends a create once (again only if refused with 429) and returns its task's id.</summary>
    Task<string> SubmitCreateAsync(PreparedCreate create, CancellationToken cancellationToken);

    Task<string> SubmitDeleteAsync(VmSnapshot vm, CancellationToken cancellationToken);

    Task<string> SubmitPowerAsync(VmSnapshot vm, PowerAction action, CancellationToken cancellationToken);

    /// <exception cref="PrismException">This generation has no such call.</exception>
    Task<string> SubmitMigrateAsync(VmSnapshot vm, string hostId, CancellationToken cancellationToken);

    Task<string> SubmitUpdateAsync(VmSnapshot vm, VmChange change, CancellationToken cancellationToken);

    Task<string> SubmitAttachGpuAsync(VmSnapshot vm, VmGpuSpec gpu, CancellationToken cancellationToken);

    Task<string> SubmitDetachGpuAsync(VmSnapshot vm, VmGpu gpu, CancellationToken cancellationToken);

    /// <summary>The GPU profile rows of a cluster, physical and virtual.</summary>
    Task<List<GpuProfileRow>> ReadGpuRowsAsync(string clusterId, CancellationToken cancellationToken);

    /// <summary>Hosts with GPUs, merged from all sources, as they become complete.</summary>
    IAsyncEnumerable<GpuHost> StreamGpuHosts(Action<PlatformWarning>? report, CancellationToken cancellationToken);

    Task<IReadOnlyList<GpuMetricSample>> ReadGpuMetricsAsync(
        PrismVm vm, DateTimeOffset from, DateTimeOffset to, TimeSpan samplingInterval, CancellationToken cancellationToken);
}
