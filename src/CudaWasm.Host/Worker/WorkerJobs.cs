using System.Collections.Concurrent;
using CudaWasm.Runtime;
using Microsoft.AspNetCore.Http;

namespace CudaWasm.Host.Worker;

internal enum JobStatus
{
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

/// <summary>A long launch, which its caller asks about.</summary>
internal sealed class WorkerJob(string kernel, WorkerLaunch launch, double compileMs, TimeProvider clock) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly DateTimeOffset _created = clock.GetUtcNow();
    private JobStatus _status;
    private DateTimeOffset? _started;
    private DateTimeOffset? _ended;
    private LaunchReport? _report;
    private ProblemDocument? _problem;
    private bool _isRemoved;

    public string Id { get; } = Guid.NewGuid().ToString("n");

    public Tenant Tenant => launch.Tenant;

    public bool IsOpen
    {
        get
        {
            lock (_lock)
                return _ended is null;
        }
    }

    public bool IsOlderThan(TimeSpan age)
    {
        lock (_lock)
            return _ended is { } ended && clock.GetUtcNow() - ended > age;
    }

    /// <summary>Runs to the job's end; never throws.</summary>
    /// <exception cref="WorkerProblem">The queue is full; the job is not one.</exception>
    public Task StartAsync(LaunchQueue queue, TimeSpan timeout) => FollowAsync(queue.RunAsync(launch, timeout, OnStarted, _stop.Token));

    public void Cancel() => _stop.Cancel();

    public JobInfo Info()
    {
        lock (_lock)
            return new JobInfo(Id, kernel, _status.ToString().ToLowerInvariant(), _created, _started, _ended, _report, _problem);
    }

    /// <summary>An output of a job that succeeded; null for any other name.</summary>
    public LaunchPart? Output(string name)
    {
        lock (_lock)
            return _status == JobStatus.Succeeded && !_isRemoved ? launch.Outputs.FirstOrDefault(o => o.Name == name) : null;
    }

    /// <summary>Stops the job, and frees its memory as soon as it has ended.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        lock (_lock)
        {
            _isRemoved = true;
            if (_ended is not null)
                launch.Dispose();
        }
    }

    private async Task FollowAsync(Task<LaunchOutcome> running)
    {
        try
        {
            var report = launch.Report(compileMs, await running);
            End(JobStatus.Succeeded, report, null);
        }
        catch (OperationCanceledException)
        {
            End(JobStatus.Cancelled, null, null);
        }
        catch (CudaWasmException e)
        {
            var problem = WorkerProblem.Of(e);
            End(JobStatus.Failed, null, new ProblemDocument("about:blank", problem.Title, problem.Status, problem.Message, problem.Code, problem.Diagnostics));
        }
        catch (Exception e)
        {
            End(JobStatus.Failed, null, new ProblemDocument("about:blank", "The launch failed", StatusCodes.Status500InternalServerError, e.GetType().Name, null, null));
        }
    }

    private void OnStarted()
    {
        lock (_lock)
            (_status, _started) = (JobStatus.Running, clock.GetUtcNow());
    }

    private void End(JobStatus status, LaunchReport? report, ProblemDocument? problem)
    {
        lock (_lock)
        {
            (_status, _report, _problem, _ended) = (status, report, problem, clock.GetUtcNow());
            // Outputs are kept for those that succeeded only.
            if (status != JobStatus.Succeeded || _isRemoved)
                launch.Dispose();
        }
    }
}

/// <summary>The jobs of all tenants. They live in memory: a worker that is restarted has none.</summary>
internal sealed class WorkerJobs(LaunchQueue queue, WorkerLimits limits, TimeProvider clock) : IDisposable
{
    private readonly ConcurrentDictionary<string, WorkerJob> _jobs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);

    public int Open => _jobs.Values.Count(j => j.IsOpen);

    /// <exception cref="WorkerProblem">There is no room for another.</exception>
    public WorkerJob Start(string kernel, WorkerLaunch launch, double compileMs)
    {
        Sweep();
        if (_jobs.Values.Count(j => j.Tenant == launch.Tenant && j.IsOpen) >= limits.MaxTenantJobs)
            throw WorkerProblem.Full(FormattableString.Invariant($"{limits.MaxTenantJobs} of your jobs wait or run already."));

        var job = new WorkerJob(kernel, launch, compileMs, clock);
        var timeout = launch.Request.Timeout is { } asked && asked < limits.MaxJobTime ? asked : limits.MaxJobTime;
        var running = job.StartAsync(queue, timeout);
        _jobs[job.Id] = job;
        _running[job.Id] = running;
        _ = running.ContinueWith(_ => _running.TryRemove(job.Id, out Task? _), TaskScheduler.Default);
        return job;
    }

    /// <exception cref="WorkerProblem">404: there is none of that id, or it is another tenant's.</exception>
    public WorkerJob Get(Tenant tenant, string id)
    {
        Sweep();
        return _jobs.TryGetValue(id, out var job) && job.Tenant == tenant ? job : throw WorkerProblem.NotFound($"There is no job '{id}'; jobs that ended are kept for {limits.JobRetention.TotalMinutes:0.#} minutes.");
    }

    public IReadOnlyList<JobInfo> List(Tenant tenant)
    {
        Sweep();
        return [.. _jobs.Values.Where(j => j.Tenant == tenant).Select(j => j.Info()).OrderBy(j => j.CreatedAt)];
    }

    public void Remove(Tenant tenant, string id)
    {
        var job = Get(tenant, id);
        if (_jobs.TryRemove(job.Id, out _))
            job.Dispose();
    }

    /// <summary>Waits for the jobs to end; those that are not then are stopped.</summary>
    public async Task DrainAsync(CancellationToken deadline)
    {
        try
        {
            await Task.WhenAll(_running.Values).WaitAsync(deadline);
        }
        catch (OperationCanceledException)
        {
            foreach (var job in _jobs.Values)
                job.Cancel();
            await Task.WhenAll(_running.Values);
        }
    }

    public void Dispose()
    {
        foreach (var job in _jobs.Values)
            job.Dispose();
        _jobs.Clear();
    }

    private void Sweep()
    {
        foreach (var (id, job) in _jobs)
        {
            if (job.IsOlderThan(limits.JobRetention) && _jobs.TryRemove(id, out _))
                job.Dispose();
        }
    }
}
