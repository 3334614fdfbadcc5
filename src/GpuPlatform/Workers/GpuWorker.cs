namespace GpuPlatform.Workers;

/// <summary>A worker on a platform.</summary>
public sealed record GpuWorker
{
    /// <summary><c>Nutanix</c> or <c>Kubernetes</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The provider's name: the address of the Prism Central, the context of the cluster.</summary>
    public required string Location { get; init; }

    public required string Name { get; init; }

    /// <summary>On Nutanix the machine's extId; on Kubernetes namespace and name.</summary>
    public required string Id { get; init; }

    public WorkerState State { get; init; }

    /// <summary>Where it answers; on Kubernetes within the cluster. Null while its address is not known.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Namespace on Kubernetes.</summary>
    public string? Namespace { get; init; }

    /// <summary>GPUs of the worker, of all its pods on Kubernetes.</summary>
    public int GpuCount { get; init; }

    /// <summary>Host of the machine, once it runs.</summary>
    public string? HostName { get; init; }
}

public enum WorkerState
{
    /// <summary>Made, and not answering yet.</summary>
    Starting,

    /// <summary>Takes kernels and launches.</summary>
    Ready,

    /// <summary>Powered off, or scaled to nothing.</summary>
    Stopped,
}

/// <summary>What every platform is told of a worker to make.</summary>
public abstract record WorkerRequest
{
    /// <summary>False returns once the worker is on its way.</summary>
    public bool WaitUntilReady { get; init; } = true;

    /// <summary>How long it may take from being made to being ready: a machine installs its driver and restarts meanwhile.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>Keeps what was made when the worker does not become ready.</summary>
    public bool KeepOnFailure { get; init; }
}

/// <summary>A way to a worker, open until it is disposed.</summary>
public sealed class WorkerConnection(Uri endpoint, Func<ValueTask>? close = null) : IAsyncDisposable
{
    /// <summary>The worker's address as seen from here.</summary>
    public Uri Endpoint { get; } = endpoint;

    public ValueTask DisposeAsync() => close?.Invoke() ?? ValueTask.CompletedTask;
}
