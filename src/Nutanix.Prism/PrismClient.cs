using GpuPlatform;
using Nutanix.Prism.Http;
using Nutanix.Prism.Inventory;
using Nutanix.Prism.Machines;
using Nutanix.Prism.Metrics;
using Nutanix.Prism.V4;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism;

/// <summary>
/// A Prism Central, through its v4 API. One client serves any number of callers at once. What goes wrong is a
/// <see cref="PrismException"/> whose message tells the next step.
/// </summary>
public sealed class PrismClient : IPlatformProvider, IAsyncDisposable, IDisposable
{
    private readonly PrismHttp _http;
    private readonly V4Api _api;
    private readonly TaskWaiter _tasks;
    private readonly PrismDirectory _directory;
    private readonly GpuInventory _inventory;
    private readonly VmStore _vms;
    private readonly VmWriter _writer;
    private readonly GpuVmCreator _creator;
    private readonly VmGpuMetrics _metrics;

    private PrismClient(PrismConnectionOptions options, HttpMessageHandler handler, TimeProvider time)
    {
        _http = new PrismHttp(options, handler, time);
        _api = new V4Api(_http, new ApiVersions(_http, options.ApiVersions));
        _tasks = new TaskWaiter(_api);
        _directory = new PrismDirectory(_api);
        var profiles = new GpuProfiles(_api);
        _inventory = new GpuInventory(_api, profiles, _directory);
        _vms = new VmStore(_api, _directory);
        _writer = new VmWriter(_api, _vms, _tasks);
        _creator = new GpuVmCreator(_api, _vms, _writer, _tasks, profiles, _directory);
        _metrics = new VmGpuMetrics(_api);
    }

    public Uri Address => _http.Address;

    /// <summary>The user's name, or <c>api key</c>.</summary>
    public string UserName => _http.Session.Credential.UserName;

    /// <summary>Host and port.</summary>
    public string Name => Address.Authority;

    /// <summary>The API version in use for each namespace that was used or negotiated so far.</summary>
    public IReadOnlyDictionary<string, string> ApiVersions => _api.Versions.Known;

    /// <summary>Finds out the server's API versions and proves that it takes the credential.</summary>
    /// <exception cref="ArgumentException">The options cannot be.</exception>
    /// <exception cref="PrismException">The server cannot be reached, is no Prism Central, or refuses.</exception>
    public static Task<PrismClient> ConnectAsync(PrismConnectionOptions options, CancellationToken cancellationToken = default) =>
        ConnectAsync(options, FlurlTransport.CreateHandler(options), TimeProvider.System, cancellationToken);

    /// <summary>As above, over a given handler and clock.</summary>
    internal static async Task<PrismClient> ConnectAsync(
        PrismConnectionOptions options, HttpMessageHandler handler, TimeProvider time, CancellationToken cancellationToken = default)
    {
        var client = new PrismClient(options, handler, time);
        try
        {
            await client.ProveAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    public IAsyncEnumerable<PrismCluster> GetClustersAsync(CancellationToken cancellationToken = default) =>
        _directory.ListClusters(cancellationToken);

    /// <summary>The hosts that have GPUs, cluster by cluster as they become known, with everything the server tells of their GPUs.</summary>
    /// <param name="report">Told of each part that could not be read; called between two hosts, never at the same time.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public IAsyncEnumerable<GpuHost> GetGpuHostsAsync(Action<PlatformWarning>? report = null, CancellationToken cancellationToken = default) =>
        _inventory.StreamAsync(report, cancellationToken);

    public IAsyncEnumerable<PrismVm> GetVmsAsync(VmQuery query, CancellationToken cancellationToken = default) =>
        _vms.ListAsync(query, cancellationToken);

    /// <exception cref="PrismNotFoundException">There is no such machine.</exception>
    public Task<PrismVm> GetVmAsync(string extId, CancellationToken cancellationToken = default) => _vms.GetAsync(extId, cancellationToken);

    public IAsyncEnumerable<PrismImage> GetImagesAsync(CancellationToken cancellationToken = default) => _api
        .ListAsync(ApiNamespace.Vmm, "content/images", PrismJson.Default.WireImage, i => i.ExtId, cancellationToken: cancellationToken)
        .Where(i => !string.IsNullOrEmpty(i.ExtId))
        .Select(i => i.ToImage());

    public IAsyncEnumerable<PrismSubnet> GetSubnetsAsync(CancellationToken cancellationToken = default) => _api
        .ListAsync(ApiNamespace.Networking, "config/subnets", PrismJson.Default.WireSubnet, s => s.ExtId, cancellationToken: cancellationToken)
        .Where(s => !string.IsNullOrEmpty(s.ExtId))
        .Select(s => s.ToSubnet());

    /// <exception cref="PrismNotFoundException">There is no such task.</exception>
    public Task<PrismTask> GetTaskAsync(string extId, CancellationToken cancellationToken = default) => _tasks.GetAsync(extId, cancellationToken);

    /// <summary>Tasks, newest first.</summary>
    public IAsyncEnumerable<PrismTask> GetTasksAsync(TaskQuery query, CancellationToken cancellationToken = default) =>
        _tasks.ListAsync(query, cancellationToken);

    /// <summary>Follows a task to its end.</summary>
    /// <exception cref="PrismTaskFailedException">It ended as FAILED or CANCELED.</exception>
    public Task<PrismTask> WaitTaskAsync(string extId, IProgress<PrismTask>? progress = null, CancellationToken cancellationToken = default) =>
        _tasks.WaitAsync(extId, progress, cancellationToken);

    /// <summary>
    /// Makes a machine: checks the request and the free GPUs, creates, waits, and powers on if asked to. If a step after
    /// the creation fails the machine is removed again, or the message says that it remains.
    /// </summary>
    /// <exception cref="ArgumentException">The request cannot be.</exception>
    /// <exception cref="NoFreeGpuException">Too few GPUs are free, before the creation or at power-on.</exception>
    /// <exception cref="PrismAmbiguousNameException">The cluster has a machine of that name, or a GPU's name stands for several kinds.</exception>
    /// <exception cref="VmCreationInterruptedException">Cancelled after the machine was asked for.</exception>
    public Task<PrismVm> CreateGpuVmAsync(GpuVmRequest request, IProgress<PrismTask>? progress = null, CancellationToken cancellationToken = default) =>
        _creator.CreateAsync(request, progress, cancellationToken);

    /// <exception cref="PrismTaskFailedException">The action failed, for example because the machine is on already.</exception>
    public Task<PrismTask> SetPowerStateAsync(
        string vmExtId, PowerAction action, IProgress<PrismTask>? progress = null, CancellationToken cancellationToken = default) =>
        _writer.SetPowerStateAsync(vmExtId, action, progress, cancellationToken);

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
        _metrics.GetAsync(vm, from, to, samplingInterval, cancellationToken);

    public void Dispose()
    {
        _directory.Dispose();
        _api.Versions.Dispose();
        _http.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public override string ToString() => $"{nameof(PrismClient)} {{ {Address}, {UserName} }}";

    private async Task ProveAsync(CancellationToken cancellationToken)
    {
        if (Address.Scheme == Uri.UriSchemeHttp && !Address.IsLoopback)
        {
            _http.Log($"Warning: {Address} is not encrypted; whoever sits on the path can read the credential.");
        }

        // The first call alone, so that a wrong password counts as one failed sign-in and not as four.
        await _api.ProbeAsync(ApiNamespace.ClusterMgmt, cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(ApiNamespace.All.Where(n => n != ApiNamespace.ClusterMgmt).Select(TryNegotiateAsync)).ConfigureAwait(false);

        async Task TryNegotiateAsync(ApiNamespace ns)
        {
            try
            {
                await _api.Versions.GetAsync(ns, cancellationToken).ConfigureAwait(false);
            }
            catch (PrismException e)
            {
                // It is asked again, and told, when something in it is needed.
                _http.Log($"{ns}: {e.Message}");
            }
        }
    }
}
