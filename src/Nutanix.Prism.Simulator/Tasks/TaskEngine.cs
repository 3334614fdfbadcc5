using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Faults;

namespace Nutanix.Prism.Simulator.Tasks;

/// <summary>Keeps the tasks and ends them in the order of their times as the clock goes on.</summary>
internal sealed class TaskEngine(Estate estate, SimulatorOptions options, FaultInjector faults, SimulatorLedger ledger)
{
    private const int MaxFinishedTasks = 20_000;

    private readonly Dictionary<string, SimulatedTask> _tasks = new(StringComparer.OrdinalIgnoreCase);
    private readonly LinkedList<SimulatedTask> _newestFirst = new();
    private readonly PriorityQueue<SimulatedTask, (DateTimeOffset At, long Sequence)> _pending = new();
    private long _sequence;

    /// <param name="Operation">Operation name of the task clients see: <c>CreateVm</c>.</param>
    /// <param name="InnerOperation">Raw operation name of the subtask on the cluster: <c>kVmCreate</c>.</param>
    /// <param name="Description">Text for people.</param>
    /// <param name="Cluster">Where the subtask runs.</param>
    /// <param name="Entities">What it touches.</param>
    /// <param name="Milliseconds">Time it takes, before the scale of the options.</param>
    /// <param name="Work">What happens at its end.</param>
    public sealed record Order(
        string Operation, string InnerOperation, string Description, Cluster Cluster, IReadOnlyList<AffectedEntity> Entities, int Milliseconds, Func<DateTimeOffset, TaskFailure?> Work)
    {
        public bool IsCancelable { get; init; }
    }

    /// <summary>All tasks that are remembered, the newest first.</summary>
    public IEnumerable<SimulatedTask> Tasks => _newestFirst;

    public SimulatedTask? Find(string extId) => _tasks.GetValueOrDefault(extId);

    /// <summary>Queues a task and its one subtask.</summary>
    public SimulatedTask Start(Order order, string userName, DateTimeOffset now)
    {
        var draw = SeededRandom.Unit(options.Seed, _sequence, 71);
        var queued = Scaled(40 + (80 * draw));
        var running = Scaled(order.Milliseconds * (0.8 + (0.4 * draw)));
        var (fate, failure) = faults.ForTask(order.Operation);
        if (fate != TaskFate.Ordinary) ledger.Struck($"Task{fate}");
        var entities = order.Entities;
        if (faults.Chaos.NextTaskRepeatsEntities())
        {
            // The cluster stands beside the VM, and the VM twice, as real tasks do now and then.
            entities = [new(order.Cluster.ExtId, "clustermgmt:config:cluster", order.Cluster.Name), .. entities, .. entities];
            ledger.Struck("DuplicateEntities");
        }

        var parent = Add(new SimulatedTask
        {
            Uuid = estate.NewUuid(),
            Operation = order.Operation,
            Description = order.Description,
            UserName = userName,
            ClusterExtId = order.Cluster.ExtId,
            Entities = entities,
            Created = now,
            Starts = now + queued,
            Ends = now + queued + running,
            IsCancelable = order.IsCancelable,
        });
        var child = Add(new SimulatedTask
        {
            Uuid = estate.NewUuid(),
            Operation = order.InnerOperation,
            Description = order.Description,
            UserName = userName,
            ClusterExtId = order.Cluster.ExtId,
            Entities = order.Entities,
            Created = now + (queued / 2),
            Starts = now + queued + (running / 10),
            Ends = now + queued + (running * 0.95),
            Parent = parent,
            Work = failure is null && fate is TaskFate.Ordinary or TaskFate.HangsAfterWork ? order.Work : _ => failure,
        });
        parent.SubTasks.Add(child);
        if (fate == TaskFate.Cancelled)
        {
            parent.CancelRequested = child.CancelRequested = parent.Starts;
        }

        if (fate != TaskFate.Hangs) Schedule(child, child.Ends);
        if (fate is TaskFate.Hangs or TaskFate.HangsAfterWork) parent.IsStuck = true;
        else Schedule(parent, parent.Ends);
        return parent;
    }

    /// <summary>Asks a task and its subtasks to stop; false where it cannot.</summary>
    public bool Cancel(SimulatedTask task, DateTimeOffset now)
    {
        if (task.IsFinished || !task.IsCancelable || task.SubTasks.Any(t => t.IsFinished)) return false;
        task.CancelRequested ??= now;
        foreach (var child in task.SubTasks) child.CancelRequested ??= now;
        foreach (var child in task.SubTasks) Schedule(child, now + Scaled(150));
        Schedule(task, now + Scaled(200));
        return true;
    }

    /// <summary>Ends all tasks whose time has come, in order, each at its own time.</summary>
    /// <returns>True if there were any.</returns>
    public bool AdvanceTo(DateTimeOffset now)
    {
        var ended = false;
        while (_pending.TryPeek(out var task, out var due) && due.At <= now)
        {
            _pending.Dequeue();
            if (!task.IsFinished) End(task, due.At);
            ended = true;
        }

        return ended;
    }

    private static void End(SimulatedTask task, DateTimeOffset at)
    {
        if (task.CancelRequested is not null)
        {
            task.Finish("CANCELED", at);
            return;
        }

        var failure = task.Work is not null ? task.Work(at) : task.SubTasks.Select(t => t.Failure).FirstOrDefault(f => f is not null);
        task.Finish(failure is null ? "SUCCEEDED" : "FAILED", at, failure);
    }

    private SimulatedTask Add(SimulatedTask task)
    {
        _tasks.Add(task.ExtId, task);
        _newestFirst.AddFirst(task);
        while (_newestFirst.Count > MaxFinishedTasks && _newestFirst.Last is { Value.IsFinished: true } oldest)
        {
            _newestFirst.Remove(oldest);
            _tasks.Remove(oldest.Value.ExtId);
        }

        return task;
    }

    private void Schedule(SimulatedTask task, DateTimeOffset at) => _pending.Enqueue(task, (at, _sequence++));

    private TimeSpan Scaled(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds * options.TaskDurationScale);
}
