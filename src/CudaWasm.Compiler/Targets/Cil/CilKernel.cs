using System.Runtime.CompilerServices;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Runs one block. Throws <see cref="KernelFault"/> or <see cref="KernelCancelled"/>.</summary>
public unsafe delegate void BlockMethod(BlockContext* context, BlockServices services);

/// <summary>Code for blocks of one size.</summary>
/// <param name="Run">Runs one block, or a row of them.</param>
/// <param name="TakesRows">It runs all blocks from <see cref="BlockContext.BlockIdxX"/> up to <see cref="BlockContext.RowEnd"/>.</param>
public readonly record struct BlockCode(BlockMethod Run, bool TakesRows);

/// <param name="Checked">Every access is checked, pointers are tagged. Else pointers are native addresses, and a stray one may end the process.</param>
/// <param name="Instrumented">
/// Every access, barrier and warp operation is told to <see cref="BlockServices.Monitor"/>, which must be there. Needs <paramref name="Checked"/>.
/// </param>
/// <param name="VectorBits">Size of the vectors whose lanes are threads: 128, 256 or 512; 0 runs one thread after the other.</param>
/// <param name="VectorRegisters">Vectors that a 32-bit value of the threads that run together takes at most: 1, 2 or 4; 0 for what suits the kernel.</param>
public sealed record CilOptions(bool Checked = true, bool Instrumented = false, int VectorBits = 0, int VectorRegisters = 0)
{
    /// <summary>The widest vectors that this processor has; 0 where it has none.</summary>
    public static int NativeVectorBits { get; } = VectorIsa.Supported.FirstOrDefault();
}

/// <summary>A kernel as machine code for the CPU, with what a device must lay out before it runs a block.</summary>
public sealed class CilKernel
{
    /// <summary>Most block sizes that have code at the same time.</summary>
    private const int MaxVariants = 32;

    private readonly CilSites _sites;
    private readonly Func<LaneBlock?, (BlockCode Code, object? Kept)> _emit;
    private readonly Dictionary<LaneBlock, BlockCode> _variants = [];
    private static readonly ConditionalWeakTable<BlockMethod, object> Tables = [];
    private readonly Lock _lock = new();
    private BlockCode? _scalar;

    internal CilKernel(IrModule module, CilOptions options, CilLayout layout, int slotBytes, CilSites sites, string? obstacle, Func<LaneBlock?, (BlockCode Code, object? Kept)> emit)
    {
        Module = module;
        Options = options;
        ScalarReason = obstacle;
        _sites = sites;
        _emit = emit;
        Objects = layout.Objects;
        ParameterOffsets = layout.ParameterOffsets;
        ArgumentBytes = layout.ArgumentBytes;
        SlotBytes = slotBytes;
        StaticSharedBytes = layout.StaticSharedBytes;
        LocalBytes = layout.LocalBytes;
        LocalBytesPerThread = layout.LocalBytesPerThread;
        StackObject = layout.StackObject;
        HasGridBarrier = layout.HasGridBarrier;
        MaxLaneBytes = FindMaxLaneBytes(module);
        UsesHeap = module.Functions.Append(module.Kernel).SelectMany(f => IrTree.All(f.Body)).Any(s => s is IrService { Op: IrServiceOp.Allocate or IrServiceOp.Free });
    }

    /// <summary>Bytes that must be there before and behind <see cref="BlockContext.Shared"/>: code may read them, and write them back.</summary>
    public const int SharedMargin = LaneMemory.SharedMargin;

    /// <summary>Threads rounded up to whole vectors of any size: what arrays by thread have elements for.</summary>
    public static int PadThreads(int threads) => LaneBlock.Padded(threads);

    public IrModule Module { get; }

    public CilOptions Options { get; }

    /// <summary>Why threads run one after the other; null where they are lanes of vectors.</summary>
    public string? ScalarReason { get; }

    /// <summary>Vector code counts in signed numbers of 32 bits: buffers beyond this many bytes are for <see cref="Scalar"/> code.</summary>
    public long MaxLaneBytes { get; }

    /// <summary>The code for blocks of any size, one thread after the other.</summary>
    public BlockCode Scalar()
    {
        lock (_lock) return _scalar ??= _emit(null).Code;
    }

    /// <summary>The code for blocks of a size; made when first asked for.</summary>
    /// <param name="x">blockDim.x.</param>
    /// <param name="y">blockDim.y.</param>
    /// <param name="z">blockDim.z.</param>
    /// <param name="isLarge">The grid has more than 2^31 threads in one of its dimensions.</param>
    public BlockCode For(int x, int y, int z, bool isLarge = false)
    {
        lock (_lock)
        {
            if (ScalarReason is not null) return Scalar();
            var block = new LaneBlock(Options.VectorBits, x, y, z, isLarge);
            if (_variants.TryGetValue(block, out var known)) return known;
            // A launch on another device may still run code that is dropped here: what the code reads stays with it.
            if (_variants.Count == MaxVariants) _variants.Clear();
            var (code, kept) = _emit(block);
            if (kept is not null) Tables.Add(code.Run, kept);
            return _variants[block] = code;
        }
    }

    /// <summary>An unsigned index of 32 bits stays a signed one up to 2^31, times the bytes it counts in: 2 GiB where it counts bytes.</summary>
    private static long FindMaxLaneBytes(IrModule module)
    {
        var scales = module.Functions.Append(module.Kernel)
            .SelectMany(f => IrTree.All(f.Body))
            .SelectMany(IrTree.Expressions)
            .SelectMany(IrTree.All)
            .OfType<IrAddress>()
            .Where(a => a.Index is { Type: IrType.U32 })
            .Select(a => Math.Abs(a.Scale));
        return (long)Math.Min(scales.DefaultIfEmpty(4).Min(), 4) << 31;
    }

    public IReadOnlyList<FaultSite> Sites => _sites.Faults;

    public IReadOnlyList<IrPrintf> Formats => _sites.Formats;

    /// <summary>The variables that need an entry in <see cref="BlockContext.Objects"/>.</summary>
    public IReadOnlyList<CilObject> Objects { get; }

    /// <summary>Entry of the stack of functions that were not inlined.</summary>
    public int StackObject { get; }

    /// <summary>The first entry free for buffers that are arguments.</summary>
    public int FirstArgumentObject => StackObject + 1;

    /// <summary>Where each parameter lies in <see cref="BlockContext.Arguments"/>.</summary>
    public IReadOnlyList<int> ParameterOffsets { get; }

    public int ArgumentBytes { get; }

    /// <summary>Bytes of per-thread slots of one thread.</summary>
    public int SlotBytes { get; }

    public long StaticSharedBytes { get; }

    public long DynamicSharedOffset => StaticSharedBytes;

    public long LocalBytes { get; }

    public long LocalBytesPerThread { get; }

    public int ScratchBytes => _sites.ScratchBytes;

    /// <summary>Bytes of <see cref="BlockContext.Lanes"/>.</summary>
    public int LaneBytes => _sites.LaneBytes;

    /// <summary>The launch needs a heap for malloc and new.</summary>
    public bool UsesHeap { get; }

    /// <summary>All blocks of the grid must run at the same time.</summary>
    public bool HasGridBarrier { get; }
}

/// <summary>A variable's place.</summary>
/// <param name="Id">Its entry in <see cref="BlockContext.Objects"/>.</param>
/// <param name="Variable">The variable; for dynamic shared memory the first of the variables that share it.</param>
/// <param name="Offset">In the memory of its space; of a per-thread variable the offset in <see cref="CilKernel.LocalBytesPerThread"/>.</param>
/// <param name="IsPerThread">Code sets the entry's base itself.</param>
public sealed record CilObject(int Id, IrVariable Variable, long Offset, bool IsPerThread);

/// <summary>What the code of a kernel and its functions refers to by number.</summary>
internal sealed class CilSites
{
    public List<FaultSite> Faults { get; } = [];

    public List<IrPrintf> Formats { get; } = [];

    public int ScratchBytes { get; private set; } = 64;

    public int LaneBytes { get; private set; }

    public void UseLanes(int bytes) => LaneBytes = Math.Max(LaneBytes, bytes);

    public int Add(FaultSite site)
    {
        Faults.Add(site);
        return Faults.Count - 1;
    }

    public int Add(IrPrintf printf)
    {
        Formats.Add(printf);
        ScratchBytes = Math.Max(ScratchBytes, 8 * printf.Arguments.Count);
        return Formats.Count - 1;
    }
}
