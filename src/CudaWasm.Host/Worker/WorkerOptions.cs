using CudaWasm.Runtime.Caching;

namespace CudaWasm.Host.Worker;

/// <summary>What <c>serve</c> is asked for.</summary>
internal sealed record WorkerOptions
{
    /// <summary>Addresses to listen on: <c>http://*:8080</c>, <c>https://127.0.0.1:0</c>.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://127.0.0.1:8080"];

    /// <summary>Folder for published kernels, and below it for what was compiled from them.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>File with one <c>tenant:key</c> a line; null for none.</summary>
    public string? ApiKeyFile { get; init; }

    /// <summary>Certificate and key in PEM, for https addresses.</summary>
    public string? TlsCertificateFile { get; init; }

    public string? TlsKeyFile { get; init; }

    /// <summary>Authorities in PEM whose certificates clients must have; the tenant is the certificate's common name.</summary>
    public string? ClientAuthorityFile { get; init; }

    /// <summary>Lets callers in without key and certificate, as the tenant <c>anonymous</c>.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>The library that tells of GPUs; null for the one of the system's driver.</summary>
    public string? GpuLibrary { get; init; }

    public WorkerLimits Limits { get; init; } = new();

    /// <summary>Time between telling that the worker is not ready any more and taking no more connections.</summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.Zero;

    /// <summary>Time for what is running to end.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>What one tenant, and all of them together, may take.</summary>
internal sealed record WorkerLimits
{
    /// <summary>Largest body of a launch; buffers travel in it.</summary>
    public long MaxBodyBytes { get; init; } = 4L << 30;

    /// <summary>Largest body of a publication.</summary>
    public long MaxSourceBytes { get; init; } = 16 << 20;

    /// <summary>Buffers of all launches and jobs together.</summary>
    public long MaxMemoryBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>Buffers of one tenant's launches and jobs.</summary>
    public long MaxTenantMemoryBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>Requests of one tenant that are worked on at the same time.</summary>
    public int MaxTenantRequests { get; init; } = 64;

    /// <summary>Launches that wait for the device.</summary>
    public int MaxQueueLength { get; init; } = 256;

    /// <summary>Jobs that wait or run; ended ones are kept as long as <see cref="JobRetention"/>.</summary>
    public int MaxTenantJobs { get; init; } = 32;

    public int MaxTenantKernels { get; init; } = 1000;

    /// <summary>Files of what was compiled; those used least recently go beyond it.</summary>
    public long MaxCompiledBytes { get; init; } = CompileCache.DefaultMaxBytes;

    /// <summary>Globals of one kernel.</summary>
    public long MaxGlobalBytes { get; init; } = 64 << 20;

    /// <summary>Memory of one thread of a kernel, its arrays and what has its address taken: what CUDA allows.</summary>
    public long MaxLocalBytes { get; init; } = 512 << 10;

    /// <summary>Time of one launch.</summary>
    public TimeSpan MaxLaunchTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time of one job.</summary>
    public TimeSpan MaxJobTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes a second that senders and readers must keep up, on average; slower ones are cut off, as they hold memory.</summary>
    public double LeastBytesPerSecond { get; init; } = 4096;

    /// <summary>Time before that is asked of a body.</summary>
    public TimeSpan LeastRateGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time of a request's head.</summary>
    public TimeSpan MaxHeadTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time of one compilation.</summary>
    public TimeSpan MaxCompileTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a job that ended, and its outputs, are kept.</summary>
    public TimeSpan JobRetention { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Characters a launch may print.</summary>
    public int MaxPrintedChars { get; init; } = 64 << 10;
}
