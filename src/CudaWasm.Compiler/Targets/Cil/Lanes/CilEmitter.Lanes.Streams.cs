using System.Reflection.Emit;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// Stores past the caches, where whole cache lines are written of a buffer that no cache can keep: memory then need not be read before it is
/// overwritten. A triad of 64 MiB arrays takes three quarters of the time.
/// </summary>
internal sealed partial class CilEmitter
{
    /// <summary>For each buffer 0 where its stores may go past the caches, or a bit that no aligned offset has.</summary>
    private readonly Dictionary<PointerRoot, LocalBuilder> _streams = [];

    private bool MayStream(LaneAccess access) => LastLevelCache.IsBypassed && _checked && _loopDepth == 0 && access.Type.Size() >= sizeof(int)
        && access.Object is { Own: null, Root: { Parameter: not null } root } && _plan!.IsOnlyWritten(root)
        && (PieceBytes(access.Type) % CacheLine == 0 || _plan.TakesRows);

    private int PieceBytes(IrType type) => _block.Lanes * type.Size();

    /// <summary>Writes the registers to neighbouring elements.</summary>
    private void EmitStreamingStore(LaneAccess access, LocalBuilder[] values)
    {
        var (near, done) = (_il.DefineLabel(), _il.DefineLabel());
        _il.Emit(OpCodes.Ldloc, access.Offset!);
        _il.Emit(OpCodes.Ldloc, Stream(access.Object.Root!));
        _il.Emit(OpCodes.Or);
        _il.Emit(OpCodes.Ldc_I8, (long)Math.Min(CacheLine, PieceBytes(access.Type)) - 1);
        _il.Emit(OpCodes.And);
        _il.Emit(OpCodes.Brtrue, near);
        var element = VectorIsa.Element(access.Type);
        for (var part = 0; part < values.Length; part++)
        {
            _il.Emit(OpCodes.Ldloc, values[part]);
            PushPlace(access, part * RegisterBytes);
            EmitVector("StoreAlignedNonTemporal", element, _isa.Vector(element), element.MakePointerType());
        }

        _il.Emit(OpCodes.Br, done);
        _il.MarkLabel(near);
        PushPlace(access);
        EmitVectorStore(access.Type, values);
        _il.MarkLabel(done);
    }

    private LocalBuilder Stream(PointerRoot root)
    {
        if (_streams.TryGetValue(root, out var stream)) return stream;
        var code = Root(root);
        _streams.Add(root, stream = _il.DeclareLocal(typeof(long)));
        _prologue.Add(() =>
        {
            // (length < least) | (base & 63)
            _il.Emit(OpCodes.Ldloc, code.Length!);
            _il.Emit(OpCodes.Ldc_I8, LastLevelCache.Bytes);
            _il.Emit(OpCodes.Clt);
            _il.Emit(OpCodes.Conv_I8);
            _il.Emit(OpCodes.Ldloc, code.Base);
            _il.Emit(OpCodes.Conv_I8);
            _il.Emit(OpCodes.Ldc_I8, CacheLine - 1L);
            _il.Emit(OpCodes.And);
            _il.Emit(OpCodes.Or);
            _il.Emit(OpCodes.Stloc, stream);
        });
        return stream;
    }
}
