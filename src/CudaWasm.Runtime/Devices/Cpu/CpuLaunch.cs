using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Targets.Cil;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

/// <summary>One launch: binds the arguments, hands blocks to the workers, and tells how it ended.</summary>
internal sealed unsafe class CpuLaunch : IDisposable
{
    /// <summary>Blocks that wait for each other at grid barriers each need a thread.</summary>
    private const int MaxResidentBlocks = 1024;

    private const int ResidentStackBytes = 1024 * 1024;

    private readonly CpuKernel _kernel;
    private readonly LaunchChecker? _checker;
    private readonly LaunchOptions _options;
    private readonly List<(nint Address, long Length)> _buffers = [];
    private readonly List<CpuBuffer> _used = [];
    private readonly List<CpuBuffer> _argumentBuffers = [];
    private readonly Lock _lock = new();
    private readonly List<Running> _running = [];
    private PrintQueue? _prints;
    private readonly BlockRange _range;
    private readonly long _end;
    private readonly int _chunk;
    private IReadOnlyDictionary<IrVariable, CpuBuffer> _symbols = new Dictionary<IrVariable, CpuBuffer>();
    private CpuHeap? _heap;
    private BlockMethod? _run;
    private long _next;
    private long _lowestFault = long.MaxValue;
    private KernelFaultException? _faultException;
    private Exception? _error;
    private bool _isStopped;
    private volatile bool _isTimedOut;

    /// <param name="kernel">What to launch.</param>
    /// <param name="code">Its code.</param>
    /// <param name="configuration">Grid and block.</param>
    /// <param name="options">Output and timeout.</param>
    /// <param name="checker">Watches instrumented code, of which one block runs at a time; null for a plain launch.</param>
    public CpuLaunch(CpuKernel kernel, CilKernel code, LaunchConfiguration configuration, LaunchOptions options, LaunchChecker? checker)
    {
        _checker = checker;
        _kernel = kernel;
        _options = options;
        Code = code;
        Configuration = configuration;
        _range = options.Blocks ?? new BlockRange(0, configuration.Grid.Count);
        _end = _range.First + _range.Count;
        _next = _range.First;
        _chunk = (int)Math.Clamp(_range.Count / (32L * kernel.Device.ComputeUnits), 1, 4096);
        Arguments = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(16, code.ArgumentBytes), 64);
        NativeMemory.Clear(Arguments, (nuint)Math.Max(16, code.ArgumentBytes));
    }

    /// <summary>The block a worker runs, and how to stop it.</summary>
    private sealed class Running(CpuWorkerMemory memory)
    {
        public CpuWorkerMemory Memory { get; } = memory;

        public long Block = -1;
    }

    public CilKernel Code { get; }

    public LaunchConfiguration Configuration { get; }

    public byte* Arguments { get; }

    /// <summary>Null where the kernel allocates nothing.</summary>
    public CpuHeap? Heap => _heap;

    /// <summary>Addresses and lengths of the buffers among the arguments; each has its own tag.</summary>
    public IReadOnlyList<(nint Address, long Length)> Buffers => _buffers;

    public MemoryObject Symbol(IrVariable variable)
    {
        var buffer = _symbols[variable];
        return new MemoryObject { Base = buffer.Address, Length = buffer.ByteLength };
    }

    public void Bind(IReadOnlyList<KernelArgument> arguments, IReadOnlyDictionary<IrVariable, CpuBuffer> symbols)
    {
        _symbols = symbols;
        foreach (var buffer in symbols.Values) Use(buffer);
        for (var i = 0; i < arguments.Count; i++)
        {
            var target = Arguments + Code.ParameterOffsets[i];
            if (arguments[i].Value is { } value) value.CopyTo(new Span<byte>(target, value.Length));
            else *(long*)target = BindPointer(arguments[i]);
        }

        if (Code.UsesHeap) _heap = new CpuHeap(Code, Code.FirstArgumentObject + _buffers.Count);
        ChooseCode();
    }

    /// <summary>Code for the block's size; what is made now is machine code when the first block runs.</summary>
    private void ChooseCode()
    {
        var block = Configuration.Block;
        var longest = _used.Count == 0 ? 0 : _used.Max(b => b.ByteLength);
        try
        {
            _run = longest > CilKernel.MaxLaneBytes ? Code.Scalar() : Code.For((int)block.X, (int)block.Y, (int)block.Z);
        }
        catch (InvalidProgramException e)
        {
            throw new CudaWasmException(DiagnosticCodes.Internal, $"The code for the CPU is invalid: {e.Message} Please report kernel {_kernel.Source.Name}.", e);
        }

        if (Code.Formats.Count > 0 && _options.Output is { } output) _prints = new PrintQueue(output);
    }

    /// <summary>The text a pointer to char points to, up to its zero or its object's end.</summary>
    public string TextAt(long pointer, BlockContext* context)
    {
        const int Longest = 4096;
        var text = (byte*)pointer;
        long room = Longest;
        if (Code.Options.Checked)
        {
            var target = context->Objects[CilPointer.Id(pointer)];
            var offset = CilPointer.Offset(pointer);
            text = target.Base + offset;
            room = offset < 0 ? 0 : target.Length - offset;
        }

        if (text == null || room <= 0) return "(null)";
        var bytes = new ReadOnlySpan<byte>(text, (int)Math.Min(room, Longest));
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    public LaunchStatistics Run(CpuWorkers workers, CancellationToken cancellationToken)
    {
        if (Code.HasGridBarrier && _range.Count > MaxResidentBlocks)
        {
            throw new KernelArgumentException(
                DiagnosticCodes.BadLaunch,
                string.Create(CultureInfo.InvariantCulture, $"Kernel {_kernel.Source.Name} synchronizes its grid, so all its blocks must run at the same time; {_range.Count} blocks are more than the {MaxResidentBlocks} that can."));
        }

        if (Code.HasGridBarrier && _range.Count < Configuration.Grid.Count)
        {
            throw new KernelArgumentException(DiagnosticCodes.BadLaunch, $"Kernel {_kernel.Source.Name} synchronizes its grid, so all its blocks must run at the same time; a part of them cannot.");
        }

        var watch = Stopwatch.StartNew();
        using (cancellationToken.Register(Stop))
        {
            if (Code.HasGridBarrier) RunResident(Wait);
            else if (IsSmall) RunHere(workers, cancellationToken);
            else workers.Run(_checker is null ? (int)Math.Min(workers.Count, (_range.Count + _chunk - 1) / _chunk) : 1, RunBlocks, Wait, cancellationToken);
        }

        watch.Stop();
        _prints?.Finish(_lowestFault);
        if (_error is not null) throw Unexpected(_error);
        if (_faultException is not null) throw _faultException;
        cancellationToken.ThrowIfCancellationRequested();
        if (_isTimedOut) throw new KernelTimeoutException(_kernel.Source.Name, _options.Timeout!.Value);
        return new LaunchStatistics(watch.Elapsed, _range.Count, _range.Count * Configuration.Block.Count);

        void Wait(WaitHandle done)
        {
            if (_options.Timeout is { } timeout && !done.WaitOne(timeout)) TimeOut();
        }
    }

    /// <summary>One block is over before another thread is awake. Recursion wants the workers' stacks.</summary>
    private bool IsSmall => _range.Count == 1 && Code.Module.Functions.Count == 0;

    private void RunHere(CpuWorkers workers, CancellationToken cancellationToken)
    {
        using var timer = _options.Timeout is { } timeout ? new Timer(_ => TimeOut(), null, timeout, Timeout.InfiniteTimeSpan) : null;
        workers.RunHere(RunBlocks, cancellationToken);
    }

    private void TimeOut()
    {
        _isTimedOut = true;
        Stop();
    }

    public void Dispose()
    {
        foreach (var buffer in _used) buffer.Release();
        _heap?.Dispose();
        NativeMemory.AlignedFree(Arguments);
    }

    private long BindPointer(KernelArgument argument)
    {
        if (argument.DeviceBuffer is null) return 0;
        if (argument.DeviceBuffer is not CpuBuffer buffer)
        {
            throw new KernelArgumentException(DiagnosticCodes.BadArgument, $"Buffer {argument.DeviceBuffer.Name} belongs to another device.");
        }

        return BindPointer(buffer, argument.ByteOffset);
    }

    /// <summary>The pointer that code uses for a place in a buffer.</summary>
    public long BindPointer(CpuBuffer buffer, long byteOffset)
    {
        Use(buffer);
        var start = (nint)(buffer.Address + byteOffset);
        if (!Code.Options.Checked) return start;
        // One buffer given twice is one object, so that pointers into it compare and subtract.
        var index = _buffers.FindIndex(b => b.Address == start && b.Length == buffer.ByteLength - byteOffset);
        if (index < 0)
        {
            index = _buffers.Count;
            _buffers.Add((start, buffer.ByteLength - byteOffset));
            _argumentBuffers.Add(buffer);
        }

        return CilPointer.Tag(Code.FirstArgumentObject + index);
    }

    private void Use(CpuBuffer buffer)
    {
        buffer.Acquire();
        _used.Add(buffer);
    }

    private Running Enter(CpuWorkerMemory memory)
    {
        memory.Prepare(this);
        var running = new Running(memory);
        _heap?.Join(memory);
        lock (_lock)
        {
            memory.Context->Cancel = _isStopped ? 1 : 0;
            _running.Add(running);
        }

        return running;
    }

    private BlockChecker? CreateChecker(CpuWorkerMemory memory) => _checker is null ? null : new BlockChecker(_checker, memory.Context, Code.FirstArgumentObject + _argumentBuffers.Count, BufferOf);

    /// <summary>The buffer of a global variable or an argument; constants, which nobody writes, have none here.</summary>
    private CpuBuffer? BufferOf(int id)
    {
        var argument = id - Code.FirstArgumentObject;
        if (argument >= 0) return argument < _argumentBuffers.Count ? _argumentBuffers[argument] : null;
        return Code.Objects.FirstOrDefault(o => o.Id == id) is { Variable: { Space: IrSpace.Global } variable } ? _symbols[variable] : null;
    }

    private void RunBlocks(CpuWorkerMemory memory)
    {
        try
        {
            var running = Enter(memory);
            using var checker = CreateChecker(memory);
            var services = new CpuBlockServices(this, memory, _prints, null, checker);
            while (true)
            {
                var first = Interlocked.Add(ref _next, _chunk) - _chunk;
                if (first >= _end) return;
                var end = Math.Min(first + _chunk, _end);
                for (var block = first; block < end; block++)
                {
                    if (!RunBlock(running, services, checker, block)) return;
                }
            }
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    /// <summary>False when no more blocks are wanted.</summary>
    private bool RunBlock(Running running, CpuBlockServices services, BlockChecker? checker, long block)
    {
        // Written before the lowest fault is read, as faults write theirs before they look who runs: one of the two sees the other.
        Interlocked.Exchange(ref running.Block, block);
        if (Volatile.Read(ref _isStopped) || Volatile.Read(ref _lowestFault) < block) return false;
        var context = running.Memory.Context;
        running.Memory.BeginBlock(Configuration.Grid.IndexOf(block));
        services.Begin(block);
        checker?.BeginBlock(block);
        try
        {
            _run!(context, services);
            services.End();
            checker?.EndBlock();
            return true;
        }
        catch (KernelFault fault) when (checker is not null)
        {
            services.End();
            checker.Fault(fault);
            return true;
        }
        catch (KernelFault fault)
        {
            services.End();
            Report(fault, block, context);
            return false;
        }
        catch (KernelCancelled)
        {
            services.End();
            return false;
        }
    }

    /// <summary>Keeps the fault of the lowest block, and stops the blocks above it.</summary>
    private void Report(KernelFault fault, long block, BlockContext* context)
    {
        lock (_lock)
        {
            if (block >= _lowestFault) return;
            _faultException = FaultReport.Create(_kernel.Source, Code, Configuration, fault, block, context);
            Interlocked.Exchange(ref _lowestFault, block);
            foreach (var other in _running)
            {
                if (Code.HasGridBarrier || Interlocked.Read(ref other.Block) > block) Volatile.Write(ref other.Memory.Context->Cancel, 1);
            }
        }
    }

    private void Stop()
    {
        lock (_lock)
        {
            Volatile.Write(ref _isStopped, true);
            foreach (var running in _running) Volatile.Write(ref running.Memory.Context->Cancel, 1);
        }
    }

    private void Fail(Exception error)
    {
        lock (_lock) _error ??= error;
        Stop();
    }

    /// <summary>Runs all blocks at the same time, each on a thread of its own.</summary>
    private void RunResident(Action<WaitHandle> wait)
    {
        using var done = new CountdownEvent((int)_range.Count);
        var barrier = new GridBarrier((int)_range.Count);
        var turns = _checker is null ? null : new GridTurns((int)_range.Count);
        for (long i = 0; i < _range.Count; i++)
        {
            var block = i;
            var thread = new Thread(() => RunResidentBlock(block, barrier, turns, done), ResidentStackBytes) { IsBackground = true, Name = "cuda-wasm block" };
            thread.Start();
        }

        wait(done.WaitHandle);
        done.Wait();
    }

    private void RunResidentBlock(long block, GridBarrier barrier, GridTurns? turns, CountdownEvent done)
    {
        try
        {
            using var memory = new CpuWorkerMemory();
            var running = Enter(memory);
            try
            {
                using var checker = CreateChecker(memory);
                var passed = 0;
                turns?.Wait(block, IsCancelled);
                RunBlock(running, new CpuBlockServices(this, memory, _prints, Meet, checker), checker, block);

                bool IsCancelled() => Volatile.Read(ref memory.Context->Cancel) != 0;

                void Meet()
                {
                    checker?.EndTurn();
                    turns?.Pass();
                    barrier.Wait(IsCancelled);
                    turns?.Wait(block, IsCancelled);
                    checker?.PassGridBarrier(++passed);
                }
            }
            finally
            {
                lock (_lock) _running.Remove(running);
                _heap?.Leave(memory);
            }
        }
        catch (KernelCancelled)
        {
            // Stopped before its turn came.
        }
        catch (Exception e)
        {
            Fail(e);
        }
        finally
        {
            turns?.End(block);
            barrier.Leave();
            done.Signal();
        }
    }

    private CudaWasmException Unexpected(Exception error) => error as CudaWasmException ?? new CudaWasmException(
        DiagnosticCodes.Internal,
        error is NullReferenceException or AccessViolationException
            ? $"Kernel {_kernel.Source.Name} used a bad address in unchecked mode. Run it checked to see where."
            : $"Kernel {_kernel.Source.Name} ended with {error.GetType().Name}: {error.Message}",
        error);
}
