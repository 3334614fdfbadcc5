using System.Runtime.CompilerServices;
using System.Text.Json;
using GpuPlatform;
using Nutanix.Prism.Api;
using Nutanix.Prism.Http;
using Nutanix.Prism.Inventory;
using Nutanix.Prism.Metrics;
using Nutanix.Prism.V3;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.V4;

/// <summary>A Prism Central through its v4 API.</summary>
internal sealed class V4Prism : IPrismApi
{
    private const string VmsPath = "ahv/config/vms";
    private const string TasksPath = "config/tasks";

    private readonly V4Api _api;
    private readonly GpuProfiles _profiles;
    private readonly GpuInventory _inventory;
    private readonly VmGpuMetrics _metrics;

    public V4Prism(PrismHttp http, IReadOnlyDictionary<string, string>? versions)
    {
        _api = new V4Api(http, new ApiVersions(http, versions));
        _profiles = new GpuProfiles(_api);
        _inventory = new GpuInventory(_api, _profiles, this);
        _metrics = new VmGpuMetrics(_api);
    }

    public PrismHttp Http => _api.Http;

    public PrismApiGeneration Generation => PrismApiGeneration.V4;

    public IReadOnlyDictionary<string, string> KnownVersions => _api.Versions.Known;

    /// <summary>The namespaces that must be served for v4 to be of use; the others are told when something in them is needed.</summary>
    private static IReadOnlyList<ApiNamespace> Essential { get; } = [ApiNamespace.Vmm, ApiNamespace.Prism];

    public async Task ProveAsync(CancellationToken cancellationToken)
    {
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
                Http.Log($"{ns}: {e.Message}");
            }
        }
    }

    /// <summary>Essential namespaces the server has been found not to serve.</summary>
    public async Task<PrismVersionException?> FindMissingAsync(CancellationToken cancellationToken)
    {
        foreach (ApiNamespace ns in Essential)
        {
            try
            {
                await _api.Versions.GetAsync(ns, cancellationToken).ConfigureAwait(false);
            }
            catch (PrismVersionException e)
            {
                return e;
            }
            catch (PrismException e)
            {
                // Not about versions: told when it is needed.
                Http.Log($"{ns}: {e.Message}");
            }
        }

        return null;
    }

    public IAsyncEnumerable<PrismCluster> ListClusters(CancellationToken cancellationToken) => _api
        .ListAsync(ApiNamespace.ClusterMgmt, "config/clusters", PrismJson.Default.WireCluster, c => c.ExtId, cancellationToken: cancellationToken)
        .Where(c => !string.IsNullOrEmpty(c.ExtId))
        .Select(c => c.ToCluster());

    public IAsyncEnumerable<KeyValuePair<string, string>> ListHostNames(CancellationToken cancellationToken) => _api
        .ListAsync(ApiNamespace.ClusterMgmt, "config/hosts", PrismJson.Default.WireHost, h => h.ExtId, new ListOptions { ReadsAll = true }, cancellationToken)
        .Where(h => h is { ExtId.Length: > 0, HostName.Length: > 0 })
        .Select(h => KeyValuePair.Create(h.ExtId!, h.HostName!));

    public IAsyncEnumerable<PrismImage> ListImages(CancellationToken cancellationToken) => _api
        .ListAsync(ApiNamespace.Vmm, "content/images", PrismJson.Default.WireImage, i => i.ExtId, cancellationToken: cancellationToken)
        .Where(i => !string.IsNullOrEmpty(i.ExtId))
        .Select(i => i.ToImage());

    public IAsyncEnumerable<PrismSubnet> ListSubnets(CancellationToken cancellationToken) => _api
        .ListAsync(ApiNamespace.Networking, "config/subnets", PrismJson.Default.WireSubnet, s => s.ExtId, cancellationToken: cancellationToken)
        .Where(s => !string.IsNullOrEmpty(s.ExtId))
        .Select(s => s.ToSubnet());

    public IAsyncEnumerable<PrismCategory> ListCategories(CancellationToken cancellationToken) => _api
        .ListAsync(ApiNamespace.Prism, "config/categories", PrismJson.Default.WireCategory, c => c.ExtId, cancellationToken: cancellationToken)
        .Where(c => c is { ExtId.Length: > 0, Key.Length: > 0 })
        .Select(c => new PrismCategory { ExtId = c.ExtId!, Key = c.Key!, Value = c.Value ?? string.Empty, Description = c.Description });

    public async IAsyncEnumerable<PrismProject> ListProjects([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var v3 = new V3Prism(Http);
        List<PrismProject> projects;
        try
        {
            projects = await v3.ListProjects(cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PrismNotFoundException e)
        {
            throw new PrismException($"{Http.Address.Authority} has no list of projects: v4 has none, and v3 is not served. Give the extId of the project.", e);
        }

        foreach (PrismProject project in projects)
        {
            yield return project;
        }
    }

    public IAsyncEnumerable<PrismHostAffinityPolicy> ListHostAffinityPolicies(CancellationToken cancellationToken) => _api
        .ListAsync(ApiNamespace.Vmm, "ahv/policies/vm-host-affinity-policies", PrismJson.Default.WireHostAffinityPolicy, p => p.ExtId, cancellationToken: cancellationToken)
        .Where(p => p is { ExtId.Length: > 0, Name.Length: > 0 })
        .Select(p => new PrismHostAffinityPolicy
        {
            ExtId = p.ExtId!,
            Name = p.Name!,
            Description = p.Description,
            VmCategories = [.. p.VmCategories.Select(c => c.ExtId).OfType<string>()],
            HostCategories = [.. p.HostCategories.Select(c => c.ExtId).OfType<string>()],
        });

    public IAsyncEnumerable<PrismVm> ListVms(VmQuery query, CancellationToken cancellationToken) => ListVms(query, readsAll: false, cancellationToken);

    public IAsyncEnumerable<PrismVm> ListVms(VmQuery query, bool readsAll, CancellationToken cancellationToken)
    {
        var options = new ListOptions
        {
            Filter = Filter.And(
            [
                Filter.Or(query.Names.Select(n => Filter.Equal("name", n))),
                query.ClusterId is { } cluster ? Filter.Equal("cluster/extId", cluster) : null,
                query.HostId is { } host ? Filter.Equal("host/extId", host) : null,
            ]),
            FilterIsOptional = true,
            ReadsAll = readsAll,
        };
        return _api
            .ListAsync(ApiNamespace.Vmm, VmsPath, PrismJson.Default.WireVm, v => v.ExtId, options, cancellationToken)
            .Select(v => v.ToVm());
    }

    public async Task<VmSnapshot> GetVmAsync(string extId, CancellationToken cancellationToken)
    {
        Tagged<WireVm> vm = await _api.GetTaggedAsync(ApiNamespace.Vmm, PathOf(extId), PrismJson.Default.WireVm, cancellationToken).ConfigureAwait(false);
        return new VmSnapshot(vm.Value.ToVm(), vm.ETag, vm.Raw, []);
    }

    public async Task<PrismTask> GetTaskAsync(string extId, CancellationToken cancellationToken)
    {
        WireTask task = await _api
            .GetAsync(ApiNamespace.Prism, $"{TasksPath}/{V4Api.Segment(extId)}", PrismJson.Default.WireTask, cancellationToken)
            .ConfigureAwait(false);
        PrismTask model = task.ToTask();
        return model.ExtId.Length == 0 ? model with { ExtId = extId } : model;
    }

    public IAsyncEnumerable<PrismTask> ListTasks(TaskQuery query, CancellationToken cancellationToken)
    {
        var options = new ListOptions
        {
            Filter = Filter.And(
            [
                query.EntityId is { } entity ? $"entitiesAffected/any(a:a/{Filter.Equal("extId", entity)})" : null,
                query.Status is { } status ? Filter.EqualEnum("status", "Prism.Config.TaskStatus", status) : null,
                query.CreatedSince is { } since ? Filter.Since("createdTime", since) : null,
            ]),
            OrderBy = "createdTime desc",
            FilterIsOptional = true,
            PageSize = Math.Clamp(query.First ?? 100, 1, 100),
        };
        IAsyncEnumerable<PrismTask> tasks = _api
            .ListAsync(ApiNamespace.Prism, TasksPath, PrismJson.Default.WireTask, t => t.ExtId, options, cancellationToken)
            .Select(t => t.ToTask())
            .Where(query.Fits);
        return query.First is { } first ? tasks.Take(first) : tasks;
    }

    public Task CancelTaskAsync(string extId, CancellationToken cancellationToken) =>
        _api.SendAsync(ApiNamespace.Prism, HttpMethod.Post, $"{TasksPath}/{V4Api.Segment(extId)}/$actions/cancel", cancellationToken);

    public async Task<PreparedCreate> PrepareCreateAsync(
        GpuVmRequest request, IReadOnlyList<VmGpuSpec> gpus, Guid requestId, CancellationToken cancellationToken)
    {
        // A member that a server does not know is refused, or worse: left out.
        ApiVersion version = await _api.Versions.GetAsync(ApiNamespace.Vmm, cancellationToken).ConfigureAwait(false);
        return request.Project is not null && version.CompareTo(ApiVersion.Of(4, 1)) < 0
            ? throw new PrismVersionException($"{Http.Address.Authority} serves vmm {version}, where a machine has no project (v4.1 and later). Leave the project out, or connect with -ApiVersion v3.")
            : new PreparedCreate(V4VmBody.Build(request, gpus), requestId, null);
    }

    public Task<string> SubmitCreateAsync(PreparedCreate create, CancellationToken cancellationToken) =>
        _api.SubmitAsync(ApiNamespace.Vmm, HttpMethod.Post, VmsPath, create.Body, null, cancellationToken, create.RequestId, Resend.OnlyIfRefused);

    public Task<string> SubmitDeleteAsync(VmSnapshot vm, CancellationToken cancellationToken) =>
        _api.SubmitAsync(ApiNamespace.Vmm, HttpMethod.Delete, PathOf(vm.Vm.ExtId), null, vm.Tag, cancellationToken);

    public Task<string> SubmitPowerAsync(VmSnapshot vm, PowerAction action, CancellationToken cancellationToken)
    {
        byte[]? body = action is PowerAction.GuestShutdown or PowerAction.GuestReboot
            ? JsonSerializer.SerializeToUtf8Bytes(new WireGuestPowerOptions(), PrismJson.Default.WireGuestPowerOptions)
            : null;
        return ActAsync(vm, Verb(action), body, cancellationToken);
    }

    public Task<string> SubmitMigrateAsync(VmSnapshot vm, string hostId, CancellationToken cancellationToken)
    {
        var body = new WireMigrateToHost { Host = WireReference.To(hostId) };
        return ActAsync(vm, "migrate-to-host", JsonSerializer.SerializeToUtf8Bytes(body, PrismJson.Default.WireMigrateToHost), cancellationToken);
    }

    public Task<string> SubmitUpdateAsync(VmSnapshot vm, VmChange change, CancellationToken cancellationToken) =>
        _api.SubmitAsync(ApiNamespace.Vmm, HttpMethod.Put, PathOf(vm.Vm.ExtId), V4VmBody.Update(vm.Raw, change), vm.Tag, cancellationToken);

    public Task<string> SubmitAttachGpuAsync(VmSnapshot vm, VmGpuSpec gpu, CancellationToken cancellationToken)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(V4VmBody.Gpu(gpu), PrismJson.Default.WireGpu);
        return _api.SubmitAsync(ApiNamespace.Vmm, HttpMethod.Post, $"{PathOf(vm.Vm.ExtId)}/gpus", body, vm.Tag, cancellationToken);
    }

    public Task<string> SubmitDetachGpuAsync(VmSnapshot vm, VmGpu gpu, CancellationToken cancellationToken)
    {
        string id = gpu.ExtId ?? throw new PrismException($"The GPU '{gpu.Name}' of machine '{vm.Vm.Name}' has no extId, so it cannot be detached. Look at the machine in Prism.");
        return _api.SubmitAsync(ApiNamespace.Vmm, HttpMethod.Delete, $"{PathOf(vm.Vm.ExtId)}/gpus/{V4Api.Segment(id)}", null, vm.Tag, cancellationToken);
    }

    public async Task<List<GpuProfileRow>> ReadGpuRowsAsync(string clusterId, CancellationToken cancellationToken)
    {
        List<GpuProfileRow> rows = await _profiles.GetPhysicalAsync(clusterId, null, cancellationToken).ConfigureAwait(false);
        rows.AddRange(await _profiles.GetVirtualAsync(clusterId, cancellationToken).ConfigureAwait(false));
        return rows;
    }

    public IAsyncEnumerable<GpuHost> StreamGpuHosts(Action<PlatformWarning>? report, CancellationToken cancellationToken) =>
        _inventory.StreamAsync(report, cancellationToken);

    public Task<IReadOnlyList<GpuMetricSample>> ReadGpuMetricsAsync(
        PrismVm vm, DateTimeOffset from, DateTimeOffset to, TimeSpan samplingInterval, CancellationToken cancellationToken) =>
        _metrics.GetAsync(vm, from, to, samplingInterval, cancellationToken);

    public void Dispose() => _api.Versions.Dispose();

    private Task<string> ActAsync(VmSnapshot vm, string verb, byte[]? body, CancellationToken cancellationToken) =>
        _api.SubmitAsync(ApiNamespace.Vmm, HttpMethod.Post, $"{PathOf(vm.Vm.ExtId)}/$actions/{verb}", body, vm.Tag, cancellationToken);

    private static string PathOf(string extId) => $"{VmsPath}/{V4Api.Segment(extId)}";

    private static string Verb(PowerAction action) => action switch
    {
        PowerAction.On => "power-on",
        PowerAction.Off => "power-off",
        PowerAction.Shutdown => "shutdown",
        PowerAction.GuestShutdown => "guest-shutdown",
        PowerAction.Reboot => "reboot",
        PowerAction.GuestReboot => "guest-reboot",
        PowerAction.Reset => "reset",
        PowerAction.PowerCycle => "power-cycle",
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "This power action is not known."),
    };
}
