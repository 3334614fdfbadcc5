using System.Text.RegularExpressions;
using Nutanix.Prism.Api;
using Nutanix.Prism.Inventory;

namespace Nutanix.Prism.Machines;

/// <summary>
/// Makes a machine with GPUs from request to running, and undoes what it has done when a later step fails. What it leaves
/// behind on cancellation it says.
/// </summary>
internal sealed partial class GpuVmCreator(IPrismApi api, VmStore store, VmWriter writer, TaskWaiter tasks, PrismDirectory directory, PendingCreations pending)
{
    // A machine that was just made can be missing for a moment.
    private const int PatienceWithNotFound = 8;

    private static readonly TimeSpan NotFoundInterval = TimeSpan.FromMilliseconds(500);

    private readonly VmCreation _creation = new(api, store);

    /// <param name="request">What to make.</param>
    /// <param name="progress">Told of the tasks.</param>
    /// <param name="accepted">Told once the server has accepted, before anything is waited for.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<PrismVm> CreateAsync(
        GpuVmRequest request, IProgress<PrismTask>? progress, Action<PendingCreation>? accepted, CancellationToken cancellationToken)
    {
        VmRequestRules.Validate(request);
        string clusterName = await ClusterNameAsync(request.Cluster, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<GpuProfileRow>? rows = request.Gpus.Count == 0
            ? null
            : await TryReadProfilesAsync(request.Cluster, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<VmGpuSpec> gpus = GpuSelection.Resolve(request.Gpus, rows, clusterName);
        HashSet<string> before = await NamesakesAsync(request, clusterName, cancellationToken).ConfigureAwait(false);
        PreparedCreate create = await api.PrepareCreateAsync(request, gpus, Guid.NewGuid(), cancellationToken).ConfigureAwait(false);
        var state = new PendingCreation
        {
            RequestId = create.RequestId,
            Server = api.Http.Address.Authority,
            Name = request.Name,
            ClusterId = request.Cluster,
            SubmittedAt = api.Http.Time.GetUtcNow(),
            VmExtId = create.VmExtId,
            PowerOn = request.PowerOn,
            Namesakes = [.. before],
        };
        var steps = new Steps();
        try
        {
            PrismVm vm = await SubmitAsync(request, create, state, before, steps, progress, accepted, cancellationToken).ConfigureAwait(false);
            pending.Remove(create.RequestId);
            return vm;
        }
        catch (OperationCanceledException e) when (steps.IsSent)
        {
            throw Interrupted(request, steps, e, cancellationToken);
        }
        catch (PrismException e) when (steps is { TaskId: not null, VmId: null } && IsLossOfContact(e))
        {
            throw new PrismException(
                $"The creation of '{request.Name}' was accepted as task {steps.TaskId}, which can no longer be followed: {e.Message} Wait-NtnxTask goes on with it; do not ask again before that.", e).Because(e, steps.TaskId);
        }
        catch (Exception e) when (e is not OperationCanceledException && !(e is PrismException p && steps.IsSent && (p.IsOutcomeUnknown || IsLossOfContact(p))))
        {
            // Nothing is under way any more: refused, failed, or undone.
            pending.Remove(create.RequestId);
            throw;
        }
    }

    /// <summary>Goes on with a creation that another process has begun.</summary>
    /// <exception cref="PrismNotFoundException">The server never took it, so it may be asked for again.</exception>
    public async Task<PrismVm> ResumeAsync(PendingCreation state, IProgress<PrismTask>? progress, CancellationToken cancellationToken)
    {
        // What another process was to do on failure is not known here; a machine is never removed by whoever resumes.
        var request = new GpuVmRequest { Name = state.Name, Cluster = state.ClusterId, PowerOn = state.PowerOn, KeepOnFailure = true };
        HashSet<string> before = [.. state.Namesakes];
        string? taskId = state.TaskExtId;
        string? vmId = taskId is null ? null : state.VmExtId;
        if (taskId is null)
        {
            VmCreation.Accepted? found = await _creation
                .FindAsync(state.Name, state.ClusterId, state.VmExtId, before, state.SubmittedAt, cancellationToken)
                .ConfigureAwait(false);
            if (found is null)
            {
                pending.Remove(state.RequestId);
                throw new PrismNotFoundException($"The creation of '{state.Name}' (request {state.RequestId:D}) has never reached the server: there is no task and no machine of it. It may be asked for again.")
                {
                    Target = state.Name,
                };
            }

            (taskId, vmId) = (found.Value.TaskId, found.Value.VmId);
        }

        try
        {
            if (taskId is not null)
            {
                PrismTask done = await tasks.WaitAsync(taskId, progress, cancellationToken).ConfigureAwait(false);
                vmId ??= await IdOfAsync(done, request, before, cancellationToken).ConfigureAwait(false);
            }

            PrismVm vm = await FinishAsync(request, new Steps { IsSent = true, TaskId = taskId, VmId = vmId }, progress, cancellationToken).ConfigureAwait(false);
            pending.Remove(state.RequestId);
            return vm;
        }
        catch (PrismException e) when (!e.IsOutcomeUnknown && !IsLossOfContact(e))
        {
            pending.Remove(state.RequestId);
            throw;
        }
    }

    private async Task<PrismVm> SubmitAsync(
        GpuVmRequest request,
        PreparedCreate create,
        PendingCreation state,
        HashSet<string> before,
        Steps steps,
        IProgress<PrismTask>? progress,
        Action<PendingCreation>? accepted,
        CancellationToken cancellationToken)
    {
        // Before it leaves: a process that ends now must not lose what it asked for.
        pending.Save(state);
        VmCreation.Accepted taken = await _creation
            .SubmitAsync(request.Name, request.Cluster, create, before, () => steps.IsSent = true, cancellationToken)
            .ConfigureAwait(false);
        steps.TaskId = taken.TaskId;
        steps.VmId = taken.VmId;
        state = state with { TaskExtId = taken.TaskId, VmExtId = taken.VmId ?? state.VmExtId };
        pending.Save(state);
        accepted?.Invoke(state);
        if (taken.TaskId is { } task)
        {
            PrismTask done = await tasks.WaitAsync(task, progress, cancellationToken).ConfigureAwait(false);
            steps.VmId = create.VmExtId ?? await IdOfAsync(done, request, before, cancellationToken).ConfigureAwait(false);
        }

        return await FinishAsync(request, steps, progress, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsLossOfContact(PrismException e) =>
        e is PrismConnectionException or PrismProtocolException or PrismAuthenticationException or PrismTaskStalledException
        || (int?)e.StatusCode is >= 500 or 429 or 408;

    /// <summary>Attaches GPUs, each with its own task; those already attached when one fails are named.</summary>
    public async Task<PrismVm> AddGpusAsync(string vmId, IReadOnlyList<VmGpuRequest> requests, IProgress<PrismTask>? progress, CancellationToken cancellationToken)
    {
        PrismVm vm = await store.GetAsync(vmId, cancellationToken).ConfigureAwait(false);
        RequireOff(vm);
        string cluster = vm.ClusterId ?? throw new PrismException($"The cluster of machine '{vm.Name}' is not known, so its GPUs cannot be looked up.");
        IReadOnlyList<GpuProfileRow>? rows = await TryReadProfilesAsync(cluster, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<VmGpuSpec> gpus = GpuSelection.Resolve(requests, rows, vm.ClusterName ?? cluster);
        for (int i = 0; i < gpus.Count; i++)
        {
            try
            {
                await writer.AttachGpuAsync(vmId, gpus[i], progress, cancellationToken).ConfigureAwait(false);
            }
            catch (PrismException e) when (i > 0)
            {
                throw new PrismException($"{e.Message} {i} of the {gpus.Count} GPUs asked for are attached to '{vm.Name}'; remove them with Remove-NtnxVmGpu if they are of no use alone.", e).Because(e, vm.Name);
            }
        }

        return await store.GetAsync(vmId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Detaches GPUs, each with its own task.</summary>
    public async Task<PrismVm> RemoveGpusAsync(string vmId, IReadOnlyList<VmGpu> gpus, IProgress<PrismTask>? progress, CancellationToken cancellationToken)
    {
        RequireOff(await store.GetAsync(vmId, cancellationToken).ConfigureAwait(false));
        foreach (VmGpu gpu in gpus)
        {
            await writer.DetachGpuAsync(vmId, gpu, progress, cancellationToken).ConfigureAwait(false);
        }

        return await store.GetAsync(vmId, cancellationToken).ConfigureAwait(false);
    }

    private static void RequireOff(PrismVm vm)
    {
        if (vm.PowerState != "OFF")
        {
            throw new PrismConflictException($"The GPUs of machine '{vm.Name}' can change only while it is powered off; it is {vm.PowerState}. Power it off first, or ask for that with force.")
            {
                Target = vm.Name,
            };
        }
    }

    private async Task<PrismVm> FinishAsync(GpuVmRequest request, Steps steps, IProgress<PrismTask>? progress, CancellationToken cancellationToken)
    {
        string vmId = steps.VmId!;
        try
        {
            PrismVm vm = await GetNewAsync(vmId, cancellationToken).ConfigureAwait(false);
            if (!request.PowerOn)
            {
                return vm;
            }

            if (!vm.IsPoweredOn)
            {
                await writer.SetPowerStateAsync(vmId, PowerAction.On, progress, cancellationToken).ConfigureAwait(false);
                vm = await store.GetAsync(vmId, cancellationToken).ConfigureAwait(false);
            }

            return await MoveAsync(vm, request, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (PrismException e)
        {
            string left = await UndoAsync(request, vmId, cancellationToken).ConfigureAwait(false);
            throw Explain(request, e, left);
        }
    }

    // The wish for a host cannot be told to AHV for one machine; it places at power-on.
    private async Task<PrismVm> MoveAsync(PrismVm vm, GpuVmRequest request, IProgress<PrismTask>? progress, CancellationToken cancellationToken)
    {
        if (request.Host is null || vm.HostId is null || vm.HostId == request.Host)
        {
            return vm;
        }

        if (vm.IsLiveMigrateCapable != true)
        {
            api.Http.Log($"Machine '{vm.Name}' runs on host {vm.HostName ?? vm.HostId}, not on {request.Host}, and cannot be migrated live.");
            return vm;
        }

        try
        {
            await writer.MigrateAsync(vm.ExtId, request.Host, progress, cancellationToken).ConfigureAwait(false);
            return await store.GetAsync(vm.ExtId, cancellationToken).ConfigureAwait(false);
        }
        catch (PrismException e)
        {
            api.Http.Log($"Machine '{vm.Name}' stays on host {vm.HostName ?? vm.HostId}: {e.Message}");
            return vm;
        }
    }

    private async Task<string> UndoAsync(GpuVmRequest request, string vmId, CancellationToken cancellationToken)
    {
        if (request.KeepOnFailure)
        {
            return $"The machine was kept, as asked ({vmId}).";
        }

        try
        {
            await writer.RemoveAsync(vmId, force: true, null, cancellationToken).ConfigureAwait(false);
            return "The machine was removed again.";
        }
        catch (OperationCanceledException)
        {
            return $"Its removal was cancelled: look for machine {vmId} and remove it by hand.";
        }
        catch (PrismException e)
        {
            return $"The machine could not be removed and remains as {vmId} ({e.Message}) Remove it by hand.";
        }
    }

    private static PrismException Explain(GpuVmRequest request, PrismException cause, string left)
    {
        if (cause is PrismTaskFailedException failed && NoGpu().IsMatch(cause.Message))
        {
            return new NoFreeGpuException(
                $"The machine '{request.Name}' was made but no host has the {request.Gpus.Count} GPUs it needs free: {failed.Task.ErrorMessage ?? cause.Message} {left} Another machine may have taken them meanwhile; choose another model or cluster.",
                request.Gpus.Count,
                0,
                cause).Because(cause, request.Name);
        }

        return cause switch
        {
            PrismTaskFailedException task => new PrismTaskFailedException($"{task.Message} {left}", task.Task).Because(task, request.Name),
            _ => new PrismException($"The machine '{request.Name}' was made but could not be finished: {cause.Message} {left}", cause).Because(cause, request.Name),
        };
    }

    private static VmCreationInterruptedException Interrupted(GpuVmRequest request, Steps steps, OperationCanceledException cause, CancellationToken token)
    {
        string state = (steps.VmId, steps.TaskId) switch
        {
            ({ } vm, _) => $"the machine exists ({vm}) and is not finished. Remove it, or power it on yourself.",
            (null, { } task) => $"task {task} goes on and will make the machine. Look at the task, then remove the machine if you do not want it.",
            _ => "the request was on its way, so the machine may come to be. Look for that name before asking again.",
        };
        return new VmCreationInterruptedException(
            $"The creation of '{request.Name}' was stopped: {state}", request.Name, steps.TaskId, steps.VmId, cause, token);
    }

    private async Task<PrismVm> GetNewAsync(string vmId, CancellationToken cancellationToken)
    {
        for (int look = 1; ; look++)
        {
            try
            {
                return await store.GetAsync(vmId, cancellationToken).ConfigureAwait(false);
            }
            catch (PrismNotFoundException) when (look < PatienceWithNotFound)
            {
                await Task.Delay(NotFoundInterval, api.Http.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // The task names what it made; other entities and ids that do not resolve may stand beside it.
    private async Task<string> IdOfAsync(PrismTask task, GpuVmRequest request, HashSet<string> before, CancellationToken cancellationToken)
    {
        string[] ids = [.. task.EntitiesAffected.Where(e => e.IsVm && !before.Contains(e.ExtId)).Select(e => e.ExtId).Distinct()];
        if (ids.Length == 1)
        {
            return ids[0];
        }

        for (int look = 1; look <= PatienceWithNotFound; look++)
        {
            var query = new VmQuery { Names = [request.Name], ClusterId = request.Cluster };
            PrismVm[] found = await store
                .FindAsync(query, cancellationToken)
                .Where(v => !before.Contains(v.ExtId) && (ids.Length == 0 || ids.Contains(v.ExtId)))
                .ToArrayAsync(cancellationToken)
                .ConfigureAwait(false);
            if (found.Length == 1)
            {
                return found[0].ExtId;
            }

            if (found.Length > 1)
            {
                throw new PrismAmbiguousNameException(
                    $"Task {task.ExtId} succeeded, but {found.Length} new machines are named '{request.Name}' and it does not say which is its own: {string.Join(", ", found.Select(v => v.ExtId))}. Nothing was removed.",
                    [.. found.Select(v => v.ExtId)])
                {
                    Target = request.Name,
                };
            }

            await Task.Delay(NotFoundInterval, api.Http.Time, cancellationToken).ConfigureAwait(false);
        }

        throw new PrismException($"Task {task.ExtId} succeeded, but no machine '{request.Name}' can be found. Look for it in Prism before asking again.")
        {
            Target = request.Name,
        };
    }

    private async Task<HashSet<string>> NamesakesAsync(GpuVmRequest request, string clusterName, CancellationToken cancellationToken)
    {
        var query = new VmQuery { Names = [request.Name], ClusterId = request.Cluster };
        string[] ids = await store.FindAsync(query, cancellationToken).Select(v => v.ExtId).ToArrayAsync(cancellationToken).ConfigureAwait(false);
        return ids.Length == 0 || request.AllowDuplicateName
            ? [.. ids]
            : throw new PrismAmbiguousNameException(
                $"Cluster {clusterName} already has {(ids.Length == 1 ? "a machine" : $"{ids.Length} machines")} named '{request.Name}' ({string.Join(", ", ids)}). Choose another name, or allow the duplicate.",
                ids)
            {
                Target = request.Name,
            };
    }

    private async Task<string> ClusterNameAsync(string clusterId, CancellationToken cancellationToken)
    {
        PrismVm named = await directory.NameAsync(new PrismVm { ExtId = string.Empty, Name = string.Empty, ClusterId = clusterId }, cancellationToken).ConfigureAwait(false);
        return named.ClusterName ?? clusterId;
    }

    private async Task<IReadOnlyList<GpuProfileRow>?> TryReadProfilesAsync(string clusterId, CancellationToken cancellationToken)
    {
        try
        {
            return await api.ReadGpuRowsAsync(clusterId, cancellationToken).ConfigureAwait(false);
        }
        catch (PrismNotFoundException e)
        {
            api.Http.Log($"The GPU profiles of cluster {clusterId} cannot be read, so what is free shows at power-on only: {e.Message}");
            return null;
        }
    }

    // Servers word it freely; a GPU and what there is too little of are always named.
    [GeneratedRegex(@"(?=.*\bv?GPU)(?=.*\b(free|available|unavailable|enough|insufficient|exhausted|capacity|in use|lacks?|no host)\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex NoGpu();

    private sealed class Steps
    {
        public bool IsSent { get; set; }

        public string? TaskId { get; set; }

        public string? VmId { get; set; }
    }
}
