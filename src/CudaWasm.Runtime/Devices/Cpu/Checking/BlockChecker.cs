using System.Runtime.InteropServices;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Targets.Cil;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

/// <summary>
/// Watches the blocks that run in one worker's memory, one after the other. A wrong access is reported and does nothing: what it would have
/// read is zero.
/// </summary>
internal sealed unsafe class BlockChecker : BlockMonitor, IDisposable
{
    /// <summary>The widest scalar.</summary>
    private const int WidestAccess = 8;

    private readonly LaunchChecker _launch;
    private readonly BlockContext* _context;
    private readonly FaultSite[] _sites;
    private readonly ShadowRegion?[] _regions;
    private readonly ShadowRegion _shared;
    private readonly ShadowRegion _local;
    private readonly ShadowRegion _stack;
    private readonly long _sharedBytes;
    private readonly long _localBytes;
    private readonly BlockOrder _order;
    private readonly BlockAtomics _atomics;
    private readonly RaceDetector _races;
    private readonly BarrierWatch _barriers;
    private readonly WarpWatch _warps;
    private readonly byte* _nowhere = (byte*)NativeMemory.AllocZeroed(WidestAccess);
    private long _block;

    /// <param name="launch">Of all blocks.</param>
    /// <param name="context">The worker's context, made ready for the launch.</param>
    /// <param name="objects">Entries of the object table that are in use.</param>
    /// <param name="bufferOf">The buffer of a variable, or of an argument by the number of its object.</param>
    public BlockChecker(LaunchChecker launch, BlockContext* context, int objects, Func<int, CpuBuffer?> bufferOf)
    {
        var (code, threads) = (launch.Code, (int)launch.Configuration.Block.Count);
        _launch = launch;
        _context = context;
        _sites = [.. code.Sites];
        _sharedBytes = code.StaticSharedBytes + launch.Configuration.SharedBytes;
        _localBytes = code.LocalBytes + (code.LocalBytesPerThread * threads);
        _shared = new ShadowRegion(context->Shared, _sharedBytes, ShadowKind.Shared, true);
        _local = new ShadowRegion(context->Local, _localBytes, ShadowKind.Private, true);
        _stack = new ShadowRegion(context->Stack, context->StackBytes, ShadowKind.Private, true);
        _order = new BlockOrder(launch.Clock, threads);
        _atomics = new BlockAtomics(launch.Atomics, launch.Clock, _order, threads);
        _races = new RaceDetector(launch, _order, _atomics, context);
        _barriers = new BarrierWatch(launch, threads);
        _warps = new WarpWatch(launch, _order, threads);

        _regions = new ShadowRegion?[objects];
        _regions[code.StackObject] = _stack;
        foreach (var place in code.Objects)
        {
            _regions[place.Id] = place.Variable.Space switch
            {
                IrSpace.Shared or IrSpace.DynamicShared => _shared,
                IrSpace.Local => _local,
                _ => null,
            };
        }

        for (var id = 0; id < _regions.Length; id++)
        {
            if (bufferOf(id) is { } buffer) _regions[id] = launch.Region(buffer);
        }
    }

    ~BlockChecker() => NativeMemory.Free(_nowhere);

    public void Dispose()
    {
        NativeMemory.Free(_nowhere);
        GC.SuppressFinalize(this);
    }

    public void BeginBlock(long block)
    {
        _block = block;
        _shared.MarkUnwritten(0, _sharedBytes);
        _local.MarkUnwritten(0, _localBytes);
        _barriers.Begin(block);
        BeginTurn();
    }

    /// <summary>The block goes on after that many grid barriers.</summary>
    public void PassGridBarrier(int count)
    {
        _launch.Clock.PassGridBarrier(count);
        BeginTurn();
    }

    /// <summary>The block has come to its end, or to a grid barrier.</summary>
    public void EndTurn()
    {
        _warps.Settle();
        _atomics.End();
    }

    public void EndBlock()
    {
        EndTurn();
        _barriers.End();
    }

    public void Fault(KernelFault fault) => _launch.Fault(fault, _block, _context);

    /// <summary>Memory of the heap begins a new life.</summary>
    public void Allocated(long pointer, byte* heap, long heapBytes)
    {
        if (pointer == 0) return;
        var memory = _context->Objects[CilPointer.Id(pointer)];
        var region = _launch.Heap ??= new ShadowRegion(heap, heapBytes, ShadowKind.Global, true);
        region.Forget(region.OffsetOf(memory.Base), memory.Length);
    }

    public override void BeginThread() => _local.MarkUnwritten(0, _launch.Code.LocalBytes);

    public override byte* Load(long pointer, int site, int thread)
    {
        var info = _sites[site];
        if (!Locate(pointer, info, site, thread, out var target)) return _nowhere;
        if (target.Region is not { } region) return target.Address;
        // Of an aggregate that is read whole some members may never have been set.
        if (info.Used is not null) return target.Address;
        if (info.Alignment != 1 && !region.IsWritten(target.At, info.Bytes)) Unwritten(pointer, site, thread);
        Observe(target, new RaceDetector.Access(AccessKind.Read, pointer, site, thread), info);
        return target.Address;
    }

    public override void Store(long value, long pointer, int site, int thread)
    {
        var info = _sites[site];
        if (!Locate(pointer, info, site, thread, out var target)) return;
        var source = new ReadOnlySpan<byte>(&value, (int)info.Bytes);
        var memory = new Span<byte>(target.Address, (int)info.Bytes);
        if (target.Region is { } region)
        {
            Observe(target, new RaceDetector.Access(AccessKind.Write, pointer, site, thread, region.IsWritten(target.At, info.Bytes) && source.SequenceEqual(memory), value == 0), info);
            region.MarkWritten(target.At, info.Bytes);
        }

        source.CopyTo(memory);
    }

    public override void StoreUnset(long pointer, int site, int thread)
    {
        Store(0, pointer, site, thread);
        if (Locate(pointer, _sites[site], site, thread, out var target)) target.Region?.MarkUnwritten(target.At, _sites[site].Bytes);
    }

    public override byte* Atomic(long pointer, int site, int thread)
    {
        var info = _sites[site];
        if (!Locate(pointer, info, site, thread, out var target)) return _nowhere;
        if (target.Region is not { } region) return target.Address;
        if (!region.IsWritten(target.At, info.Bytes)) Unwritten(pointer, site, thread);
        _atomics.Touch((nint)target.Address, region.Kind == ShadowKind.Shared, true, info.IsAwaited, thread);
        Observe(target, new RaceDetector.Access(AccessKind.Atomic, pointer, site, thread), info);
        region.MarkWritten(target.At, info.Bytes);
        return target.Address;
    }

    public override void Copy(long target, long source, int writeSite, int readSite, int thread)
    {
        var (write, read) = (_sites[writeSite], _sites[readSite]);
        var isReadable = Locate(source, read, readSite, thread, out var from);
        if (!Locate(target, write, writeSite, thread, out var to)) return;
        var bytes = new Span<byte>(to.Address, (int)write.Bytes);
        if (!isReadable)
        {
            bytes.Clear();
            to.Region?.MarkWritten(to.At, write.Bytes);
            return;
        }

        var known = new ReadOnlySpan<byte>(from.Address, (int)read.Bytes);
        var isUnwritten = false;
        if (from.Region is { } readRegion)
        {
            // A copy from one of the block's own variables to another passes on what is known.
            isUnwritten = (readRegion.Kind == ShadowKind.Global || to.Region is not { TracksContent: true, Kind: not ShadowKind.Global })
                && (read.Alignment == 0 ? !readRegion.IsWritten(from.At, read.Bytes) : read.Alignment > 1 && !readRegion.IsPartlyWritten(from.At, read.Bytes));
            if (isUnwritten) Unwritten(source, readSite, thread);
            ObserveUsed(from, new RaceDetector.Access(AccessKind.Read, source, readSite, thread), read);
        }

        if (to.Region is { } region)
        {
            Observe(to, new RaceDetector.Access(AccessKind.Write, target, writeSite, thread, region.IsWritten(to.At, write.Bytes) && known.SequenceEqual(bytes), !known.ContainsAnyExcept((byte)0)), write);
            if (isUnwritten) region.MarkWritten(to.At, write.Bytes);
            else region.CopyWritten(to.At, from.Region, from.At, write.Bytes);
        }

        known.CopyTo(bytes);
    }

    public override void Fence() => _launch.Atomics.Fence();

    public override void UnsetSlot(int site, int thread)
    {
        var info = _sites[site];
        _launch.Findings.Add(CheckFindingKind.UninitializedRead, DiagnosticSeverity.Error, site, -1, () => Finding(
            CheckFindingKind.UninitializedRead,
            new Diagnostic(DiagnosticCodes.UninitializedRead, DiagnosticSeverity.Error, info.Span, $"{Who(thread)} uses the value of '{info.Message}', which was never set"),
            thread) with
        {
            Buffer = info.Message,
        });
    }

    public override void EnterFrame(long start, long bytes) => _stack.MarkUnwritten(start, bytes);

    public override void FillFrame(long start, long bytes) => _stack.MarkWritten(start, bytes);

    public override void Barrier(byte* here, byte* alive, int site)
    {
        _barriers.Arrive(here, alive, site);
        _warps.Settle();
        _order.Barrier();
    }

    public override void WarpExchange(WarpOperands* operands, byte* alive, int site) => _warps.Exchange(operands, alive, site);

    private void BeginTurn()
    {
        _order.Begin(_launch.Clock.BeginTurn(_block));
        _atomics.Begin();
        _warps.Begin(_block);
    }

    /// <summary>Memory that an access goes to.</summary>
    /// <param name="Start">Native address.</param>
    /// <param name="Region">Its shadow; null where nothing is to be watched.</param>
    /// <param name="At">The first byte in the region.</param>
    private readonly record struct Target(nint Start, ShadowRegion? Region, long At)
    {
        public byte* Address => (byte*)Start;
    }

    /// <summary>The parts of a copy that somebody asks for.</summary>
    private void ObserveUsed(in Target target, in RaceDetector.Access access, FaultSite info)
    {
        if (info.Used is null) Observe(target, access, info);
        foreach (var part in info.Used ?? [])
        {
            Observe(target with { Start = target.Start + (nint)part.Offset, At = target.At + part.Offset }, access with { Pointer = access.Pointer + part.Offset }, info with { Bytes = part.Bytes });
        }
    }

    private void Observe(in Target target, in RaceDetector.Access access, FaultSite info)
    {
        var region = target.Region!;
        if (region.Kind == ShadowKind.Private) return;
        if (info.IsVolatile && region.Kind == ShadowKind.Global) _atomics.Touch(target.Start, false, access.Kind == AccessKind.Write, access.Kind == AccessKind.Read, access.Thread);
        var granule = info.Access != IrType.Void ? info.Bytes : Math.Clamp(info.Alignment, 1, WidestAccess);
        while (info.Bytes % granule != 0 || target.At % granule != 0) granule /= 2;
        _races.Observe(region, target.At, info.Bytes, (int)granule, access);
    }

    /// <summary>Where the bytes of an access are; false, and reported, where they are not.</summary>
    private bool Locate(long pointer, FaultSite info, int site, int thread, out Target target)
    {
        var id = CilPointer.Id(pointer);
        var offset = CilPointer.Offset(pointer);
        var found = _context->Objects[id];
        target = default;
        if (offset < 0 || info.Bytes > found.Length - offset)
        {
            Wrong(CheckFindingKind.OutOfBounds, pointer, info, site, thread);
            return false;
        }

        var region = id < _regions.Length ? _regions[id] : _launch.Heap;
        var address = found.Base + offset;
        var at = region?.OffsetOf(address) ?? offset;
        // Buffers are aligned as a GPU's are; of variables only their own start is.
        var alignment = info.Access == IrType.Void ? Math.Max(1, info.Alignment) : Math.Max(info.Bytes, info.Alignment);
        if (((region is { Kind: ShadowKind.Global } ? at : offset) & (alignment - 1)) != 0)
        {
            Wrong(CheckFindingKind.Misaligned, pointer, alignment > info.Bytes ? info with { Bytes = alignment, Access = IrType.Void } : info, site, thread);
            return false;
        }

        target = new Target((nint)address, region, at);
        return true;
    }

    private void Wrong(CheckFindingKind kind, long pointer, FaultSite info, int site, int thread) =>
        _launch.Findings.Add(kind, DiagnosticSeverity.Error, site, -1, () =>
        {
            var place = _launch.Place(pointer, info, _context);
            var (code, message, _, _) = FaultReport.Access(_launch.Source, _launch.Code, info, new KernelFault(site, thread) { Pointer = pointer }, _context);
            return At(Finding(kind, new Diagnostic(code, DiagnosticSeverity.Error, info.Span, $"{Who(thread)} {message}"), thread), CilPointer.Id(pointer) == 0 ? default : place);
        });

    private void Unwritten(long pointer, int site, int thread) =>
        _launch.Findings.Add(CheckFindingKind.UninitializedRead, DiagnosticSeverity.Error, site, -1, () =>
        {
            var place = _launch.Place(pointer, _sites[site], _context);
            var diagnostic = new Diagnostic(DiagnosticCodes.UninitializedRead, DiagnosticSeverity.Error, _sites[site].Span, $"{Who(thread)} reads {place}, which was never written");
            return At(Finding(CheckFindingKind.UninitializedRead, diagnostic, thread), place);
        });

    private CheckFinding Finding(CheckFindingKind kind, Diagnostic diagnostic, int thread) => new()
    {
        Kind = kind,
        Kernel = _launch.Source.Name,
        Diagnostic = diagnostic,
        BlockIdx = _launch.Block(_block),
        ThreadIdx = _launch.Thread(thread),
    };

    private static CheckFinding At(CheckFinding finding, MemoryPlace place) =>
        place == default ? finding : finding with { Buffer = place.Name, Offset = place.Offset, Index = place.Index };

    private string Who(int thread) => $"thread {_launch.Thread(thread)} of block {_launch.Block(_block)}";
}
