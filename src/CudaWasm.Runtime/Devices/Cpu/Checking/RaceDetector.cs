using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Targets.Cil;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Runtime.Cpu;

/// <summary>What an access does to memory.</summary>
internal enum AccessKind
{
    Read,
    Write,
    Atomic,
}

/// <summary>Compares the accesses of the running block with earlier ones to the same bytes.</summary>
internal sealed unsafe class RaceDetector(LaunchChecker launch, BlockOrder order, BlockAtomics atomics, BlockContext* context)
{
    private readonly FaultSite[] _sites = [.. launch.Code.Sites];

    /// <summary>An access to a range.</summary>
    /// <param name="region">Where it lies.</param>
    /// <param name="at">First byte in the region.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="granule">A power of two, 8 at most, that both are multiples of.</param>
    /// <param name="access">What, where in the source and whose.</param>
    public void Observe(ShadowRegion region, long at, long bytes, int granule, in Access access)
    {
        var hasRaced = false;
        long done = 0;
        while (bytes > 0)
        {
            var part = (int)Math.Min(bytes, ShadowRegion.RoomAt(at));
            var cells = region.Cells(at, part, granule);
            for (var i = 0; i < cells.Length; i++) Observe(region, ref cells[i], access with { Pointer = access.Pointer + done + (i * (part / cells.Length)) }, ref hasRaced);
            at += part;
            done += part;
            bytes -= part;
        }
    }

    /// <param name="Kind">What.</param>
    /// <param name="Pointer">The tagged pointer.</param>
    /// <param name="Site">Where in the source.</param>
    /// <param name="Thread">Whose.</param>
    /// <param name="ChangesNothing">A write of the value that is already there.</param>
    /// <param name="IsZero">A write of zeros: what test data holds, so that it says little about the program.</param>
    internal readonly record struct Access(AccessKind Kind, long Pointer, int Site, int Thread, bool ChangesNothing = false, bool IsZero = false);

    private void Observe(ShadowRegion region, ref ShadowCell cell, in Access access, ref bool hasRaced)
    {
        Compare(region, cell.Write, AccessKind.Write, access, ref hasRaced);
        if (access.Kind != AccessKind.Atomic) Compare(region, cell.Atomic, AccessKind.Atomic, access, ref hasRaced);
        if (access.Kind != AccessKind.Read)
        {
            Compare(region, cell.FirstRead, AccessKind.Read, access, ref hasRaced);
            Compare(region, cell.LastRead, AccessKind.Read, access, ref hasRaced);
        }

        // A write that changes nothing does not hide one before it that did.
        var changesNothing = access is { ChangesNothing: true, IsZero: false } && (cell.Write.Time == 0 || cell.Write.ChangesNothing || order.IsBeforeAll(cell.Write) || (region.Kind == ShadowKind.Shared && !order.IsOwn(cell.Write)));
        var now = new ShadowAccess(launch.Clock.Now, access.Site, access.Thread, changesNothing);
        switch (access.Kind)
        {
            case AccessKind.Write:
                cell.Write = now;
                break;
            case AccessKind.Atomic:
                if (IsPast(region, cell.Atomic, access.Thread)) cell.Atomic = now;
                break;
            default:
                if (IsPast(region, cell.FirstRead, access.Thread)) cell.FirstRead = now;
                else cell.LastRead = now;
                break;
        }
    }

    /// <summary>The access needs no more to be compared with: what comes after this one comes after that, too.</summary>
    private bool IsPast(ShadowRegion region, in ShadowAccess earlier, int thread) =>
        earlier.Time == 0 || order.IsBefore(earlier, thread) || (region.Kind == ShadowKind.Shared && !order.IsOwn(earlier));

    private void Compare(ShadowRegion region, in ShadowAccess earlier, AccessKind kind, in Access access, ref bool hasRaced)
    {
        if (hasRaced || IsPast(region, earlier, access.Thread)) return;
        var verdict = atomics.Judge(earlier, kind == AccessKind.Atomic, access.Thread);
        if (verdict == AtomicVerdict.Ordered) return;
        if (verdict < AtomicVerdict.Undecided && IsFlag(region, earlier, access)) verdict = AtomicVerdict.Undecided;
        hasRaced = true;
        if (verdict == AtomicVerdict.Undecided) launch.Undecided++;
        else Report(earlier, kind, access, verdict == AtomicVerdict.Unfenced);
    }

    /// <summary>Volatile accesses wait for each other on purpose: between blocks, and between the lanes of a warp that runs in step.</summary>
    private bool IsFlag(ShadowRegion region, in ShadowAccess earlier, in Access access) =>
        _sites[earlier.Site].IsVolatile && _sites[access.Site].IsVolatile
        && (region.Kind == ShadowKind.Global || earlier.Thread / 32 == access.Thread / 32);

    private void Report(ShadowAccess earlier, AccessKind kind, Access access, bool isUnfenced)
    {
        var isSame = (access is { Kind: AccessKind.Write, ChangesNothing: true } && (kind == AccessKind.Write || (kind == AccessKind.Read && !access.IsZero)))
            || (kind == AccessKind.Write && earlier.ChangesNothing && access.Kind == AccessKind.Read);
        // if (x < *max) atomicMax(max, x), and the read that begins a loop around atomicCAS.
        var isTried = (kind == AccessKind.Read && IsTrial(access.Site)) || (access.Kind == AccessKind.Read && kind == AccessKind.Atomic && IsTrial(earlier.Site));
        var isHarmless = isSame || isTried;
        var isMild = isUnfenced || (kind == AccessKind.Read && access.Kind == AccessKind.Atomic) || (kind == AccessKind.Atomic && access.Kind == AccessKind.Read);
        var severity = isHarmless ? DiagnosticSeverity.Note : isMild ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error;
        launch.Findings.Add(CheckFindingKind.Race, severity, access.Site, earlier.Site, () => Describe(earlier, kind, access, severity, isSame, isUnfenced));
    }

    /// <summary>An atomic that is right whatever the thread read before.</summary>
    private bool IsTrial(int site) => _sites[site].Atomic is IrAtomicOp.CompareExchange or IrAtomicOp.Min or IrAtomicOp.Max;

    private CheckFinding Describe(in ShadowAccess earlier, AccessKind kind, in Access access, DiagnosticSeverity severity, bool isSame, bool isUnfenced)
    {
        var (site, otherSite) = (_sites[access.Site], _sites[earlier.Site]);
        var place = launch.Place(access.Pointer, site, context);
        var block = launch.Clock.BlockAt(launch.Clock.Now);
        var otherBlock = launch.Clock.BlockAt(earlier.Time);
        var (thread, other) = (launch.Thread(access.Thread), launch.Thread(earlier.Thread));
        var isSameBlock = block == otherBlock;
        var why = isSame ? "the value is the one that was there already, so the order does not matter"
            : severity == DiagnosticSeverity.Note ? "the atomic looks at the value anew, so an old one does no harm"
            : isUnfenced ? "an atomic orders the two, but no __threadfence() stands between the first access and it"
            : !isSameBlock ? "nothing orders the two blocks"
            : access.Thread / 32 == earlier.Thread / 32 ? "no barrier orders the two, and lanes of a warp need a __syncwarp() to be in step"
            : "no barrier orders the two";
        var whose = isSameBlock ? "of the same block" : $"of block {launch.Block(otherBlock)}";
        var diagnostic = new Diagnostic(
            DiagnosticCodes.Race,
            severity,
            site.Span,
            $"race: thread {thread} of block {launch.Block(block)} {Verb(access.Kind)} {place}, which thread {other} {whose} {Verb(kind)}: {why}",
            [DiagnosticBag.Note(otherSite.Span, $"thread {other} {whose} {Verb(kind)} it here")]);
        return new CheckFinding
        {
            Kind = CheckFindingKind.Race,
            Kernel = launch.Source.Name,
            Diagnostic = diagnostic,
            BlockIdx = launch.Block(block),
            ThreadIdx = thread,
            OtherBlockIdx = launch.Block(otherBlock),
            OtherThreadIdx = other,
            OtherSpan = otherSite.Span,
            Buffer = place.Name,
            Offset = place.Offset,
            Index = place.Index,
        };
    }

    private static string Verb(AccessKind kind) => kind switch
    {
        AccessKind.Read => "reads",
        AccessKind.Write => "writes",
        _ => "updates",
    };
}
