using System.Numerics;

namespace CudaWasm.Runtime.Cpu;

/// <summary>Who made an access, and when: <see cref="LaunchClock.Now"/>; 0 for none.</summary>
internal struct ShadowAccess(uint time, int site, int thread, bool changesNothing = false)
{
    private const int ThreadBits = 10;
    private const int SiteShift = ThreadBits + 1;

    public const int MaxSites = 1 << (32 - SiteShift);

    private readonly uint _who = ((uint)site << SiteShift) | (changesNothing ? 1u << ThreadBits : 0) | (uint)thread;

    public uint Time = time;

    public readonly int Thread => (int)(_who & ((1u << ThreadBits) - 1));

    public readonly int Site => (int)(_who >> SiteShift);

    /// <summary>A write of the value that was there already.</summary>
    public readonly bool ChangesNothing => (_who >> ThreadBits & 1) != 0;
}

/// <summary>
/// The accesses to a few bytes that later ones are compared with. Threads run one after the other between barriers, so of reads that
/// nothing orders the first and the last one are enough: a write that is ordered with both, is so with all.
/// </summary>
internal struct ShadowCell
{
    public ShadowAccess Write;
    public ShadowAccess Atomic;
    public ShadowAccess FirstRead;
    public ShadowAccess LastRead;
}

/// <summary>What is known about a piece of memory: who used its bytes, and which of them were written.</summary>
/// <param name="start">Native address of the first byte.</param>
/// <param name="length">Bytes.</param>
/// <param name="kind">Whose memory it is.</param>
/// <param name="tracksContent">Its bytes mean nothing until they are written.</param>
internal sealed unsafe class ShadowRegion(byte* start, long length, ShadowKind kind, bool tracksContent)
{
    private const int PageShift = 10;
    private const int PageBytes = 1 << PageShift;

    private readonly Page?[] _pages = kind == ShadowKind.Private ? [] : new Page?[(length + PageBytes - 1) >> PageShift];
    private readonly byte[]? _written = tracksContent && length <= Array.MaxLength ? new byte[length] : null;

    private sealed class Page(int shift)
    {
        /// <summary>A cell has 2^shift bytes.</summary>
        public int Shift { get; private set; } = shift;

        public ShadowCell[] Cells { get; private set; } = new ShadowCell[PageBytes >> shift];

        /// <summary>Smaller cells, for accesses that are smaller than those before.</summary>
        public void Refine(int shift)
        {
            var (fine, parts) = (new ShadowCell[PageBytes >> shift], 1 << (Shift - shift));
            for (var i = 0; i < fine.Length; i++) fine[i] = Cells[i / parts];
            (Cells, Shift) = (fine, shift);
        }
    }

    public ShadowKind Kind { get; } = kind;

    public bool TracksContent => _written is not null;

    public long OffsetOf(byte* address) => address - start;

    /// <summary>The cells of an access that does not cross a multiple of 1024 bytes.</summary>
    /// <param name="at">Offset of the first byte.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="granule">A power of two that both are multiples of.</param>
    public Span<ShadowCell> Cells(long at, int bytes, int granule)
    {
        var shift = BitOperations.Log2((uint)granule);
        ref var page = ref _pages[at >> PageShift];
        page ??= new Page(shift);
        if (page.Shift > shift) page.Refine(shift);
        return page.Cells.AsSpan((int)(at & (PageBytes - 1)) >> page.Shift, bytes >> page.Shift);
    }

    /// <summary>Bytes up to the next multiple of 1024.</summary>
    public static long RoomAt(long at) => PageBytes - (at & (PageBytes - 1));

    /// <summary>All bytes mean something.</summary>
    public bool IsWritten(long at, long bytes) => _written is null || !_written.AsSpan((int)at, (int)bytes).Contains((byte)0);

    /// <summary>Some byte means something.</summary>
    public bool IsPartlyWritten(long at, long bytes) => _written is null || _written.AsSpan((int)at, (int)bytes).Contains((byte)1);

    public void MarkWritten(long at, long bytes) => _written?.AsSpan((int)at, (int)bytes).Fill(1);

    public void MarkUnwritten(long at, long bytes) => _written?.AsSpan((int)at, (int)bytes).Clear();

    /// <summary>The bytes are as if nobody ever used them.</summary>
    public void Forget(long at, long bytes)
    {
        MarkUnwritten(at, bytes);
        while (bytes > 0)
        {
            var part = (int)Math.Min(bytes, RoomAt(at));
            if (_pages[at >> PageShift] is not null) Cells(at, part, 1).Clear();
            at += part;
            bytes -= part;
        }
    }

    /// <summary>Bytes that were copied mean what they meant before.</summary>
    public void CopyWritten(long at, ShadowRegion? source, long sourceAt, long bytes)
    {
        if (_written is null) return;
        if (source?._written is { } known) known.AsSpan((int)sourceAt, (int)bytes).CopyTo(_written.AsSpan((int)at));
        else MarkWritten(at, bytes);
    }
}

/// <summary>Whose memory a region is.</summary>
internal enum ShadowKind
{
    /// <summary>All threads'.</summary>
    Global,

    /// <summary>One block's; the next block begins anew.</summary>
    Shared,

    /// <summary>One thread's.</summary>
    Private,
}
