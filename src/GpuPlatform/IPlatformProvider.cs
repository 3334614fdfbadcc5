namespace GpuPlatform;

/// <summary>A place with GPUs: a Prism Central, and later other platforms, seen through one model.</summary>
public interface IPlatformProvider
{
    /// <summary>Name for people: the address of the Prism Central.</summary>
    string Name { get; }

    /// <summary>
    /// Streams the hosts that have GPUs, as they become known. A part of the estate that cannot be read does not end the
    /// stream: it is told to <paramref name="report"/>.
    /// </summary>
    IAsyncEnumerable<GpuHost> GetGpuHostsAsync(Action<PlatformWarning>? report = null, CancellationToken cancellationToken = default);
}

/// <summary>A part of an inventory that could not be read, and why.</summary>
/// <param name="Source">What was asked: a cluster's name, an endpoint.</param>
/// <param name="Message">The cause, for people.</param>
/// <param name="Exception">The cause, for programs.</param>
public sealed record PlatformWarning(string Source, string Message, Exception? Exception = null);
