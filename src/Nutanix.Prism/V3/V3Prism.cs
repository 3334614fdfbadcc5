using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuPlatform;
using Nutanix.Prism.Api;
using Nutanix.Prism.Http;
using Nutanix.Prism.Inventory;
using Nutanix.Prism.V3.Wire;

namespace Nutanix.Prism.V3;

/// <summary>A Prism Central through its v3 API, for releases that do not serve v4.</summary>
internal sealed class V3Prism : IPrismApi
{
    // An idempotence identifier outlives any retry; real servers take 1 to 527,040 minutes.
    private const int IdentifierMinutes = 1440;

    private readonly V3Api _api;
    private readonly V3Inventory _inventory;
    private readonly V3GpuMetrics _metrics;

    public V3Prism(PrismHttp http)
    {
        _api = new V3Api(http);
        _inventory = new V3Inventory(_api, this);
        _metrics = new V3GpuMetrics(_api);
    }

    public PrismHttp Http => _api.Http;

    public PrismApiGeneration Generation => PrismApiGeneration.V3;

    public IReadOnlyDictionary<string, string> KnownVersions { get; } = new Dictionary<string, string> { ["nutanix"] = "v3" };

    public async Task ProveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var body = new JsonObject { ["kind"] = "cluster", ["offset"] = 0, ["length"] = 1 };
            JsonElement answer = await _api.PostAsync("clusters/list", body, cancellationToken, Resend.UnlessUnreachable).ConfigureAwait(false);
            _api.Read(answer, V3Json.Default.V3List, "list of clusters");
        }
        catch (PrismNotFoundException e)
        {
            throw new PrismVersionException($"{Http.Address.Authority} does not serve the v3 API either. It is no Prism Central, or one that is still starting: check the address and port.")
            {
                StatusCode = HttpStatusCode.NotFound,
                Target = e.Target,
            };
        }
    }

    public IAsyncEnumerable<PrismCluster> ListClusters(CancellationToken cancellationToken) =>
        List("cluster", cancellationToken).Select(e => e.ToCluster());

    public IAsyncEnumerable<V3Host> ListHosts(CancellationToken cancellationToken) =>
        List("host", cancellationToken).Select(e => e.ToHost()).Where(h => h is not null).Select(h => h!);

    public IAsyncEnumerable<KeyValuePair<string, string>> ListHostNames(CancellationToken cancellationToken) => List("host", cancellationToken)
        .Where(h => h.Status?.Name is { Length: > 0 })
        .Select(h => KeyValuePair.Create(h.Uuid!, h.Status!.Name!));

    public IAsyncEnumerable<PrismImage> ListImages(CancellationToken cancellationToken) =>
        List("image", cancellationToken).Select(e => e.ToImage());

    public IAsyncEnumerable<PrismSubnet> ListSubnets(CancellationToken cancellationToken) =>
        List("subnet", cancellationToken).Select(e => e.ToSubnet());

    public IAsyncEnumerable<PrismCategory> ListCategories(CancellationToken cancellationToken) => _api
        .ListAsync("categories", "category", V3Json.Default.V3Category, c => c.Name, cancellationToken: cancellationToken)
        .SelectMany(key => _api
            .ListAsync($"categories/{Uri.EscapeDataString(key.Name!)}", "category", V3Json.Default.V3Category, c => c.Value, cancellationToken: cancellationToken)
            .Select(value => new PrismCategory { ExtId = $"{key.Name}:{value.Value}", Key = key.Name!, Value = value.Value!, Description = value.Description }));

    public IAsyncEnumerable<PrismProject> ListProjects(CancellationToken cancellationToken) => List("project", cancellationToken)
        .Where(e => e is { Uuid.Length: > 0, Status.Name.Length: > 0 })
        .Select(e => new PrismProject { ExtId = e.Uuid!, Name = e.Status!.Name!, Description = e.Status.Description });

    public IAsyncEnumerable<PrismHostAffinityPolicy> ListHostAffinityPolicies(CancellationToken cancellationToken) => _api
        .ListAsync("vm_host_affinity_policies", "vm_host_affinity_policy", V3Json.Default.V3HostAffinityPolicy, p => p.Metadata?.Uuid, cancellationToken: cancellationToken)
        .Where(p => p is { Metadata.Uuid.Length: > 0, Info.Config.Name.Length: > 0 })
        .Select(p => new PrismHostAffinityPolicy
        {
            ExtId = p.Metadata!.Uuid!,
            Name = p.Info!.Config!.Name!,
            Description = p.Info.Config.Description,
            VmCategories = [.. Names(p.Info.Config.VmCategories)],
            HostCategories = [.. Names(p.Info.Config.HostCategories)],
        });

    public IAsyncEnumerable<PrismVm> ListVms(VmQuery query, CancellationToken cancellationToken) => _api
        .ListAsync("vms", "vm", V3Json.Default.V3Entity, e => e.Uuid, Fiql.AnyOf("vm_name", [.. query.Names]), cancellationToken)
        .Select(e => e.ToVm());

    public async Task<VmSnapshot> GetVmAsync(string extId, CancellationToken cancellationToken)
    {
        JsonElement raw = await _api.GetAsync(PathOf(extId), cancellationToken).ConfigureAwait(false);
        V3Entity entity = _api.Read(raw, V3Json.Default.V3Entity, "machine");
        PrismVm vm = entity.ToVm();
        if (vm.ExtId.Length == 0)
        {
            throw new PrismProtocolException($"The answer of {Http.Address.Authority} for machine {extId} has no uuid. Try again.");
        }

        return new VmSnapshot(vm, entity.Metadata?.SpecVersion?.ToString(System.Globalization.CultureInfo.InvariantCulture), raw, entity.Status?.TaskUuids ?? []);
    }

    public async Task<PrismTask> GetTaskAsync(string extId, CancellationToken cancellationToken)
    {
        JsonElement raw = await _api.GetAsync($"tasks/{Segment(extId)}", cancellationToken).ConfigureAwait(false);
        PrismTask task = _api.Read(raw, V3Json.Default.V3Task, "task").ToTask();
        return task.ExtId.Length == 0 ? task with { ExtId = extId } : task;
    }

    // v3 tells no order, and which fields can be filtered is not documented.
    public async IAsyncEnumerable<PrismTask> ListTasks(
        TaskQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<PrismTask> tasks = await _api
            .ListAsync("tasks", "task", V3Json.Default.V3Task, t => t.Uuid, cancellationToken: cancellationToken)
            .Select(t => t.ToTask())
            .Where(query.Fits)
            .ToListAsync(cancellationToken)
            .ConfigureAwait(false);
        foreach (PrismTask task in tasks.OrderByDescending(t => t.CreatedTime).Take(query.First ?? int.MaxValue))
        {
            yield return task;
        }
    }

    public Task CancelTaskAsync(string extId, CancellationToken cancellationToken) =>
        _api.PostAsync($"tasks/{Segment(extId)}/abort", [], cancellationToken);

    public async Task<PreparedCreate> PrepareCreateAsync(
        GpuVmRequest request, IReadOnlyList<VmGpuSpec> gpus, Guid requestId, CancellationToken cancellationToken)
    {
        string? uuid = await TryReserveUuidAsync(requestId, cancellationToken).ConfigureAwait(false);
        return new PreparedCreate(V3VmBody.Build(request, gpus, uuid), requestId, uuid);
    }

    public Task<string> SubmitCreateAsync(PreparedCreate create, CancellationToken cancellationToken) =>
        _api.SubmitAsync(HttpMethod.Post, "vms", create.Body, cancellationToken, create.RequestId, Resend.OnlyIfRefused);

    public Task<string> SubmitDeleteAsync(VmSnapshot vm, CancellationToken cancellationToken) =>
        _api.SubmitAsync(HttpMethod.Delete, PathOf(vm.Vm.ExtId), null, cancellationToken);

    public Task<string> SubmitPowerAsync(VmSnapshot vm, PowerAction action, CancellationToken cancellationToken)
    {
        if (action is PowerAction.On or PowerAction.Off)
        {
            return PutAsync(vm, V3VmBody.Power(vm, on: action == PowerAction.On), cancellationToken);
        }

        string verb = action switch
        {
            PowerAction.Shutdown => "acpi_shutdown",
            PowerAction.GuestShutdown => "guest_shutdown",
            PowerAction.Reboot => "acpi_reboot",
            PowerAction.GuestReboot => "guest_reboot",
            PowerAction.Reset => "reset",
            PowerAction.PowerCycle => "power_cycle",
            _ => throw new ArgumentOutOfRangeException(nameof(action), action, "This power action is not known."),
        };

        // The uuid in the body makes a repetition harmless.
        var id = Guid.NewGuid();
        byte[] body = V3Api.Bytes(new JsonObject { ["task_uuid"] = id.ToString("D") });
        return _api.SubmitAsync(HttpMethod.Post, $"{PathOf(vm.Vm.ExtId)}/{verb}", body, cancellationToken, id);
    }

    public Task<string> SubmitMigrateAsync(VmSnapshot vm, string hostId, CancellationToken cancellationToken) =>
        throw new PrismException($"Machine '{vm.Vm.Name}' cannot be moved to host {hostId}: the v3 API has no call for that.");

    public Task<string> SubmitUpdateAsync(VmSnapshot vm, VmChange change, CancellationToken cancellationToken) =>
        PutAsync(vm, V3VmBody.Update(vm, change), cancellationToken);

    public Task<string> SubmitAttachGpuAsync(VmSnapshot vm, VmGpuSpec gpu, CancellationToken cancellationToken) =>
        PutAsync(vm, V3VmBody.AttachGpu(vm, gpu), cancellationToken);

    public Task<string> SubmitDetachGpuAsync(VmSnapshot vm, VmGpu gpu, CancellationToken cancellationToken) =>
        PutAsync(vm, V3VmBody.DetachGpu(vm, gpu), cancellationToken);

    public async Task<List<GpuProfileRow>> ReadGpuRowsAsync(string clusterId, CancellationToken cancellationToken) => await ListHosts(cancellationToken)
        .Where(h => h.Host.Cluster?.Uuid == clusterId && h.Host.IsDegraded != true)
        .SelectMany(h => h.Gpus.ToAsyncEnumerable())
        .ToListAsync(cancellationToken)
        .ConfigureAwait(false);

    public IAsyncEnumerable<GpuHost> StreamGpuHosts(Action<PlatformWarning>? report, CancellationToken cancellationToken) =>
        _inventory.StreamAsync(report, cancellationToken);

    public Task<IReadOnlyList<GpuMetricSample>> ReadGpuMetricsAsync(
        PrismVm vm, DateTimeOffset from, DateTimeOffset to, TimeSpan samplingInterval, CancellationToken cancellationToken) =>
        _metrics.GetAsync(vm, from, to, samplingInterval, cancellationToken);

    public void Dispose()
    {
    }

    private IAsyncEnumerable<V3Entity> List(string kind, CancellationToken cancellationToken) =>
        _api.ListAsync(kind + "s", kind, V3Json.Default.V3Entity, e => e.Uuid, cancellationToken: cancellationToken);

    private Task<string> PutAsync(VmSnapshot vm, byte[] body, CancellationToken cancellationToken) =>
        _api.SubmitAsync(HttpMethod.Put, PathOf(vm.Vm.ExtId), body, cancellationToken);

    // Without one a lost answer is still found by name and task; with one it cannot make a second machine at all.
    private async Task<string?> TryReserveUuidAsync(Guid requestId, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["client_identifier"] = requestId.ToString("D"), ["count"] = 1, ["valid_duration_in_minutes"] = IdentifierMinutes };
        try
        {
            JsonElement answer = await _api.PostAsync("idempotence_identifiers", body, cancellationToken).ConfigureAwait(false);
            return answer.ValueKind == JsonValueKind.Object
                && answer.TryGetProperty("uuid_list", out JsonElement list)
                && list.ValueKind == JsonValueKind.Array
                && list.GetArrayLength() > 0
                    ? list[0].GetString()
                    : null;
        }
        catch (PrismException e) when (e is not (PrismConnectionException or PrismAuthenticationException))
        {
            Http.Log($"The server gives no idempotence identifier, going on without: {e.Message}");
            return null;
        }
    }

    private static IEnumerable<string> Names(IReadOnlyDictionary<string, List<string>>? categories) =>
        (categories ?? new Dictionary<string, List<string>>()).SelectMany(c => c.Value.Select(value => $"{c.Key}:{value}"));

    private static string PathOf(string extId) => $"vms/{Segment(extId)}";

    private static string Segment(string extId) => V4.V4Api.Segment(extId);
}
