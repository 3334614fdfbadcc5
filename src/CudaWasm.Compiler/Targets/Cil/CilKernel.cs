using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Runs one block. Throws <see cref="KernelFault"/> or <see cref="KernelCancelled"/>.</summary>
public unsafe delegate void BlockMethod(BlockContext* context, BlockServices services);

/// <param name="Checked">Every access is checked, pointers are tagged. Else pointers are native addresses, and a stray one may end the process.</param>
/// <param name="Instrumented">
/// Every access, barrier and warp operation is told to <see cref="BlockServices.Monitor"/>, which must be there. Needs <paramref name="Checked"/>.
/// </param>
public sealed record CilOptions(bool Checked = true, bool Instrumented = false);

/// <summary>A kernel as machine code for the CPU, with what a device must lay out before it runs a block.</summary>
public sealed class CilKernel
{
    internal CilKernel(IrModule module, CilOptions options, CilLayout layout, BlockMethod method, CilSites sites)
    {
        Module = module;
        Options = options;
        Run = method;
        Sites = sites.Faults;
        Formats = sites.Formats;
        Objects = layout.Objects;
        ParameterOffsets = layout.ParameterOffsets;
        ArgumentBytes = layout.ArgumentBytes;
        SlotBytes = layout.SlotBytes;
        StaticSharedBytes = layout.StaticSharedBytes;
        LocalBytes = layout.LocalBytes;
        LocalBytesPerThread = layout.LocalBytesPerThread;
        ScratchBytes = sites.ScratchBytes;
        StackObject = layout.StackObject;
        HasGridBarrier = layout.HasGridBarrier;
        UsesHeap = module.Functions.Append(module.Kernel).SelectMany(f => IrTree.All(f.Body)).Any(s => s is IrService { Op: IrServiceOp.Allocate or IrServiceOp.Free });
    }

    public IrModule Module { get; }

    public CilOptions Options { get; }

    public BlockMethod Run { get; }

    public IReadOnlyList<FaultSite> Sites { get; }

    public IReadOnlyList<IrPrintf> Formats { get; }

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

    public int ScratchBytes { get; }

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
