using System.Reflection.Emit;
using System.Runtime.Intrinsics.X86;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// Asks memory for what the next block will read or write at the place of an access, where the processor cannot know it in time. Prefetching
/// never faults, so nothing is checked.
/// </summary>
internal sealed partial class CilEmitter
{
    private const int CacheLine = 64;

    /// <summary>Bytes of a row that a block takes, for which the next block's piece is asked for.</summary>
    private const int MaxPiece = 512;

    /// <summary>The same for blocks that read all they need before a barrier.</summary>
    private const int MaxWhole = 16 * 1024;

    /// <summary>Bytes of an element of a row whose length is a parameter.</summary>
    private const int MaxElement = 16;

    /// <summary>How far a tile is ahead of its threads. Measured: 1 to 3 make no difference, 8 are too many.</summary>
    private const int VectorsAhead = 2;

    /// <summary>The region that comes by an object first, with nothing of it in the cache.</summary>
    private readonly Dictionary<PointerRoot, IrThreadLoop> _firstRegions = [];
    private IrThreadLoop? _region;
    private int _loopDepth;

    /// <param name="access">Of neighbours, of lanes at a constant distance, or of neighbours but for borders.</param>
    /// <param name="index">The first lanes' indices; null where they follow from the first lane's place.</param>
    private void EmitPrefetch(LaneAccess access, LocalBuilder? index = null)
    {
        if (!Sse.IsSupported || _plan!.TakesRows || access.Object.Root is not { } root || root.Variable is { Space: not (IrSpace.Global or IrSpace.Constant) }) return;
        if (index is not null && (access.IsWrite || !_plan.IsMostlyRow(access.Varying!.Value.Index))) return;
        if (_region!.IsTile && _loopDepth > 0 && index is null)
        {
            // The next vectors of threads read beside this one's, after some rounds.
            if (!access.IsWrite && Mask is null && IsContiguous(access)) EmitPrefetches(access, VectorsAhead * PieceBytes(access.Type), PieceBytes(access.Type));
            return;
        }

        if (_plan.Strides.Of(access.Address) is not { Count: > 0 } stride || !(_block.Y > 1 ? TakesPieces(access, stride) : TakesWhole(root, stride))) return;
        // Where a block reads beyond its borders it touches what is next to them: that comes too late.
        if (index is not null) stride = stride with { Count = 2 * stride.Count };
        var bytes = index is null ? (Math.Abs(access.Stride) * (_block.Lanes - 1)) + access.Type.Size() : PieceBytes(access.Type);
        if (stride.Factor is null && index is null)
        {
            EmitPrefetches(access, stride.Count, bytes);
            return;
        }

        var more = Acquire(typeof(long));
        _il.Emit(OpCodes.Ldc_I8, stride.Count);
        if (stride.Factor is { } factor)
        {
            Emit(IrBuilder.Convert(IrType.I64, factor));
            _il.Emit(OpCodes.Mul);
        }

        if (index is not null)
        {
            _il.Emit(OpCodes.Ldloc, index);
            EmitVector("ToScalar", typeof(int), IntVector);
            _il.Emit(OpCodes.Conv_I8);
            _il.Emit(OpCodes.Ldc_I8, access.Varying!.Value.Scale);
            _il.Emit(OpCodes.Mul);
            _il.Emit(OpCodes.Add);
        }

        _il.Emit(OpCodes.Stloc, more);
        EmitPrefetches(access, 0, bytes, more);
        Release(more);
    }

    /// <summary>Asks for each cache line of some bytes.</summary>
    /// <param name="access">Its first lane's place is what the distance counts from.</param>
    /// <param name="distance">In bytes.</param>
    /// <param name="bytes">Their number.</param>
    /// <param name="more">Bytes to add to the distance at run time.</param>
    private void EmitPrefetches(LaneAccess access, long distance, long bytes, LocalBuilder? more = null)
    {
        for (var at = distance; at < distance + bytes; at += CacheLine)
        {
            PushPlace(access, (int)at);
            if (more is not null)
            {
                _il.Emit(OpCodes.Ldloc, more);
                _il.Emit(OpCodes.Conv_I);
                _il.Emit(OpCodes.Add);
            }

            Call(typeof(Sse), nameof(Sse.Prefetch0), typeof(void*));
        }
    }

    /// <summary>The block takes short pieces of many rows: more rows than the processor follows by itself.</summary>
    private bool TakesPieces(LaneAccess access, BlockStride stride) => stride is { Factor: null, Count: <= MaxPiece } && _plan!.Strides.HasRows(access.Address);

    /// <summary>
    /// The block takes a piece, or a row, of its own and works on it for a while, which ends what the processor fetches by itself. In a loop it may as
    /// well read what all blocks do, unless that is a row.
    /// </summary>
    private bool TakesWhole(PointerRoot root, BlockStride stride)
    {
        if (Mask is not null || _plan!.IsOneRegion || (stride.Factor is null ? _loopDepth > 0 || stride.Count > MaxWhole : stride.Count > MaxElement)) return false;
        return _firstRegions.TryGetValue(root, out var first) ? first == _region : _firstRegions.TryAdd(root, _region!);
    }
}
