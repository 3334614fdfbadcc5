using GpuPlatform;
using Nutanix.Prism.Api;
using Nutanix.Prism.Http;
using Nutanix.Prism.Inventory;
using Nutanix.Prism.Machines;

namespace Nutanix.Prism;

/// <summary>
/// A Prism Central, through its v4 API or, where it is older, through v3. One client serves any number of callers at once. What goes wrong is a
/// <see cref="PrismException"/> whose message tells the next step.
/// </summary>
public sealed class PrismClient : IAsyncDisposable, IDisposable
{
    private readonly PrismHttp _http;
    private readonly IPrismApi _api;
    private readonly TaskWaiter _tasks;
    private readonly PrismDirectory _directory;
    private readonly VmStore _vms;
    private readonly VmWriter _writer;
    private readonly PendingCreations _pending;
    private readonly GpuVmCreator _creator;

    private PrismClient(PrismHttp http, IPrismApi api, PrismConnectionOptions options)
    {
        _http = http;
        _api = api;
        _tasks = new TaskWaiter(api, options.TaskStallLimit);
        _directory = new PrismDirectory(api);
        _vms = new VmStore(api, _directory);
        _writer = new VmWriter(api, _tasks);
        _pending = new PendingCreations(options.StateFolder, http.Address.Authority, http.Log);
        _creator = new GpuVmCreator(api, _vms, _writer, _tasks, _directory, _pending);
    }

    public Uri Address => _http.Address;

    /// <summary>The user's name, or <c>api key</c>.</summary>
    public string UserName => _http.Session.Credential.UserName;

    /// <summary>Host and port.</summary>
    public string Name => Address.Authority;

    /// <summary>V3 or V4, as chosen by the options or by what the server answers.</summary>
    public PrismApiGeneration Generation => _api.Generation;

    /// <summary>The API version in use for each namespace that was used or negotiated so far; <c>nutanix</c> is v3.</summary>
    public IReadOnlyDictionary<string, string> ApiVersions => _api.KnownVersions;

    /// <summary>Finds out the server's API versions and proves that it takes the credential.</summary>
    /// <exception cref="ArgumentException">The options cannot be.</exception>
    /// <exception cref="PrismException">The server cannot be reached, is no Prism Central, or refuses.</exception>
    public static Task<PrismClient> ConnectAsync(PrismConnectionOptions options, CancellationToken cancellationToken = default) =>
        ConnectAsync(options, FlurlTransport.CreateHandler(options), TimeProvider.System, cancellationToken);

    /// <summary>As above, over a given handler and clock.</summary>
    internal static async Task<PrismClient> ConnectAsync(
        PrismConnectionOptions options, HttpMessageHandler handler, TimeProvider time, CancellationToken cancellationToken = default)
    {
        var http = new PrismHttp(options, handler, time);
        try
        {
            if (http.Address.Scheme == Uri.UriSchemeHttp && !http.Address.IsLoopback)
            {
                http.Log($"Warning: {http.Address} is not encrypted; whoever sits on the path can read the credential.");
            }

            IPrismApi api = await GenerationChoice.ConnectAsync(http, options, cancellationToken).ConfigureAwait(false);
            return new PrismClient(http, api, options);
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    public IAsyncEnumerable<PrismCluster> GetClustersAsync(CancellationToken cancellationToken = default) =>
        _api.ListClusters(cancellationToken);

    /// <summary>The hosts that have GPUs, cluster by cluster as they become known, with everything the server tells of their GPUs.</summary>
    /// <param name="report">Told of each part that could not be read; called between two hosts, never at the same time.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public IAsyncEnumerable<GpuHost> GetGpuHostsAsync(Action<PlatformWarning>? report = null, CancellationToken cancellationToken = default) =>
        _api.StreamGpuHosts(report, cancellationToken);

    /// <summary>
    /// The GPU profiles of the clusters, physical and virtual, cluster by cluster: one record a kind, with how many there
    /// are and how many are free.
    /// </summary>
    /// <param name="clusterIds">extIds of the clusters; null for all.</param>
    /// <param name="report">Told of each cluster that could not be read.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public IAsyncEnumerable<GpuProfile> GetGpuProfilesAsync(
        IReadOnlyCollection<string>? clusterIds = null, Action<PlatformWarning>? report = null, CancellationToken cancellationToken = default) =>
        GpuProfileCatalogue.ReadAsync(_api, clusterIds, report, cancellationToken);

    public IAsyncEnumerable<PrismVm> GetVmsAsync(VmQuery query, CancellationToken cancellationToken = default) =>
        _vms.ListAsync(query, cancellationToken);

    /// <exception cref="PrismNotFoundException">There is no such machine.</exception>
    public Task<PrismVm> GetVmAsync(string extId, CancellationToken cancellationToken = default) => _vms.GetAsync(extId, cancellationToken);

    public IAsyncEnumerable<PrismImage> GetImagesAsync(CancellationToken cancellationToken = default) => _api.ListImages(cancellationToken);

    public IAsyncEnumerable<PrismSubnet> GetSubnetsAsync(CancellationToken cancellationToken = default) => _api.ListSubnets(cancellationToken);

    public IAsyncEnumerable<PrismCategory> GetCategoriesAsync(CancellationToken cancellationToken = default) => _api.ListCategories(cancellationToken);

    /// <summary>Projects. v4 has no list of them, so v3's is read, which newer Prism Centrals serve beside v4.</summary>
    /// <exception cref="PrismException">The server does not serve it.</exception>
    public IAsyncEnumerable<PrismProject> GetProjectsAsync(CancellationToken cancellationToken = default) => _api.ListProjects(cancellationToken);

    public IAsyncEnumerable<PrismHostAffinityPolicy> GetHostAffinityPoliciesAsync(CancellationToken cancellationToken = default) =>
        _api.ListHostAffinityPolicies(cancellationToken);

    /// <exception cref="PrismNotFoundException">There is no such task.</exception>
    public Task<PrismTask> GetTaskAsync(string extId, CancellationToken cancellationToken = default) => _api.GetTaskAsync(extId, cancellationToken);

    /// <summary>Tasks, newest first.</summary>
    public IAsyncEnumerable<PrismTask> GetTasksAsync(TaskQuery query, CancellationToken cancellationToken = default) =>
        _api.ListTasks(query, cancellationToken);

    /// <summary>Follows a task to its end.</summary>
    /// <exception cref="PrismTaskFailedException">It ended as FAILED or CANCELED.</exception>
    public Task<PrismTask> WaitTaskAsync(string extId, IProgress<PrismTask>? progress = null, CancellationToken cancellationToken = default) =>
        _tasks.WaitAsync(extId, progress, cancellationToken);

    /// <summary>Asks the server to stop a task. Whether it does shows in the task; only cancelable ones do.</summary>
    public Task CancelTaskAsync(string extId, CancellationToken cancellationToken = default) => _api.CancelTaskAsync(extId, cancellationToken);

    /// <summary>
    /// Makes a machine: checks the request and the free GPUs, creates, waits, and powers on if asked to. If a step after
    /// the creation fails the machine is removed again, or the message says that it remains.
    /// </summary>
    /// <exception cref="ArgumentException">The request cannot be.</exception>
    /// <exception cref="NoFreeGpuException">Too few GPUs are free, before the creation or at power-on.</exception>
    /// <exception cref="PrismAmbiguousNameException">The cluster has a machine of that name, or a GPU's name stands for several kinds.</exception>
    /// <exception cref="VmCreationInterruptedException">Cancelled after the machine was asked for.</exception>
    /// <param name="request">What to make.</param>
    /// <param name="progress">Told of the tasks.</param>
    /// <param name="accepted">Told, with request id and task id, once the server has accepted and before anything is waited for.</param>
    /// <param name="cancellationToken">Stops waiting; what was asked for goes on.</param>
    public Task<PrismVm> CreateGpuVmAsync(
        GpuVmRequest request, IProgress<PrismTask>? progress, Action<PendingCreation>? accepted, CancellationToken cancellationToken) =>
        _creator.CreateAsync(request, progress, accepted, cancellationToken);

    /// <inheritdoc cref="CreateGpuVmAsync(GpuVmRequest, IProgress{PrismTask}?, Action{PendingCreation}?, CancellationToken)"/>
    public Task<PrismVm> CreateGpuVmAsync(GpuVmRequest request, IProgress<PrismTask>? progress = null, CancellationToken cancellationToken = default) =>
        _creator.CreateAsync(request, progress, null, cancellationToken);

    /// <summary>Creations on this server that were begun and whose end nobody has seen, the oldest first.</summary>
    public IReadOnlyList<PendingCreation> GetPendingCreations() => _pending.List();

    /// <summary>Goes on with a creation that another process has begun: finds its task, waits, powers on. Never removes a machine.</summary>
    /// <exception cref="PrismNotFoundException">The server never took it, so it may be asked for again.</exception>
    public Task<PrismVm> ResumeCreationAsync(PendingCreation pending, IProgress<PrismTask>? progress = null, CancellationToken cancellationToken = default) =>
        _creator.ResumeAsync(pending, progress, cancellationToken);

    /// <exception cref="PrismTaskFailedException">The action failed, for example because the machine is on already.</exception>
    public Task<PrismTask> SetPowerStateAsync(
        string vmExtId, PowerAction action, IProgress<PrismTask>? progress = null, CancellationToken cancellationToken = default) =>
        _writer.SetPowerStateAsync(vmExtId, action, progress, cancellationToken);

    /// <summary>Changes name, description, CPU or memory. Cores of a socket change only while the machine is off.</summary>
    public Task<PrismTask> UpdateVmAsync(string vmExtId, VmChange change, IProgress<PrismTask>? progress = null, CancellationToken cancellationToken = default) =>
        _writer.UpdateAsync(vmExtId, change, progress, cancellationToken);

    /// <summary>Attaches GPUs to a machine that is off, one after the other.</summary>
    /// <exception cref="NoFreeGpuException">Too few are free in the machine's cluster.</exception>
    /// <exception cref="PrismConflictException">The machine is on.</exception>
    public Task<PrismVm> AddGpusAsync(
        string vmExtId, IReadOnlyList<VmGpuRequest> gpus, IProgress<PrismTask>? progress = null, CancellationToken cancellationToken = default) =>
        _creator.AddGpusAsync(vmExtId, gpus, progress, cancellationToken);

    /// <summary>Detaches GPUs from a machine that is off, one after the other.</summary>
    /// <exception cref="PrismConflictException">The machine is on.</exception>
    public Task<PrismVm> RemoveGpusAsync(
        string vmExtId, IReadOnlyList<VmGpu> gpus, IProgress<PrismTask>? progress = null, CancellationToken cancellationToken = default) =>
        _creator.RemoveGpusAsync(vmExtId, gpus, progress, cancellationToken);

    /// <summary>Removes a machine and its disks.</summary>
    /// <param name="vmExtId">The machine.</param>
    /// <param name="force">Powers it off first if it is on.</param>
    /// <param name="progress">Told of the tasks.</param>
    /// <param name="cancellationToken">Stops waiting; a removal that was asked for goes on.</param>
    /// <exception cref="PrismConflictException">It is on, and <paramref name="force"/> is false.</exception>
    public Task RemoveVmAsync(string vmExtId, bool force, IProgress<PrismTask>? progress = null, CancellationToken cancellationToken = default) =>
        _writer.RemoveAsync(vmExtId, force, progress, cancellationToken);

    /// <summary>
    /// GPU use of a machine, by time. Real servers show values one or two minutes late, and an interval
    /// below two minutes often brings nothing new.
    /// </summary>
    public Task<IReadOnlyList<GpuMetricSample>> GetGpuMetricsAsync(
        PrismVm vm, DateTimeOffset from, DateTimeOffset to, TimeSpan samplingInterval, CancellationToken cancellationToken = default) =>
        _api.ReadGpuMetricsAsync(vm, from, to, samplingInterval, cancellationToken);

    public void Dispose()
    {
        _directory.Dispose();
        _api.Dispose();
        _http.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public override string ToString() => $"{nameof(PrismClient)} {{ {Address}, {UserName} }}";
}
