using System.Collections.Concurrent;
using System.Globalization;
using Nutanix.Prism.Api;
using Nutanix.Prism.Http;

namespace Nutanix.Prism.Machines;

/// <summary>
/// Changes machines. Each change names the ETag of what it saw; when the machine has changed meanwhile, which the answer or
/// only the failed task may say, it looks again and tries again. Changes of one machine go one after the other.
/// </summary>
internal sealed class VmWriter(IPrismApi api, TaskWaiter tasks)
{
    private const int MaxLooks = 10;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _locks = new(StringComparer.Ordinal);

    public Task<PrismTask> SetPowerStateAsync(string extId, PowerAction action, IProgress<PrismTask>? progress, CancellationToken cancellationToken) => ChangeAsync(
        extId,
        $"power action {action} of machine {extId}",
        (vm, ct) => api.SubmitPowerAsync(vm, action, ct),
        progress,
        cancellationToken,
        action switch
        {
            PowerAction.On => vm => vm.PowerState == "ON",
            PowerAction.Off => vm => vm.PowerState == "OFF",
            _ => null,
        });

    public Task<PrismTask> MigrateAsync(string extId, string hostId, IProgress<PrismTask>? progress, CancellationToken cancellationToken) => ChangeAsync(
        extId, $"migration of machine {extId}", (vm, ct) => api.SubmitMigrateAsync(vm, hostId, ct), progress, cancellationToken, vm => vm.HostId == hostId);

    public Task<PrismTask> UpdateAsync(string extId, VmChange change, IProgress<PrismTask>? progress, CancellationToken cancellationToken) => ChangeAsync(
        extId, $"change of machine {extId}", (vm, ct) => api.SubmitUpdateAsync(vm, change, ct), progress, cancellationToken, vm => IsApplied(vm, change));

    /// <summary>Attaches one GPU. That the machine must be off is the caller's to see to.</summary>
    public async Task<PrismTask> AttachGpuAsync(string extId, VmGpuSpec gpu, IProgress<PrismTask>? progress, CancellationToken cancellationToken)
    {
        int? before = null;
        return await ChangeAsync(
            extId,
            $"attachment of GPU {gpu.Name} to machine {extId}",
            (vm, ct) =>
            {
                before ??= Count(vm.Vm);
                return api.SubmitAttachGpuAsync(vm, gpu, ct);
            },
            progress,
            cancellationToken,
            vm => Count(vm) > before).ConfigureAwait(false);

        int Count(PrismVm vm) => vm.Gpus.Count(g => g.DeviceId == gpu.DeviceId && g.Mode == gpu.Mode);
    }

    public Task<PrismTask> DetachGpuAsync(string extId, VmGpu gpu, IProgress<PrismTask>? progress, CancellationToken cancellationToken) => ChangeAsync(
        extId,
        $"removal of GPU {gpu.Name} from machine {extId}",
        (vm, ct) => api.SubmitDetachGpuAsync(vm, gpu, ct),
        progress,
        cancellationToken,
        vm => gpu.ExtId is not null && vm.Gpus.All(g => g.ExtId != gpu.ExtId));

    /// <summary>Removes the machine; that it is gone already, because a lost answer's request did its work, is success.</summary>
    public async Task RemoveAsync(string extId, bool force, IProgress<PrismTask>? progress, CancellationToken cancellationToken)
    {
        PrismVm vm = (await api.GetVmAsync(extId, cancellationToken).ConfigureAwait(false)).Vm;
        if (vm.IsPoweredOn)
        {
            if (!force)
            {
                throw new PrismConflictException($"The machine '{vm.Name}' is powered on. Power it off first, or ask for that with force.")
                {
                    Target = vm.Name,
                };
            }

            await SetPowerStateAsync(extId, PowerAction.Off, progress, cancellationToken).ConfigureAwait(false);
        }

        bool asked = false;
        try
        {
            await ChangeAsync(
                extId,
                $"removal of machine {extId}",
                (seen, ct) =>
                {
                    asked = true;
                    return api.SubmitDeleteAsync(seen, ct);
                },
                progress,
                cancellationToken).ConfigureAwait(false);
        }
        catch (PrismNotFoundException) when (asked)
        {
            api.Http.Log($"Machine {extId} is gone already.");
        }
        catch (PrismTaskFailedException e)
        {
            // Where the answer to a first removal was lost, the second one's task finds nothing left to remove.
            if (await ExistsAsync(extId, cancellationToken).ConfigureAwait(false))
            {
                throw;
            }

            api.Http.Log($"Machine {extId} is gone. ({e.Message})");
        }
    }

    private async Task<bool> ExistsAsync(string extId, CancellationToken cancellationToken)
    {
        try
        {
            await api.GetVmAsync(extId, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (PrismNotFoundException)
        {
            return false;
        }
    }

    private async Task<PrismTask> ChangeAsync(
        string extId,
        string what,
        Func<VmSnapshot, CancellationToken, Task<string>> submit,
        IProgress<PrismTask>? progress,
        CancellationToken cancellationToken,
        Func<PrismVm, bool>? isDone = null)
    {
        SemaphoreSlim gate = _locks.GetOrAdd(extId, static _ => new SemaphoreSlim(1));
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            TimeSpan wait = FirstWait;
            for (int look = 1; ; look++)
            {
                VmSnapshot seen = await api.GetVmAsync(extId, cancellationToken).ConfigureAwait(false);
                if (look > 1 && isDone?.Invoke(seen.Vm) == true
                    && await LatestTaskAsync(seen, cancellationToken).ConfigureAwait(false) is { } latest)
                {
                    // It was our own write that changed the machine; only its answer was lost.
                    return await tasks.WaitAsync(latest, progress, cancellationToken).ConfigureAwait(false);
                }

                try
                {
                    string task = await submit(seen, cancellationToken).ConfigureAwait(false);
                    return await tasks.WaitAsync(task, progress, cancellationToken).ConfigureAwait(false);
                }
                catch (PrismException e) when (EntityTagMismatch.Is(e))
                {
                    if (look == MaxLooks)
                    {
                        throw new PrismConflictException(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"The {what} did not succeed: the machine changed under each of {MaxLooks} tries. Something else keeps writing to it; try again when that is over. ({e.Message})"),
                            e).Because(e, extId);
                    }

                    api.Http.Log($"{what}: the machine has changed, looking again. ({e.Message})");
                }

                await Task.Delay(wait, api.Http.Time, cancellationToken).ConfigureAwait(false);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<string?> LatestTaskAsync(VmSnapshot vm, CancellationToken cancellationToken) => vm.LatestTasks.Count > 0
        ? vm.LatestTasks[^1]
        : (await api
            .ListTasks(new TaskQuery { EntityId = vm.Vm.ExtId, First = 1 }, cancellationToken)
            .FirstOrDefaultAsync(cancellationToken)
            .ConfigureAwait(false))?.ExtId;

    private static bool IsApplied(PrismVm vm, VmChange change) =>
        (change.Name is null || vm.Name == change.Name)
        && (change.Description is null || vm.Description == change.Description)
        && (change.NumSockets is null || vm.NumSockets == change.NumSockets)
        && (change.NumCoresPerSocket is null || vm.NumCoresPerSocket == change.NumCoresPerSocket)
        && (change.MemoryBytes is null || vm.MemoryBytes == change.MemoryBytes);
}
