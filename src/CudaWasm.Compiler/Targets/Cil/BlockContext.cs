using System.Runtime.InteropServices;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>An object in memory that a tagged pointer can name: where it begins and how long it is.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct MemoryObject
{
    public byte* Base;
    public long Length;
}

/// <summary>
/// What generated code knows about the block it runs: one per worker, reused from block to block. Native memory only, so that code
/// reads it without the garbage collector's knowledge.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct BlockContext
{
    /// <summary><see cref="CilPointer.ObjectLimit"/> entries, so that no tag can lead outside; unused ones have length 0.</summary>
    public MemoryObject* Objects;

    /// <summary>The kernel's arguments at <see cref="CilKernel.ParameterOffsets"/>; pointers are tagged (checked) or native addresses.</summary>
    public byte* Arguments;

    /// <summary>Per-thread slots: <see cref="CilKernel.SlotBytes"/> for each thread of the block.</summary>
    public byte* Slots;

    /// <summary>Static shared memory, then dynamic shared memory at <see cref="CilKernel.DynamicSharedOffset"/>.</summary>
    public byte* Shared;

    /// <summary>Local memory: <see cref="CilKernel.LocalBytes"/>, then <see cref="CilKernel.LocalBytesPerThread"/> for each thread.</summary>
    public byte* Local;

    /// <summary>Memory for the local variables of functions that were not inlined.</summary>
    public byte* Stack;

    public long StackTop;

    public long StackBytes;

    /// <summary><see cref="CilKernel.ScratchBytes"/> for arguments of printf and of warp operations.</summary>
    public long* Scratch;

    /// <summary><see cref="CilKernel.LaneBytes"/> for what vector code does lane by lane.</summary>
    public byte* Lanes;

    /// <summary>Not zero when the block is to stop; every loop looks at it.</summary>
    public int Cancel;

    /// <summary>Threads of the block.</summary>
    public int ThreadCount;

    /// <summary>Threads of the block, rounded up to whole vectors: arrays by thread have so many elements.</summary>
    public int PaddedThreads;

    /// <summary>Linear index of the thread that runs; kept only while a function is called and when a fault is raised.</summary>
    public int Thread;

    public uint ThreadIdxX;
    public uint ThreadIdxY;
    public uint ThreadIdxZ;
    public uint BlockIdxX;
    public uint BlockIdxY;
    public uint BlockIdxZ;
    public uint BlockDimX;
    public uint BlockDimY;
    public uint BlockDimZ;
    public uint GridDimX;
    public uint GridDimY;
    public uint GridDimZ;

    /// <summary>Bytes of dynamic shared memory.</summary>
    public uint DynamicSharedSize;

    /// <summary>Where code takes rows of blocks: blockIdx.x behind the last block to run. The first is <see cref="BlockIdxX"/>.</summary>
    public uint RowEnd;

    /// <summary>blockIdx.x of the block of a row that runs.</summary>
    public uint RowBlock;
}

/// <summary>What generated code asks of the device that runs it.</summary>
public abstract class BlockServices
{
    /// <summary>Prints; the arguments lie in <see cref="BlockContext.Scratch"/>, 8 bytes each.</summary>
    /// <param name="format">Index in <see cref="CilKernel.Formats"/>.</param>
    /// <param name="arguments">Where the values are: integers extended to 64 bits, floats as doubles.</param>
    public abstract unsafe void Print(int format, long* arguments);

    /// <summary>Waits until every block of the grid is here.</summary>
    public abstract void GridBarrier();

    /// <summary>What instrumented code reports to; null where such code is not run.</summary>
    public virtual BlockMonitor? Monitor => null;

    /// <summary>Memory of the launch's heap.</summary>
    /// <returns>A pointer as the code uses it, tagged or native; 0 where there is no room.</returns>
    public abstract long Allocate(long bytes);

    /// <summary>Gives memory back; false where the pointer is none that <see cref="Allocate"/> gave and that is still in use.</summary>
    public abstract bool Free(long pointer);
}

/// <summary>
/// Tagged pointers of checked code: the upper 16 bits name an object, the lower 48 hold the byte offset plus <see cref="Bias"/>, so that
/// offsets below zero stay recognisable. Zero is the null pointer, as object 0 has no bytes.
/// </summary>
public static class CilPointer
{
    public const int ObjectLimit = 1 << 16;

    public const long Bias = 1L << 47;

    public const long OffsetMask = (1L << 48) - 1;

    public static long Tag(int id, long offset = 0) => ((long)id << 48) | (offset + Bias);

    public static int Id(long pointer) => (int)((ulong)pointer >> 48);

    public static long Offset(long pointer) => (pointer & OffsetMask) - Bias;
}
