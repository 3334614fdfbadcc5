using System.Collections.Concurrent;
using CudaWasm.Runtime.Cpu;

namespace CudaWasm.Tests.Launching;

public sealed class CpuWorkersTests
{
    [Fact]
    public void Workers_stay_on_processors_of_their_own_and_the_caller_keeps_its()
    {
        Assert.SkipWhen(Processors.Allowed.Length < 2, "Threads are bound on Linux with two processors or more.");
        using var workers = new CpuWorkers(Processors.Allowed.Length);
        var caller = Environment.CurrentManagedThreadId;

        var home = Meet(workers, callerWorks: false);
        var rounds = Enumerable.Range(0, 20).Select(_ => Meet(workers, callerWorks: true)).ToList();

        Assert.Equal(Processors.Allowed, home.Values.Order());
        Assert.All(rounds, r => Assert.All(r.Where(p => p.Key != caller), p => Assert.Equal(home[p.Key], p.Value)));
        // The system may move the caller between its choice of workers and its part of the work, but not each time.
        Assert.Contains(rounds, r => r.Values.Distinct().Count() == workers.Count);
    }

    /// <summary>The processor of each thread that takes part in a job of all.</summary>
    private static ConcurrentDictionary<int, int> Meet(CpuWorkers workers, bool callerWorks)
    {
        var meeting = new Meeting(workers.Count);
        workers.Run(meeting, workers.Count, callerWorks);
        return meeting.Threads;
    }

    private sealed class Meeting(int count) : ICpuJob
    {
        private readonly Barrier _all = new(count);

        public ConcurrentDictionary<int, int> Threads { get; } = [];

        public void Work(CpuWorkerMemory memory)
        {
            Threads[Environment.CurrentManagedThreadId] = Processors.Current;
            _all.SignalAndWait();
        }
    }
}
