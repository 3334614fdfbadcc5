using System.Runtime.InteropServices;
using CudaWasm.Compiler;
using CudaWasm.Compiler.Counting;

namespace CudaWasm.Runtime;

/// <summary>
/// Measures a kernel on a real launch. First a version of it that counts runs, then the kernel itself is timed. Every launch gets the same
/// inputs, so that what it does depends on no launch before it.
/// </summary>
public sealed class KernelMeasurer
{
    private const int CountingParts = 1024;
    private const int StepParts = 64;

    private static readonly TimeSpan StepTime = TimeSpan.FromSeconds(1);

    /// <summary>A block that waits for others, alone, never ends.</summary>
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(5);

    private readonly Device _device;
    private readonly CompiledKernel _kernel;
    private readonly LaunchConfiguration _configuration;
    private readonly MeasureOptions _options;
    private readonly Func<Kernel, ILaunchInputs> _inputs;

    private KernelMeasurer(Device device, CompiledKernel kernel, LaunchConfiguration configuration, MeasureOptions options, Func<Kernel, ILaunchInputs> inputs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Repeat, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Warmup);
        _device = device;
        _kernel = kernel;
        _configuration = configuration;
        _options = options;
        _inputs = inputs;
    }

    /// <param name="device">Where to launch.</param>
    /// <param name="kernel">What to launch.</param>
    /// <param name="configuration">Grid and block.</param>
    /// <param name="arguments">As for <see cref="ArgumentBinder"/>. Arrays keep what they hold; buffers get what the launches write.</param>
    /// <param name="options">How often.</param>
    /// <param name="cancellationToken">Stops the launches.</param>
    /// <exception cref="KernelCompileException">The kernel has errors, or the device cannot run it.</exception>
    /// <exception cref="KernelArgumentException">Arguments or configuration do not fit.</exception>
    /// <exception cref="KernelFaultException">The kernel did something wrong.</exception>
    /// <exception cref="KernelTimeoutException">A launch took longer than allowed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static KernelMeasurement Measure(
        Device device,
        CompiledKernel kernel,
        LaunchConfiguration configuration,
        IReadOnlyList<object?> arguments,
        MeasureOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(arguments);
        return Measure(device, kernel, configuration, loaded => new BoundInputs(loaded, arguments), options ?? MeasureOptions.Default, cancellationToken);
    }

    internal static KernelMeasurement Measure(
        Device device, CompiledKernel kernel, LaunchConfiguration configuration, Func<Kernel, ILaunchInputs> inputs, MeasureOptions options, CancellationToken cancellationToken) =>
        new KernelMeasurer(device, kernel, configuration, options, inputs).Measure(cancellationToken);

    private KernelMeasurement Measure(CancellationToken cancellationToken)
    {
        // Timed first: what is wrong with the launch then shows with the kernel as it is.
        using var kernel = _device.Load(_kernel, new LoadOptions { Unchecked = _options.Unchecked, VectorBits = _options.VectorBits });
        var times = Time(kernel, cancellationToken);
        var counts = Count(cancellationToken);
        var sorted = times.Order().ToList();
        return new KernelMeasurement
        {
            Kernel = _kernel.Name,
            Device = _device.Name,
            Times = times,
            Median = (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2,
            Min = sorted[0],
            Blocks = _configuration.Grid.Count,
            Threads = _configuration.Grid.Count * _configuration.Block.Count,
            Bytes = counts.Bytes,
            AccessedBytes = counts.AccessedBytes,
            FloatOperations = counts.FloatOperations,
            DoubleOperations = counts.DoubleOperations,
            CountedShare = counts.Share,
            Machine = _device.Kind == DeviceKind.Cpu ? MachinePeaks.Current : null,
            VectorBits = kernel.VectorBits,
            ScalarReason = kernel.ScalarReason,
            ActiveLanes = FindActiveLanes(cancellationToken),
        };
    }

    private List<TimeSpan> Time(Kernel kernel, CancellationToken cancellationToken)
    {
        using var inputs = _inputs(kernel);
        var times = new List<TimeSpan>();
        var options = new LaunchOptions { Timeout = _options.Timeout };
        using var printing = kernel.Prepare(_configuration, inputs.Arguments, options with { Output = _options.Output });
        using var silent = kernel.Prepare(_configuration, inputs.Arguments, options);
        for (var i = -_options.Warmup; i < _options.Repeat; i++)
        {
            inputs.Upload();
            var elapsed = (i == -_options.Warmup ? printing : silent).Run(cancellationToken).Elapsed;
            if (i >= 0) times.Add(elapsed);
        }

        return times;
    }

    private sealed record Counts(double Bytes, double AccessedBytes, double FloatOperations, double DoubleOperations, double Share);

    private Counts Count(CancellationToken cancellationToken)
    {
        var counted = CountedKernel.Operations(_kernel);
        using var kernel = _device.Load(counted.Kernel, new LoadOptions { VectorBits = 0 });
        using var inputs = _inputs(kernel);
        inputs.Upload();
        var sampler = new BlockSampler(kernel, _configuration, inputs.Arguments, new LaunchOptions { Timeout = _options.Timeout });
        var share = (double)sampler.Run(CountingParts, null, _options.CountTime, cancellationToken) / _configuration.Grid.Count;
        var totals = counted.Counters.Zip(Read(kernel, counted), (counter, value) => (Counter: counter, Value: value / share)).ToList();
        return new Counts(
            totals.Where(t => IsAccess(t.Counter)).Sum(t => Math.Min(t.Value, BytesOf(t.Counter, inputs.Arguments))),
            totals.Where(t => IsAccess(t.Counter)).Sum(t => t.Value),
            totals.Where(t => t.Counter.Quantity == CountedQuantity.FloatOperations).Sum(t => t.Value),
            totals.Where(t => t.Counter.Quantity == CountedQuantity.DoubleOperations).Sum(t => t.Value),
            share);
    }

    private static bool IsAccess(KernelCounter counter) => counter.Quantity is CountedQuantity.BytesRead or CountedQuantity.BytesWritten;

    /// <summary>Size of what is accessed, where that is known.</summary>
    private static double BytesOf(KernelCounter counter, IReadOnlyList<KernelArgument> arguments)
    {
        if (counter.Variable is { } variable) return variable.Bytes;
        return counter.Parameter is { } parameter && arguments[parameter.Index] is { DeviceBuffer: { } buffer } argument ? buffer.ByteLength - argument.ByteOffset : double.PositiveInfinity;
    }

    private double? FindActiveLanes(CancellationToken cancellationToken)
    {
        try
        {
            var counted = CountedKernel.Steps(_kernel);
            using var kernel = _device.Load(counted.Kernel, new LoadOptions { VectorBits = 0 });
            using var inputs = _inputs(kernel);
            inputs.Upload();
            new BlockSampler(kernel, _configuration, inputs.Arguments, new LaunchOptions { Timeout = StepTimeout }).Run(StepParts, 1, StepTime, cancellationToken);
            return Read(kernel, counted) is [var threads, > 0 and var warps] ? (double)threads / (32 * warps) : null;
        }
        catch (KernelTimeoutException)
        {
            return null;
        }
        catch (KernelFaultException)
        {
            // Code that relies on how far the threads of a warp come by themselves.
            return null;
        }
    }

    private static ulong[] Read(Kernel kernel, CountedKernel counted)
    {
        var values = new ulong[counted.Counters.Count];
        kernel.GetSymbol(counted.Symbol).CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
