using CudaWasm.Compiler;

namespace CudaWasm.Runtime;

/// <summary>A kernel on a device.</summary>
public abstract class Kernel(Device device, CompiledKernel source) : IDisposable
{
    public Device Device { get; } = device;

    public CompiledKernel Source { get; } = source;

    /// <summary>On the CPU: size of the vectors whose lanes are threads; 0 where threads run one after the other, and on other devices.</summary>
    public virtual int VectorBits => 0;

    /// <summary>On the CPU: why threads run one after the other; null where they do not, and on other devices.</summary>
    public virtual string? ScalarReason => null;

    /// <summary>Runs the kernel and waits for its end.</summary>
    /// <exception cref="KernelArgumentException">Arguments or configuration do not fit.</exception>
    /// <exception cref="KernelFaultException">The kernel did something wrong. Buffers hold what was written up to then.</exception>
    /// <exception cref="KernelTimeoutException">The time of the options is over.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public LaunchStatistics Launch(
        LaunchConfiguration configuration, IReadOnlyList<KernelArgument> arguments, LaunchOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var launch = Prepare(configuration, arguments, options);
        return launch.Run(cancellationToken);
    }

    /// <summary>Binds the arguments once, for launches that repeat. See <see cref="PreparedLaunch"/>.</summary>
    /// <exception cref="KernelArgumentException">Arguments or configuration do not fit.</exception>
    public PreparedLaunch Prepare(LaunchConfiguration configuration, IReadOnlyList<KernelArgument> arguments, LaunchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(arguments);
        LaunchCheck.Configuration(Source, configuration);
        LaunchCheck.Blocks(configuration, options?.Blocks);
        LaunchCheck.Arguments(Source, arguments);
        return PrepareLaunch(configuration, arguments, options ?? LaunchOptions.Default);
    }

    /// <summary>
    /// Runs the kernel and watches it: finds accesses out of bounds or misaligned, reads of what was never written, races between threads,
    /// and barriers that not all threads reach. The kernel goes on after each; it must have been loaded with <see cref="LoadOptions.Check"/>.
    /// </summary>
    /// <exception cref="KernelArgumentException">Arguments or configuration do not fit, or the device cannot check.</exception>
    /// <exception cref="KernelTimeoutException">The time of the options is over.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public CheckReport Check(
        LaunchConfiguration configuration, IReadOnlyList<KernelArgument> arguments, CheckOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(arguments);
        LaunchCheck.Configuration(Source, configuration);
        LaunchCheck.Arguments(Source, arguments);
        cancellationToken.ThrowIfCancellationRequested();
        return ExecuteCheck(configuration, arguments, options ?? CheckOptions.Default, cancellationToken);
    }

    /// <summary>The memory of a <c>__constant__</c> or <c>__device__</c> global. Its content persists over launches; it belongs to the kernel.</summary>
    /// <exception cref="KernelArgumentException">The kernel uses no such global.</exception>
    public abstract DeviceBuffer GetSymbol(string name);

    /// <summary>Binds a texture to a <c>texture&lt;&gt;</c> or <c>surface&lt;&gt;</c> reference, for all launches that follow. The caller keeps it alive.</summary>
    /// <exception cref="KernelArgumentException">The kernel uses no such reference.</exception>
    public abstract void BindTexture(string name, DeviceTexture texture);

    /// <summary>Gives all globals the content they have before the first launch.</summary>
    public abstract void ResetSymbols();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract PreparedLaunch PrepareLaunch(LaunchConfiguration configuration, IReadOnlyList<KernelArgument> arguments, LaunchOptions options);

    /// <summary>Devices that cannot look into a running kernel leave this as it is.</summary>
    protected virtual CheckReport ExecuteCheck(
        LaunchConfiguration configuration, IReadOnlyList<KernelArgument> arguments, CheckOptions options, CancellationToken cancellationToken) =>
        throw new KernelArgumentException(Compiler.Text.DiagnosticCodes.BadLaunch, $"Device {Device.Name} cannot check kernels; use the cpu.");

    protected abstract void Dispose(bool disposing);
}
