using System.Globalization;

namespace Nutanix.Prism.Api;

/// <summary>Follows tasks to their end. Prism has no way to be told, so it asks: soon at first, then every two seconds.</summary>
internal sealed class TaskWaiter(IPrismApi api, TimeSpan stallLimit)
{
    // A task that was only just made may not be found yet.
    private const int PatienceWithNotFound = 5;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);

    /// <exception cref="PrismTaskFailedException">The task ended as FAILED or CANCELED.</exception>
    /// <exception cref="PrismTaskStalledException">Neither its state nor its progress changed for the time allowed.</exception>
    public async Task<PrismTask> WaitAsync(string extId, IProgress<PrismTask>? progress, CancellationToken cancellationToken)
    {
        TimeSpan delay = FirstDelay;
        int notFound = 0;
        (string? Status, int Percent) last = (null, -1);
        long changedAt = api.Http.Time.GetTimestamp();
        while (true)
        {
            PrismTask? task = null;
            try
            {
                task = await api.GetTaskAsync(extId, cancellationToken).ConfigureAwait(false);
            }
            catch (PrismNotFoundException) when (++notFound <= PatienceWithNotFound)
            {
                api.Http.Log($"Task {extId} is not there yet.");
            }

            if (task is not null)
            {
                progress?.Report(task);
                if (task.IsFinished)
                {
                    return task.IsSucceeded ? task : throw Failed(task);
                }

                if (last != (task.Status, task.ProgressPercent))
                {
                    last = (task.Status, task.ProgressPercent);
                    changedAt = api.Http.Time.GetTimestamp();
                }
            }

            if (api.Http.Time.GetElapsedTime(changedAt) > stallLimit)
            {
                throw Stalled(extId, task);
            }

            await Task.Delay(delay, api.Http.Time, cancellationToken).ConfigureAwait(false);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    private PrismTaskFailedException Failed(PrismTask task)
    {
        string what = task.OperationDescription ?? task.Operation ?? "The task";
        string entities = string.Join(", ", task.EntitiesAffected.Select(e => e.Name ?? e.ExtId).Take(3));
        string on = entities.Length == 0 ? string.Empty : $" of {entities}";
        string why = task.Status == "CANCELED"
            ? "was cancelled."
            : task.ErrorMessage is { } message ? $"failed: {api.Http.Session.Redact(message)}" : "failed, and the server does not say why.";
        PrismMessage? first = task.Errors.FirstOrDefault(e => e.Code is not null || e.ErrorGroup is not null);
        return new PrismTaskFailedException(
            string.Create(CultureInfo.InvariantCulture, $"{what}{on} {why} (task {task.ExtId})"), task)
        {
            Code = first?.Code,
            ErrorGroup = first?.ErrorGroup,
            Target = task.ExtId,
        };
    }

    private PrismTaskStalledException Stalled(string extId, PrismTask? task) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"Task {extId} ({task?.OperationDescription ?? task?.Operation ?? "unknown"}) has been {task?.Status ?? "missing"} at {task?.ProgressPercent ?? 0} % for {stallLimit.TotalSeconds:0} s without a change. It was left to run: follow it with Wait-NtnxTask, or end it with Stop-NtnxTask, before asking again."),
        extId)
    {
        Target = extId,
    };
}
