using GpuPlatform.Workers;

namespace GpuPlatform;

/// <summary>
/// A place with GPUs that workers (<c>cuda-wasm serve</c>) can run on: it finds GPUs, makes workers, gives a way to them, over
/// which kernels are deployed, and removes what it made. Nutanix machines and Kubernetes are two.
/// </summary>
public interface IPlatformProvider
{
    /// <summary>Name for people: the address of the Prism Central, the context of the cluster.</summary>
    string Name { get; }

    /// <summary>
    /// Discover: streams the hosts that have GPUs, as they become known. A part of the estate that cannot be read does not end the
    /// stream: it is told to <paramref name="report"/>.
    /// </summary>
    IAsyncEnumerable<GpuHost> GetGpuHostsAsync(Action<PlatformWarning>? report = null, CancellationToken cancellationToken = default);

    /// <summary>The workers that were provisioned here, by this process or another.</summary>
    IAsyncEnumerable<GpuWorker> GetWorkersAsync(CancellationToken cancellationToken = default);

    /// <summary>Deploy: opens a way to the worker, over which kernels are published. It is there until it is disposed.</summary>
    /// <exception cref="PlatformException">The worker cannot be reached from here.</exception>
    Task<WorkerConnection> ConnectAsync(GpuWorker worker, CancellationToken cancellationToken = default);

    /// <summary>Tear down: removes a worker with all that was made for it, and nothing else.</summary>
    /// <exception cref="PlatformException">It was not provisioned here, or something of it remains; the message says what.</exception>
    Task RemoveAsync(GpuWorker worker, IProgress<string>? progress = null, CancellationToken cancellationToken = default);
}

/// <typeparam name="TRequest">How a worker is asked for on this platform.</typeparam>
public interface IPlatformProvider<in TRequest> : IPlatformProvider
    where TRequest : WorkerRequest
{
    /// <summary>
    /// Provision: makes a worker and waits until it is ready. If a step fails, what was made is removed again, or the message says
    /// what remains.
    /// </summary>
    /// <exception cref="ArgumentException">The request cannot be.</exception>
    /// <exception cref="PlatformException">The worker could not be made, or did not become ready in time.</exception>
    /// <exception cref="WorkerInterruptedException">Cancelled after something was made.</exception>
    Task<GpuWorker> ProvisionAsync(TRequest request, IProgress<string>? progress = null, CancellationToken cancellationToken = default);
}

/// <summary>A part of an inventory that could not be read, and why.</summary>
/// <param name="Source">What was asked: a cluster's name, an endpoint.</param>
/// <param name="Message">The cause, for people.</param>
/// <param name="Exception">The cause, for programs.</param>
public sealed record PlatformWarning(string Source, string Message, Exception? Exception = null);
