using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Nutanix.Prism.Http;
using Nutanix.Prism.V4;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.Machines;

/// <summary>
/// Changes machines. Each change names the ETag of what it saw; when the machine has changed meanwhile, which the answer or
/// only the failed task may say, it looks again and tries again. Changes of one machine go one after the other.
/// </summary>
internal sealed class VmWriter(V4Api api, VmStore store, TaskWaiter tasks)
{
    private const int MaxLooks = 10;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _locks = new(StringComparer.Ordinal);

    public Task<PrismTask> SetPowerStateAsync(string extId, PowerAction action, IProgress<PrismTask>? progress, CancellationToken cancellationToken)
    {
        string verb = action switch
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
        byte[]? body = action is PowerAction.GuestShutdown or PowerAction.GuestReboot
            ? JsonSerializer.SerializeToUtf8Bytes(new WireGuestPowerOptions(), PrismJson.Default.WireGuestPowerOptions)
            : null;
        return ActAsync(extId, verb, body, progress, cancellationToken, action switch
        {
            PowerAction.On => vm => vm.PowerState == "ON",
            PowerAction.Off => vm => vm.PowerState == "OFF",
            _ => null,
        });
    }

    public Task<PrismTask> MigrateAsync(string extId, string hostId, IProgress<PrismTask>? progress, CancellationToken cancellationToken)
    {
        var body = new WireMigrateToHost { Host = WireReference.To(hostId) };
        return ActAsync(extId, "migrate-to-host", JsonSerializer.SerializeToUtf8Bytes(body, PrismJson.Default.WireMigrateToHost), progress, cancellationToken);
    }

    /// <summary>Removes the machine; that it is gone already, because a lost answer's request did its work, is success.</summary>
    public async Task RemoveAsync(string extId, bool force, IProgress<PrismTask>? progress, CancellationToken cancellationToken)
    {
        PrismVm vm = (await store.GetTaggedAsync(extId, cancellationToken).ConfigureAwait(false)).Value.ToVm();
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
                (tag, ct) =>
                {
                    asked = true;
                    return api.SubmitAsync(ApiNamespace.Vmm, HttpMethod.Delete, PathOf(extId), null, tag, ct);
                },
                progress,
                cancellationToken).ConfigureAwait(false);
        }
        catch (PrismNotFoundException) when (asked)
        {
            api.Http.Log($"Machine {extId} is gone already.");
        }
    }

    private Task<PrismTask> ActAsync(
        string extId,
        string verb,
        byte[]? body,
        IProgress<PrismTask>? progress,
        CancellationToken cancellationToken,
        Func<WireVm, bool>? isDone = null) => ChangeAsync(
        extId,
        $"{verb} of machine {extId}",
        (tag, ct) => api.SubmitAsync(ApiNamespace.Vmm, HttpMethod.Post, $"{PathOf(extId)}/$actions/{verb}", body, tag, ct),
        progress,
        cancellationToken,
        isDone);

    private async Task<PrismTask> ChangeAsync(
        string extId,
        string what,
        Func<string?, CancellationToken, Task<string>> submit,
        IProgress<PrismTask>? progress,
        CancellationToken cancellationToken,
        Func<WireVm, bool>? isDone = null)
    {
        SemaphoreSlim gate = _locks.GetOrAdd(extId, static _ => new SemaphoreSlim(1));
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            TimeSpan wait = FirstWait;
            for (int look = 1; ; look++)
            {
                Tagged<WireVm> seen = await store.GetTaggedAsync(extId, cancellationToken).ConfigureAwait(false);
                if (look > 1 && isDone?.Invoke(seen.Value) == true
                    && await LatestTaskAsync(extId, cancellationToken).ConfigureAwait(false) is { } latest)
                {
                    // It was our own write that changed the machine; only its answer was lost.
                    return await tasks.WaitAsync(latest.ExtId, progress, cancellationToken).ConfigureAwait(false);
                }

                try
                {
                    string task = await submit(seen.ETag, cancellationToken).ConfigureAwait(false);
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

    private ValueTask<PrismTask?> LatestTaskAsync(string extId, CancellationToken cancellationToken) => tasks
        .ListAsync(new TaskQuery { EntityId = extId, First = 1 }, cancellationToken)
        .FirstOrDefaultAsync(cancellationToken);

    private static string PathOf(string extId) => $"{VmStore.Path}/{V4Api.Segment(extId)}";
}
