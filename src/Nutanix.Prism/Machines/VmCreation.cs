using System.Net;
using Nutanix.Prism.Api;

namespace Nutanix.Prism.Machines;

/// <summary>
/// Asks for a machine once, also when the answer gets lost. A request that may have been taken is not repeated blindly:
/// first it looks for a machine or a running task of that name that was not there before; only if there is none the
/// request goes out again, under the same request id.
/// </summary>
internal sealed class VmCreation(IPrismApi api, VmStore store)
{
    private const int MaxTries = 4;

    // A search lags behind a create; what a look does not find may show at the next.
    private const int LooksAfterLostAnswer = 3;

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    // The tasks' clock is the server's, ours may differ by this much.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(2);

    /// <summary>Either the task that makes the machine, or the machine, where the answer was lost and it is there.</summary>
    public readonly record struct Accepted(string? TaskId, string? VmId);

    /// <param name="name">The machine's name.</param>
    /// <param name="clusterId">extId of its cluster.</param>
    /// <param name="create">The create body and its request id.</param>
    /// <param name="before">extIds of the machines of that name that were there before.</param>
    /// <param name="sent">Called before each time the request leaves.</param>
    /// <param name="cancellationToken">Stops asking and looking.</param>
    public async Task<Accepted> SubmitAsync(
        string name, string clusterId, PreparedCreate create, IReadOnlySet<string> before, Action sent, CancellationToken cancellationToken)
    {
        DateTimeOffset since = api.Http.Time.GetUtcNow() - ClockTolerance;
        for (int attempt = 1; ; attempt++)
        {
            sent();
            try
            {
                string task = await api.SubmitCreateAsync(create, cancellationToken).ConfigureAwait(false);
                return new Accepted(task, null);
            }
            catch (PrismException e) when (MayHaveBeenTaken(e))
            {
                api.Http.Log($"The answer to the creation of '{name}' was lost ({e.Message}); looking whether it was taken.");
                if (await FindAsync(name, clusterId, create.VmExtId, before, since, cancellationToken).ConfigureAwait(false) is { } found)
                {
                    return found;
                }

                if (attempt == MaxTries)
                {
                    throw new PrismException(
                        $"The machine '{name}' was asked for {MaxTries} times without an answer, and none of that name has shown up. Look for it in a minute before asking again: {e.Message}", e)
                    {
                        IsOutcomeUnknown = true,
                    }.Because(e, name);
                }
            }
        }
    }

    // 409: the server has seen this request id. A body that cannot be read came from a server that did something.
    private static bool MayHaveBeenTaken(PrismException e) => e switch
    {
        PrismConnectionException { IsTransient: true } => true,
        PrismProtocolException => (int?)e.StatusCode is >= 200 and < 300,
        _ => (int?)e.StatusCode is >= 500 || e.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict,
    };

    /// <summary>Looks whether a create was taken: for the machine by its id where that is known, for a task, for a machine by name.</summary>
    public async Task<Accepted?> FindAsync(
        string name, string clusterId, string? vmExtId, IReadOnlySet<string> before, DateTimeOffset since, CancellationToken cancellationToken)
    {
        for (int look = 0; look < LooksAfterLostAnswer; look++)
        {
            await Task.Delay(LookInterval, api.Http.Time, cancellationToken).ConfigureAwait(false);
            try
            {
                if (await FindTaskAsync(name, before, since, cancellationToken).ConfigureAwait(false) is { } task)
                {
                    return new Accepted(task, null);
                }

                if (vmExtId is not null && await IsNamedAsync(vmExtId, name, cancellationToken).ConfigureAwait(false))
                {
                    return new Accepted(null, vmExtId);
                }

                var query = new VmQuery { Names = [name], ClusterId = clusterId };
                string[] found = await store
                    .FindAsync(query, cancellationToken)
                    .Where(v => !before.Contains(v.ExtId))
                    .Select(v => v.ExtId)
                    .ToArrayAsync(cancellationToken)
                    .ConfigureAwait(false);
                if (found.Length > 0)
                {
                    return found.Length == 1
                        ? new Accepted(null, found[0])
                        : throw new PrismAmbiguousNameException(
                            $"The answer to the creation of '{name}' was lost, and {found.Length} new machines have that name: {string.Join(", ", found)}. Nothing was removed; keep the one you want.",
                            found)
                        {
                            Target = name,
                        };
                }
            }
            catch (PrismConnectionException e) when (e.IsTransient && look < LooksAfterLostAnswer - 1)
            {
                api.Http.Log($"Looking for '{name}' failed: {e.Message}");
            }
        }

        return null;
    }

    private async Task<string?> FindTaskAsync(string name, IReadOnlySet<string> before, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var recent = new TaskQuery { CreatedSince = since, First = 200 };
        await foreach (PrismTask task in api.ListTasks(recent, cancellationToken).ConfigureAwait(false))
        {
            if (!IsCreation(task) || task.Status is "FAILED" or "CANCELED")
            {
                continue;
            }

            foreach (PrismEntityReference vm in task.EntitiesAffected.Where(e => e.IsVm && !before.Contains(e.ExtId)))
            {
                if (vm.Name == name || (vm.Name is null && await IsNamedAsync(vm.ExtId, name, cancellationToken).ConfigureAwait(false)))
                {
                    return task.ExtId;
                }
            }
        }

        return null;
    }

    private async Task<bool> IsNamedAsync(string extId, string name, CancellationToken cancellationToken)
    {
        try
        {
            VmSnapshot vm = await store.GetSnapshotAsync(extId, cancellationToken).ConfigureAwait(false);
            return vm.Vm.Name == name;
        }
        catch (PrismNotFoundException)
        {
            return false;
        }
    }

    // CreateVm on current servers, kVmCreate in older task lists.
    private static bool IsCreation(PrismTask task) =>
        task.Operation is { } operation
        && operation.Contains("create", StringComparison.OrdinalIgnoreCase)
        && operation.Contains("vm", StringComparison.OrdinalIgnoreCase);
}
