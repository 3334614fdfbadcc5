using System.Runtime.CompilerServices;

namespace CudaWasm.Runtime.Cpu;

/// <summary>
/// Hands out the blocks of a run in chunks to whoever asks, and tells the workers when to stop: all of them, or those above a block
/// that faulted, so that the fault of the lowest block is the one that is told.
/// </summary>
internal sealed unsafe class BlockSchedule
{
    /// <summary>Chunks that each worker gets if all are equally fast: enough of them to even out blocks that are not.</summary>
    private const int ChunksPerWorker = 32;

    private const int MaxChunk = 4096;

    private readonly Lock _lock = new();
    private readonly List<CpuWorkerMemory> _running = [];
    private readonly BlockRange _range;
    private readonly bool _allStopTogether;
    private readonly int _chunk;
    private long _next;
    private long _lowestFault;
    private bool _isStopped;

    /// <param name="range">The blocks to run.</param>
    /// <param name="workers">How many will share them.</param>
    /// <param name="allStopTogether">Blocks wait for each other: a fault ends those below, too.</param>
    public BlockSchedule(BlockRange range, int workers, bool allStopTogether)
    {
        _range = range;
        _allStopTogether = allStopTogether;
        _chunk = (int)Math.Clamp(range.Count / ((long)ChunksPerWorker * workers), 1, MaxChunk);
        Reset();
    }

    /// <summary>How many workers can have something to do at the same time.</summary>
    public long Chunks => (_range.Count + _chunk - 1) / _chunk;

    /// <summary>The lowest block that faulted; the largest number where none did.</summary>
    public long LowestFault => Volatile.Read(ref _lowestFault);

    public KernelFaultException? Fault { get; private set; }

    /// <summary>What went wrong in the device itself.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Back to the first block. Nobody runs.</summary>
    public void Reset()
    {
        _next = _range.First;
        _lowestFault = long.MaxValue;
        _isStopped = false;
        Fault = null;
        Error = null;
    }

    /// <summary>A worker comes; its blocks can be stopped from now on.</summary>
    public void Enter(CpuWorkerMemory worker)
    {
        lock (_lock)
        {
            worker.Block = -1;
            worker.Context->Cancel = _isStopped ? 1 : 0;
            _running.Add(worker);
        }
    }

    public void Leave(CpuWorkerMemory worker)
    {
        lock (_lock) _running.Remove(worker);
    }

    /// <summary>The next chunk: blocks from <paramref name="first"/> up to, but not with, <paramref name="end"/>. False where none is left.</summary>
    public bool TryTake(out long first, out long end)
    {
        first = Interlocked.Add(ref _next, _chunk) - _chunk;
        end = Math.Min(first + _chunk, _range.First + _range.Count);
        return first < end;
    }

    /// <summary>Whether a worker shall run a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBegin(CpuWorkerMemory worker, long block)
    {
        // No fence: it would let the stores of the block before reach memory first, each time. Whoever reports a fault has one for both.
        Volatile.Write(ref worker.Block, block);
        return !Volatile.Read(ref _isStopped) && Volatile.Read(ref _lowestFault) >= block;
    }

    /// <summary>Keeps the fault of the lowest block, and stops the blocks above it.</summary>
    /// <param name="block">The block that faulted.</param>
    /// <param name="create">Makes the exception, if it is needed.</param>
    public void Report(long block, Func<KernelFaultException> create)
    {
        lock (_lock)
        {
            if (block >= _lowestFault) return;
            Fault = create();
            Volatile.Write(ref _lowestFault, block);
            // From here on each worker either sees the fault before it begins a block, or is seen with that block below.
            Interlocked.MemoryBarrierProcessWide();
            foreach (var other in _running)
            {
                if (_allStopTogether || Interlocked.Read(ref other.Block) > block) Volatile.Write(ref other.Context->Cancel, 1);
            }
        }
    }

    /// <summary>Stops all blocks.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            Volatile.Write(ref _isStopped, true);
            foreach (var worker in _running) Volatile.Write(ref worker.Context->Cancel, 1);
        }
    }

    /// <summary>Stops all blocks because of an error of the device.</summary>
    public void Fail(Exception error)
    {
        lock (_lock) Error ??= error;
        Stop();
    }
}
