namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// What instrumented code reports to as it runs a block: every access, barrier and warp operation. Sites are indices in
/// <see cref="CilKernel.Sites"/>, threads linear indices in the block, pointers tagged. Wrong accesses are the monitor's to report and to
/// make harmless, so that the kernel can go on.
/// </summary>
public abstract unsafe class BlockMonitor
{
    /// <summary>A thread begins its run through a region between barriers.</summary>
    public abstract void BeginThread();

    /// <summary>The native address to read from.</summary>
    public abstract byte* Load(long pointer, int site, int thread);

    /// <summary>Writes a value's bytes, the lowest first.</summary>
    public abstract void Store(long value, long pointer, int site, int thread);

    /// <summary>Writes a value that means nothing: the member of an aggregate that was never set.</summary>
    public abstract void StoreUnset(long pointer, int site, int thread);

    /// <summary>Copies the bytes of the site from memory to memory.</summary>
    public abstract void Copy(long target, long source, int writeSite, int readSite, int thread);

    /// <summary>The native address of an atomic operation.</summary>
    public abstract byte* Atomic(long pointer, int site, int thread);

    public abstract void Fence();

    /// <summary>The slot that the site names is read and was never assigned.</summary>
    public abstract void UnsetSlot(int site, int thread);

    /// <summary>A function's variables begin their life in stack memory.</summary>
    /// <param name="start">Bytes from the start of the stack.</param>
    /// <param name="bytes">How many.</param>
    public abstract void EnterFrame(long start, long bytes);

    /// <summary>Stack memory got its content from the caller.</summary>
    public abstract void FillFrame(long start, long bytes);

    /// <summary>Threads wait at a barrier.</summary>
    /// <param name="here">One byte a thread: it waits here. Null for all.</param>
    /// <param name="alive">One byte a thread: it has not returned. Null where none has.</param>
    /// <param name="site">The barrier.</param>
    public abstract void Barrier(byte* here, byte* alive, int site);

    /// <summary>Lanes of all warps meet in a warp operation, which is done next.</summary>
    public abstract void WarpExchange(WarpOperands* operands, byte* alive, int site);
}
