using CudaWasm.Runtime;
using CudaWasm.Runtime.Caching;

namespace CudaWasm.Host.Worker;

/// <summary>What requests share.</summary>
internal sealed class WorkerServices : IDisposable
{
    /// <summary>Beside the tenants' folders, which begin with t-.</summary>
    private const string CompiledFolder = "compiled";

    public WorkerServices(WorkerOptions options)
    {
        Limits = options.Limits;
        Clock = options.Clock;
        Tenants = new Tenants(options);
        Store = KernelStore.Open(options.CacheFolder);
        Memory = new MemoryBudget(options.Limits);
        Gpus = NvidiaGpus.Open(options.GpuLibrary);
        Launches = new LaunchQueue("launches", Devices.Open("cpu"), options.Limits.MaxQueueLength, options.Limits.MaxPrintedChars, Metrics);
        Cache = new KernelCache(options.Limits, Metrics, new CompileCache(Path.Combine(options.CacheFolder, CompiledFolder), options.Limits.MaxCompiledBytes), Launches.Device);
        // Long work has a device object of its own, so that the system shares the cores among it and the launches.
        JobLaunches = new LaunchQueue("jobs", Devices.Open("cpu"), options.Limits.MaxQueueLength, options.Limits.MaxPrintedChars, Metrics);
        Jobs = new WorkerJobs(JobLaunches, options.Limits, options.Clock);
    }

    public WorkerLimits Limits { get; }

    public TimeProvider Clock { get; }

    public WorkerMetrics Metrics { get; } = new();

    public Tenants Tenants { get; }

    public KernelStore Store { get; }

    /// <summary>Null where there is no driver for any.</summary>
    public NvidiaGpus? Gpus { get; }

    public KernelCache Cache { get; }

    public MemoryBudget Memory { get; }

    public LaunchQueue Launches { get; }

    public LaunchQueue JobLaunches { get; }

    public WorkerJobs Jobs { get; }

    /// <summary>Being stopped: what runs is ended, nothing new should come.</summary>
    public bool IsDraining { get; set; }

    public WorkerGauges Gauges() => new(Launches.Length + JobLaunches.Length, Launches.Running + JobLaunches.Running, Jobs.Open, Store.Count, Store.DamagedFiles, Memory.Used, Memory.Limit);

    public void Dispose()
    {
        Jobs.Dispose();
        Launches.Dispose();
        JobLaunches.Dispose();
        Cache.Dispose();
        Gpus?.Dispose();
    }
}
