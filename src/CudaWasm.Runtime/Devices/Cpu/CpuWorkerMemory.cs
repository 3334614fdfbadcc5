using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Targets.Cil;

namespace CudaWasm.Runtime.Cpu;

/// <summary>
/// The memory of one worker: the context that code sees, and the areas for shared and local memory, per-thread slots and the stack of
/// functions. It grows as kernels ask for more and is reused from block to block and from launch to launch.
/// </summary>
internal sealed unsafe class CpuWorkerMemory : IDisposable
{
    private const int Alignment = 64;

    /// <summary>For the local variables of recursive functions; the recursion itself is bounded by the thread's stack.</summary>
    private const long StackBytes = 4 * 1024 * 1024;

    private Area _shared;
    private Area _local;
    private Area _slots;
    private Area _scratch;
    private Area _stack;
    private Area _lanes;
    private long _prepared;
    private long _sharedBytes;
    private long _slotBytes;
    private int _usedObjects;

    public CpuWorkerMemory()
    {
        Context = (BlockContext*)NativeMemory.AllocZeroed((nuint)sizeof(BlockContext));
        Context->Objects = (MemoryObject*)NativeMemory.AllocZeroed(CilPointer.ObjectLimit, (nuint)sizeof(MemoryObject));
        Services = new CpuBlockServices(this);
    }

    ~CpuWorkerMemory() => Free();

    public BlockContext* Context { get; private set; }

    public CpuBlockServices Services { get; }

    /// <summary>The block that runs, or ran last.</summary>
    public long Block;

    /// <summary>Makes everything ready for the blocks of a launch; what it left here the last time is ready still.</summary>
    public void Prepare(CpuLaunch launch)
    {
        if (_prepared == launch.Number) return;
        // Objects of a heap are known for one run only.
        _prepared = launch.Heap is null ? launch.Number : 0;
        var (kernel, block, grid) = (launch.Code, launch.Configuration.Block, launch.Configuration.Grid);
        var threads = (int)block.Count;
        _sharedBytes = kernel.StaticSharedBytes + launch.Configuration.SharedBytes;
        // Arrays by thread end with a whole vector.
        var padded = CilKernel.PadThreads(threads);
        _slotBytes = (long)kernel.SlotBytes * padded;
        Context->Arguments = launch.Arguments.Block;
        Context->Shared = _shared.Ensure(_sharedBytes + (2 * CilKernel.SharedMargin)) + CilKernel.SharedMargin;
        Context->Slots = _slots.Ensure(_slotBytes);
        Context->Local = _local.Ensure(kernel.LocalBytes + (kernel.LocalBytesPerThread * padded));
        Context->Scratch = (long*)_scratch.Ensure(kernel.ScratchBytes);
        var stackBytes = kernel.Module.Functions.Count > 0 ? StackBytes : 0;
        Context->Stack = _stack.Ensure(stackBytes);
        Context->StackBytes = stackBytes;
        Context->Lanes = _lanes.Ensure(kernel.LaneBytes);
        Context->ThreadCount = threads;
        Context->PaddedThreads = padded;
        (Context->BlockDimX, Context->BlockDimY, Context->BlockDimZ) = ((uint)block.X, (uint)block.Y, (uint)block.Z);
        (Context->GridDimX, Context->GridDimY, Context->GridDimZ) = ((uint)grid.X, (uint)grid.Y, (uint)grid.Z);
        Context->DynamicSharedSize = (uint)launch.Configuration.SharedBytes;

        new Span<MemoryObject>(Context->Objects, _usedObjects).Clear();
        var buffers = launch.Arguments.Objects;
        _usedObjects = kernel.FirstArgumentObject + buffers.Length;
        buffers.CopyTo(new Span<MemoryObject>(Context->Objects + kernel.FirstArgumentObject, buffers.Length));

        Context->Objects[kernel.StackObject] = new MemoryObject { Base = Context->Stack, Length = stackBytes };
        foreach (var place in kernel.Objects) Context->Objects[place.Id] = Locate(place, launch);
    }

    /// <summary>Changes an entry while blocks run: other threads' allocations become known here.</summary>
    public void SetObject(int id, MemoryObject value)
    {
        Context->Objects[id] = value;
        _usedObjects = Math.Max(_usedObjects, id + 1);
    }

    /// <summary>
    /// Makes everything ready for one block, or for a row of them. Shared memory and per-thread slots begin as zeros, which hardware does not promise, so that
    /// results do not depend on which worker ran what before.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void BeginBlock(Dim3 index, long count)
    {
        (Context->BlockIdxX, Context->BlockIdxY, Context->BlockIdxZ) = ((uint)index.X, (uint)index.Y, (uint)index.Z);
        (Context->RowBlock, Context->RowEnd) = ((uint)index.X, (uint)(index.X + count));
        Context->StackTop = 0;
        if (_sharedBytes > 0) NativeMemory.Clear(Context->Shared, (nuint)_sharedBytes);
        if (_slotBytes > 0) NativeMemory.Clear(Context->Slots, (nuint)_slotBytes);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private MemoryObject Locate(CilObject place, CpuLaunch launch) => place.Variable.Space switch
    {
        IrSpace.Global or IrSpace.Constant => launch.Symbol(place.Variable),
        IrSpace.Shared => new MemoryObject { Base = Context->Shared + place.Offset, Length = place.Variable.Bytes },
        IrSpace.DynamicShared => new MemoryObject { Base = Context->Shared + launch.Code.DynamicSharedOffset, Length = launch.Configuration.SharedBytes },
        IrSpace.Local => new MemoryObject { Base = Context->Local + place.Offset, Length = place.Variable.Bytes },
        _ => new MemoryObject { Base = launch.Arguments.Block + place.Offset, Length = place.Variable.Bytes },
    };

    private void Free()
    {
        if (Context == null) return;
        NativeMemory.Free(Context->Objects);
        NativeMemory.Free(Context);
        Context = null;
        _shared.Free();
        _local.Free();
        _slots.Free();
        _scratch.Free();
        _stack.Free();
        _lanes.Free();
    }

    private struct Area
    {
        private byte* _memory;
        private long _capacity;

        /// <summary>At least that many bytes; old content may be gone.</summary>
        public byte* Ensure(long bytes)
        {
            if (bytes <= _capacity) return _memory;
            Free();
            _memory = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
            NativeMemory.Clear(_memory, (nuint)bytes);
            _capacity = bytes;
            return _memory;
        }

        public void Free()
        {
            NativeMemory.AlignedFree(_memory);
            _memory = null;
            _capacity = 0;
        }
    }
}
