namespace CudaWasm.Runtime;

/// <summary>
/// A queue of launches and copies that a device works off in order while the caller does something else, as cudaStream_t. Streams do not
/// wait for each other, nor does <see cref="Kernel.Launch"/> wait for streams; events order them. Queueing a <see cref="PreparedLaunch"/>
/// makes no garbage. Any thread may queue.
/// </summary>
/// <remarks>
/// What fails is told by <see cref="Synchronize"/>; what is queued behind it until then does not run. Memory and buffers that are given
/// belong to the stream until it has come past them.
/// </remarks>
public sealed class DeviceStream : IDisposable
{
    private readonly object _gate = new();
    private Queue<StreamOperation> _queue = new();

    /// <summary>What the stream's thread has taken from the queue, all at once, so that it seldom meets those who queue.</summary>
    private Queue<StreamOperation> _batch = new();
    private Thread? _thread;
    private volatile Course _course = new(new CancellationTokenSource(), false);
    private CudaWasmException? _fault;
    private long _queued;
    private long _passed;

    /// <summary>How much has to be passed for somebody who waits.</summary>
    private long _awaited = long.MaxValue;
    private long _launches;
    private bool _isIdle;
    private bool _isCancelled;
    private bool _isDisposed;

    internal DeviceStream(Device device, string name)
    {
        Device = device;
        Name = name;
    }

    /// <summary>Whether operations run or are passed over, and what stops the one that runs.</summary>
    private sealed record Course(CancellationTokenSource Stop, bool IsPassingOver);

    public Device Device { get; }

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>Whether everything queued so far is done, or was passed over after a fault.</summary>
    public bool IsCompleted
    {
        get
        {
            lock (_gate) return Volatile.Read(ref _passed) == _queued;
        }
    }

    /// <summary>Queues a launch. It may be queued again, and disposed, at any time.</summary>
    /// <exception cref="KernelArgumentException">It belongs to another device.</exception>
    public void Launch(PreparedLaunch launch)
    {
        ArgumentNullException.ThrowIfNull(launch);
        Enqueue(launch, false);
    }

    /// <summary>Binds arguments now and queues the launch.</summary>
    /// <exception cref="KernelArgumentException">Arguments or configuration do not fit, or the kernel is on another device.</exception>
    public void Launch(Kernel kernel, LaunchConfiguration configuration, IReadOnlyList<KernelArgument> arguments, LaunchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        var launch = kernel.Prepare(configuration, arguments, options);
        try
        {
            Enqueue(launch, true);
        }
        catch
        {
            launch.Dispose();
            throw;
        }
    }

    /// <summary>Queues a copy to the device; the memory is read when the stream comes to it.</summary>
    public void Copy(ReadOnlyMemory<byte> source, DeviceBuffer target, long targetOffset = 0)
    {
        ArgumentNullException.ThrowIfNull(target);
        target.CheckRange(source.Length, targetOffset);
        Enqueue(new StreamOperation(StreamOperationKind.CopyFromHost) { From = source, Target = target, TargetOffset = targetOffset });
    }

    /// <summary>Queues a copy from the device.</summary>
    public void Copy(DeviceBuffer source, Memory<byte> target, long sourceOffset = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        source.CheckRange(target.Length, sourceOffset);
        Enqueue(new StreamOperation(StreamOperationKind.CopyToHost) { Source = source, SourceOffset = sourceOffset, To = target });
    }

    /// <summary>Queues a copy within the device.</summary>
    /// <param name="source">Where to read.</param>
    /// <param name="target">Where to write; the two places must not overlap.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="sourceOffset">Bytes.</param>
    /// <param name="targetOffset">Bytes.</param>
    public void Copy(DeviceBuffer source, DeviceBuffer target, long length, long sourceOffset = 0, long targetOffset = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        source.CheckRange(length, sourceOffset);
        target.CheckRange(length, targetOffset);
        Enqueue(new StreamOperation(StreamOperationKind.CopyBuffer) { Source = source, Target = target, SourceOffset = sourceOffset, TargetOffset = targetOffset, Length = length });
    }

    /// <summary>Queues setting bytes to a value, as cudaMemsetAsync.</summary>
    public void Fill(DeviceBuffer target, byte value, long offset = 0, long? length = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        var count = length ?? target.ByteLength - offset;
        target.CheckRange(count, offset);
        Enqueue(new StreamOperation(StreamOperationKind.Fill) { Target = target, TargetOffset = offset, Length = count, Value = value });
    }

    /// <summary>Queues an event: it is completed when the stream comes to it.</summary>
    public void Record(DeviceEvent mark)
    {
        ArgumentNullException.ThrowIfNull(mark);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Add(new StreamOperation(StreamOperationKind.Record) { Event = mark, Number = mark.Record() });
        }
    }

    /// <summary>What is queued from now on waits for the last record of an event, in whatever stream; an event without one is no obstacle.</summary>
    public void Wait(DeviceEvent mark)
    {
        ArgumentNullException.ThrowIfNull(mark);
        Enqueue(new StreamOperation(StreamOperationKind.Wait) { Event = mark, Number = mark.LastRecord });
    }

    /// <summary>Waits until all that was queued before is done.</summary>
    /// <param name="cancellationToken">Stops what the stream does, as <see cref="Cancel"/>.</param>
    /// <exception cref="StreamException">Something failed; told once, then the stream can be used again.</exception>
    /// <exception cref="OperationCanceledException">The stream was cancelled, by the token or <see cref="Cancel"/>; told once.</exception>
    public void Synchronize(CancellationToken cancellationToken = default)
    {
        using var registration = cancellationToken.UnsafeRegister(static stream => ((DeviceStream)stream!).Cancel(), this);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            AwaitPassing(_queued);
            var (fault, isCancelled) = (_fault, _isCancelled);
            if (_course.IsPassingOver) _course = new Course(new CancellationTokenSource(), _isDisposed);
            (_fault, _isCancelled) = (null, false);
            if (fault is not null) throw fault;
            if (isCancelled) throw new OperationCanceledException($"Stream {Name} was cancelled.", cancellationToken);
        }
    }

    /// <summary>Stops the kernel that runs and drops what is queued. <see cref="Synchronize"/> tells of it, unless nothing was left to do.</summary>
    public void Cancel()
    {
        Course course;
        lock (_gate)
        {
            if (Volatile.Read(ref _passed) == _queued) return;
            _isCancelled = true;
            _course = course = _course with { IsPassingOver = true };
        }

        course.Stop.Cancel();
    }

    /// <summary>Stops the kernel that runs and drops what is queued: synchronize before to have it done.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            Monitor.PulseAll(_gate);
        }

        Cancel();
        if (Thread.CurrentThread != _thread) _thread?.Join();
    }

    private void Enqueue(PreparedLaunch launch, bool isOwned)
    {
        if (launch.Kernel.Device != Device)
        {
            throw new KernelArgumentException(Compiler.Text.DiagnosticCodes.BadLaunch, $"Kernel {launch.Kernel.Source.Name} is on another device than stream {Name}.");
        }

        launch.Acquire();
        lock (_gate)
        {
            if (_isDisposed) launch.Release();
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Add(new StreamOperation(StreamOperationKind.Launch) { Launch = launch, IsOwned = isOwned, Number = ++_launches });
        }
    }

    private void Enqueue(in StreamOperation operation)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Add(operation);
        }
    }

    private void Add(in StreamOperation operation)
    {
        _queue.Enqueue(operation);
        _queued++;
        if (_thread is null)
        {
            _thread = new Thread(Work) { IsBackground = true, Name = $"cuda-wasm stream {Name}" };
            _thread.Start();
        }
        else if (_isIdle)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private void Work()
    {
        while (TryTake(out var operation))
        {
            var course = _course;
            try
            {
                if (!course.IsPassingOver) operation.Run(course.Stop.Token);
            }
            catch (OperationCanceledException) when (course.Stop.IsCancellationRequested)
            {
                // Told already.
            }
            catch (Exception e)
            {
                Keep(operation, e);
            }
            finally
            {
                operation.Finish();
                Pass();
            }
        }
    }

    /// <summary>Waits for the next operation.</summary>
    private bool TryTake(out StreamOperation operation)
    {
        if (_batch.TryDequeue(out operation)) return true;
        lock (_gate)
        {
            while (_queue.Count == 0 && !_isDisposed)
            {
                _isIdle = true;
                Monitor.Wait(_gate);
                _isIdle = false;
            }

            (_queue, _batch) = (_batch, _queue);
        }

        return _batch.TryDequeue(out operation);
    }

    private void Keep(StreamOperation operation, Exception error)
    {
        lock (_gate)
        {
            _course = _course with { IsPassingOver = true };
            _fault ??= new StreamException(Name, operation, error as CudaWasmException ?? new CudaWasmException(Compiler.Text.DiagnosticCodes.Internal, error.Message, error));
        }
    }

    private void Pass()
    {
        if (Interlocked.Increment(ref _passed) < Volatile.Read(ref _awaited)) return;
        lock (_gate)
        {
            _awaited = long.MaxValue;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits, in the lock, until so many operations are passed.</summary>
    private void AwaitPassing(long count)
    {
        while (true)
        {
            // Written before the passed ones are counted, as the thread counts before it looks who waits.
            Interlocked.Exchange(ref _awaited, Math.Min(_awaited, count));
            if (Volatile.Read(ref _passed) >= count) return;
            Monitor.Wait(_gate);
        }
    }
}
