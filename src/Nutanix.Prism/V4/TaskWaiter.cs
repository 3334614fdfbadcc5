using System.Globalization;
using Nutanix.Prism.V4.Wire;

namespace Nutanix.Prism.V4;

/// <summary>Follows tasks to their end. v4 has no way to be told, so it asks: soon at first, then every two seconds.</summary>
internal sealed class TaskWaiter(V4Api api)
{
    private const string TasksPath = "config/tasks";

    // A task that was only just made may not be found yet.
    private const int PatienceWithNotFound = 5;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);

    public async Task<PrismTask> GetAsync(string extId, CancellationToken cancellationToken)
    {
        Tagged<WireTask> task = await api
            .GetAsync(ApiNamespace.Prism, $"{TasksPath}/{V4Api.Segment(extId)}", PrismJson.Default.WireTask, cancellationToken)
            .ConfigureAwait(false);
        PrismTask model = task.Value.ToTask();
        return model.ExtId.Length == 0 ? model with { ExtId = extId } : model;
    }

    /// <exception cref="PrismTaskFailedException">The task ended as FAILED or CANCELED.</exception>
    public async Task<PrismTask> WaitAsync(string extId, IProgress<PrismTask>? progress, CancellationToken cancellationToken)
    {
        TimeSpan delay = FirstDelay;
        int notFound = 0;
        while (true)
        {
            PrismTask? task = null;
            try
            {
                task = await GetAsync(extId, cancellationToken).ConfigureAwait(false);
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
            }

            await Task.Delay(delay, api.Http.Time, cancellationToken).ConfigureAwait(false);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    public IAsyncEnumerable<PrismTask> ListAsync(TaskQuery query, CancellationToken cancellationToken)
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
        IAsyncEnumerable<PrismTask> tasks = api
            .ListAsync(ApiNamespace.Prism, TasksPath, PrismJson.Default.WireTask, t => t.ExtId, options, cancellationToken)
            .Select(t => t.ToTask())
            .Where(t =>
                (query.Status is null || t.Status == query.Status)
                && (query.EntityId is null || t.EntitiesAffected.Any(e => e.ExtId == query.EntityId))
                && (query.CreatedSince is null || t.CreatedTime is null || t.CreatedTime >= query.CreatedSince));
        return query.First is { } first ? tasks.Take(first) : tasks;
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
}
