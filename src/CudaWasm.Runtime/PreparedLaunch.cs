namespace CudaWasm.Runtime;

/// <summary>
/// A launch that is checked and bound: its arguments have their places, its code is made. It can run any number of times, here or in a
/// <see cref="DeviceStream"/>, and a run makes no garbage, unless the kernel prints, allocates or synchronizes its grid. It keeps its
/// buffers alive. What buffers and globals hold is looked at when it runs; values among the arguments stay what they were.
/// </summary>
public abstract class PreparedLaunch : IDisposable
{
    private UseCount _uses = new();

    protected PreparedLaunch(Kernel kernel, LaunchConfiguration configuration)
    {
        Kernel = kernel;
        Configuration = configuration;
    }

    public Kernel Kernel { get; }

    public LaunchConfiguration Configuration { get; }

    /// <summary>Runs the kernel and waits for its end.</summary>
    /// <exception cref="KernelFaultException">The kernel did something wrong. Buffers hold what was written up to then.</exception>
    /// <exception cref="KernelTimeoutException">The time of the options is over.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public LaunchStatistics Run(CancellationToken cancellationToken = default)
    {
        Acquire();
        try
        {
            return RunAcquired(cancellationToken);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Lets go of the buffers, once what is queued has run.</summary>
    public void Dispose()
    {
        if (_uses.TryDispose()) Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>As <see cref="Run"/>, for who has acquired the launch: it may be disposed by now.</summary>
    internal LaunchStatistics RunAcquired(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Execute(cancellationToken);
    }

    /// <summary>Keeps the launch until <see cref="Release"/>.</summary>
    internal void Acquire() => ObjectDisposedException.ThrowIf(!_uses.TryAcquire(), this);

    internal void Release()
    {
        if (_uses.Release()) Free();
    }

    protected abstract LaunchStatistics Execute(CancellationToken cancellationToken);

    protected abstract void Free();
}
