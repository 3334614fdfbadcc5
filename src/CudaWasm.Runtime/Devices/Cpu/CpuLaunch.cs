using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Targets.Cil;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

/// <summary>A launch with its arguments bound. A run hands its blocks to the workers in the device's turn, and tells how it ended.</summary>
internal sealed unsafe class CpuLaunch : PreparedLaunch, ICpuJob
{
    /// <summary>Threads in x of the blocks that are run as one. Measured: stencils gain from long rows, up to here.</summary>
    private const int RowThreads = 16384;

    private static long _launches;

    private readonly CpuKernel _kernel;
    private readonly CpuWorkers _workers;
    private readonly LaunchOptions _options;
    private readonly LaunchChecker? _checker;
    private readonly IReadOnlyDictionary<IrVariable, CpuBuffer> _symbols;
    private readonly List<(CpuBuffer Reference, long Texture)> _references = [];
    private readonly BlockRange _range;
    private readonly BlockSchedule _schedule;
    private readonly BlockCode _code;
    private readonly int _rowBlocks;
    private PrintQueue? _prints;
    private LaunchTimer? _timer;

    /// <param name="kernel">What to launch.</param>
    /// <param name="code">Its code.</param>
    /// <param name="workers">Who runs it.</param>
    /// <param name="configuration">Grid and block.</param>
    /// <param name="arguments">Checked against the kernel.</param>
    /// <param name="options">Output and timeout.</param>
    /// <param name="checker">Watches instrumented code, of which one block runs at a time; null for a plain launch.</param>
    public CpuLaunch(
        CpuKernel kernel,
        CilKernel code,
        CpuWorkers workers,
        LaunchConfiguration configuration,
        IReadOnlyList<KernelArgument> arguments,
        LaunchOptions options,
        LaunchChecker? checker)
        : base(kernel, configuration)
    {
        (_kernel, _workers, _options, _checker, _symbols, Code) = (kernel, workers, options, checker, kernel.Symbols, code);
        _range = options.Blocks ?? new BlockRange(0, configuration.Grid.Count);
        _schedule = new BlockSchedule(_range, workers.Count, code.HasGridBarrier);
        CheckGridBarrier();
        Arguments = new CpuArguments(code);
        try
        {
            foreach (var buffer in _symbols.Values) Arguments.Use(buffer);
            foreach (var (reference, texture) in kernel.References()) _references.Add((reference, Arguments.BindPointer(texture, 0)));
            Arguments.Bind(arguments);
            _code = ChooseCode();
            _rowBlocks = _code.TakesRows ? (int)Math.Max(1, RowThreads / configuration.Block.X) : 1;
        }
        catch
        {
            Arguments.Dispose();
            throw;
        }
    }

    /// <summary>Tells launches apart, also from those that are gone.</summary>
    public long Number { get; } = Interlocked.Increment(ref _launches);

    public CilKernel Code { get; }

    public CpuArguments Arguments { get; }

    /// <summary>Of the run that goes on; null where the kernel allocates nothing.</summary>
    public CpuHeap? Heap { get; private set; }

    public MemoryObject Symbol(IrVariable variable)
    {
        var buffer = _symbols[variable];
        return new MemoryObject { Base = buffer.Address, Length = buffer.ByteLength };
    }

    public void Stop() => _schedule.Stop();

    /// <summary>Runs blocks until none is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Work(CpuWorkerMemory memory)
    {
        try
        {
            Enter(memory);
            using var checker = CreateChecker(memory);
            memory.Services.Attach(this, _prints, null, checker);
            while (_schedule.TryTake(out var first, out var end))
            {
                var index = Configuration.Grid.IndexOf(first);
                for (var block = first; block < end;)
                {
                    var count = Math.Min(Math.Min(_rowBlocks, end - block), Configuration.Grid.X - index.X);
                    if (!RunBlocks(memory, checker, block, index, count)) return;
                    block += count;
                    index = Configuration.Grid.Next(index, count);
                }
            }
        }
        catch (Exception e)
        {
            _schedule.Fail(e);
        }
        finally
        {
            // Stores past the caches are in no order with what says that this worker is done.
            if (Sse.IsSupported) Sse.StoreFence();
            Leave(memory);
        }
    }

    protected override LaunchStatistics Execute(CancellationToken cancellationToken)
    {
        _workers.BeginTurn(cancellationToken);
        try
        {
            Begin();
            var start = Stopwatch.GetTimestamp();
            using (cancellationToken.UnsafeRegister(static launch => ((CpuLaunch)launch!).Stop(), this))
            {
                _timer?.Start();
                if (Code.HasGridBarrier) new ResidentBlocks(this, _schedule, _range, _checker is not null).Run();
                else RunOnWorkers();
                _timer?.Stop();
            }

            return End(Stopwatch.GetElapsedTime(start), cancellationToken);
        }
        finally
        {
            Heap?.Dispose();
            Heap = null;
            _workers.EndTurn();
        }
    }

    protected override void Free()
    {
        Arguments.Dispose();
        _timer?.Dispose();
    }

    /// <summary>Makes a worker's memory ready for the launch's blocks.</summary>
    internal void Enter(CpuWorkerMemory memory)
    {
        memory.Prepare(this);
        Heap?.Join(memory);
        _schedule.Enter(memory);
    }

    internal void Leave(CpuWorkerMemory memory)
    {
        memory.Services.Detach();
        _schedule.Leave(memory);
        Heap?.Leave(memory);
    }

    internal BlockChecker? CreateChecker(CpuWorkerMemory memory) =>
        _checker is null ? null : new BlockChecker(_checker, memory.Context, Code.FirstArgumentObject + Arguments.Objects.Length, BufferOf);

    /// <summary>Runs the block of a cooperative launch, which meets the others through <paramref name="gridBarrier"/>.</summary>
    internal void RunResident(CpuWorkerMemory memory, BlockChecker? checker, long block, Action gridBarrier)
    {
        memory.Services.Attach(this, _prints, gridBarrier, checker);
        RunBlocks(memory, checker, block, Configuration.Grid.IndexOf(block), 1);
    }

    private void RunOnWorkers()
    {
        // A checked launch runs one block after the other. Recursion wants the workers' stacks.
        var callerWorks = Code.Module.Functions.Count == 0;
        _workers.Run(this, _checker is null ? (int)Math.Min(_workers.Count, _schedule.Chunks) : 1, callerWorks);
    }

    private void Begin()
    {
        _schedule.Reset();
        foreach (var (reference, texture) in _references) *(long*)reference.Address = texture;
        if (Code.UsesHeap) Heap = new CpuHeap(Code, Code.FirstArgumentObject + Arguments.Objects.Length);
        _prints = Code.Formats.Count > 0 && _options.Output is { } output ? new PrintQueue(output, _range.First) : null;
        if (_options.Timeout is { } timeout) _timer ??= new LaunchTimer(timeout, Stop);
    }

    private LaunchStatistics End(TimeSpan elapsed, CancellationToken cancellationToken)
    {
        _prints?.Finish(_schedule.LowestFault);
        if (_schedule.Error is { } error) throw Unexpected(error);
        if (_schedule.Fault is { } fault) throw fault;
        cancellationToken.ThrowIfCancellationRequested();
        if (_timer is { IsOver: true }) throw new KernelTimeoutException(_kernel.Source.Name, _options.Timeout!.Value);
        return new LaunchStatistics(elapsed, _range.Count, _range.Count * Configuration.Block.Count);
    }

    /// <summary>Runs a block, or some that follow each other in x; false when no more are wanted. Optimised at once: a first launch may have a million blocks, and none waits for the JIT's tiers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool RunBlocks(CpuWorkerMemory memory, BlockChecker? checker, long block, Dim3 index, long count)
    {
        if (!_schedule.TryBegin(memory, block)) return false;
        var services = memory.Services;
        memory.BeginBlock(index, count);
        services.Begin(block);
        checker?.BeginBlock(block);
        try
        {
            _code.Run(memory.Context, services);
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
            var faulty = block + memory.Context->RowBlock - index.X;
            if (count == 1 || FindFault(memory, block, index, count)) Report(fault, memory, faulty);
            return false;
        }
        catch (KernelCancelled)
        {
            services.End();
            return false;
        }
    }

    /// <summary>
    /// Runs the blocks of a row again, one after the other, for the fault of the lowest. True where none faults any more, as the first run changed
    /// what led to it.
    /// </summary>
    private bool FindFault(CpuWorkerMemory memory, long block, Dim3 index, long count)
    {
        for (var i = 0; i < count; i++)
        {
            if (!RunBlocks(memory, null, block + i, index with { X = index.X + i }, 1)) return false;
        }

        return true;
    }

    private void Report(KernelFault fault, CpuWorkerMemory memory, long block) =>
        _schedule.Report(block, () => FaultReport.Create(_kernel.Source, Code, Configuration, fault, block, memory.Context));

    /// <summary>Code for the block's size; what is made now is machine code when the first block runs.</summary>
    private BlockCode ChooseCode()
    {
        var (grid, block) = (Configuration.Grid, Configuration.Block);
        var isLarge = Math.Max((long)grid.X * block.X, Math.Max((long)grid.Y * block.Y, (long)grid.Z * block.Z)) > 1L << 31;
        try
        {
            return Arguments.LongestBuffer > Code.MaxLaneBytes ? Code.Scalar() : Code.For((int)block.X, (int)block.Y, (int)block.Z, isLarge);
        }
        catch (InvalidProgramException e)
        {
            throw new CudaWasmException(DiagnosticCodes.Internal, $"The code for the CPU is invalid: {e.Message} Please report kernel {_kernel.Source.Name}.", e);
        }
    }

    private void CheckGridBarrier()
    {
        if (!Code.HasGridBarrier) return;
        if (_range.Count > ResidentBlocks.MaxBlocks)
        {
            throw new KernelArgumentException(
                DiagnosticCodes.BadLaunch,
                string.Create(CultureInfo.InvariantCulture, $"Kernel {_kernel.Source.Name} synchronizes its grid, so all its blocks must run at the same time; {_range.Count} blocks are more than the {ResidentBlocks.MaxBlocks} that can."));
        }

        if (_range.Count < Configuration.Grid.Count)
        {
            throw new KernelArgumentException(DiagnosticCodes.BadLaunch, $"Kernel {_kernel.Source.Name} synchronizes its grid, so all its blocks must run at the same time; a part of them cannot.");
        }
    }

    /// <summary>The buffer of a global variable or an argument; constants, which nobody writes, have none here.</summary>
    private CpuBuffer? BufferOf(int id)
    {
        var argument = id - Code.FirstArgumentObject;
        if (argument >= 0) return Arguments.BufferOf(argument);
        return Code.Objects.FirstOrDefault(o => o.Id == id) is { Variable: { Space: IrSpace.Global } variable } ? _symbols[variable] : null;
    }

    private CudaWasmException Unexpected(Exception error) => error as CudaWasmException ?? new CudaWasmException(
        DiagnosticCodes.Internal,
        error is NullReferenceException or AccessViolationException
            ? $"Kernel {_kernel.Source.Name} used a bad address in unchecked mode. Run it checked to see where."
            : $"Kernel {_kernel.Source.Name} ended with {error.GetType().Name}: {error.Message}",
        error);
}
