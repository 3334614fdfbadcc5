using System.Reflection;
using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

internal sealed partial class CilEmitter
{
    /// <summary>Updates for one active lane after the other, as lanes may meet at one address.</summary>
    private void EmitLaneAtomic(IrAtomic atomic)
    {
        Prepare(atomic.Value);
        if (atomic.Compare is not null) Prepare(atomic.Compare);
        var type = atomic.Value.Type;
        var value = Materialize(atomic.Value);
        var compare = atomic.Compare is null ? null : Materialize(atomic.Compare);
        var access = TakeApart(atomic.Address, type, true, atomic.Span);
        if (access.Varying is { } term) Materialize(term.Index);
        if (IsCommonSum(atomic, access))
        {
            EmitCommonSum(atomic, value);
        }
        else if (atomic.Result is null && access.Varying is { Scale: <= 8 } && IsPlainIndex(access) && IsOwnMemory(atomic.Address) && LaneAtomics.Find(atomic.Op, type) is { } update)
        {
            EmitTally(atomic, access, value, update);
        }
        else
        {
            EmitAddresses(access, Mask, null);
            Spill(value, ValueArea);
            if (compare is not null) Spill(compare, IndexArea);
            EmitUpdates(atomic);
            if (atomic.Result is { } result)
            {
                Unspill(value, ValueArea);
                AssignLanes(result, _lanes!.IsBlended(atomic), part => _il.Emit(OpCodes.Ldloc, value[part]));
            }
        }

        if (access.Offset is not null) Release(access.Offset);
    }

    /// <summary>All lanes add integers to one place, and none asks what was there: their sum does.</summary>
    private static bool IsCommonSum(IrAtomic atomic, LaneAccess access) =>
        atomic is { Op: IrAtomicOp.Add, Result: null, Value.Type: IrType.I32 or IrType.U32 } && access is { Offset: not null, Stride: 0, Varying: null, Object.Own: null };

    private void EmitCommonSum(IrAtomic atomic, LocalBuilder[] value)
    {
        EmitAddress(atomic.Address, 4, atomic.Value.Type, atomic.Span, true);
        for (var row = 0; row < value.Length; row++)
        {
            _il.Emit(OpCodes.Ldloc, value[row]);
            AndMask(Mask, row);
            if (row > 0) EmitBinary("Add", typeof(int));
        }

        EmitVector("Sum", typeof(int), IntVector);
        _il.Emit(OpCodes.Call, CilAtomics.Find(atomic.Op, atomic.Value.Type, IsOwnMemory(atomic.Address)));
        _il.Emit(OpCodes.Pop);
    }

    /// <summary>Updates at an index a lane.</summary>
    private void EmitTally(IrAtomic atomic, LaneAccess access, LocalBuilder[] value, (MethodInfo Any, MethodInfo Shared) update)
    {
        var scale = (int)access.Varying!.Value.Scale;
        // All lanes update with one value, as when they count.
        var isShared = Mask is null && scale == sizeof(int) && _lanes!.Shape(atomic.Value).IsUniform && !IrTree.CanFault(atomic.Value);
        var index = EmitIndex(access);
        SpillRows(IndexArea, row => _il.Emit(OpCodes.Ldloc, index[row]));
        if (!isShared) Spill(value, ValueArea);
        PushPlace(access);
        PushArea(IndexArea);
        if (isShared)
        {
            Emit(atomic.Value);
        }
        else
        {
            _il.Emit(OpCodes.Ldc_I4, scale);
            PushMaskBits(Mask);
            PushArea(ValueArea);
        }

        _il.Emit(OpCodes.Ldc_I4, _block.Lanes);
        _il.Emit(OpCodes.Call, isShared ? update.Shared : update.Any);
        Release(index);
    }

    /// <summary>The loop over the active lanes: addresses, operands and results lie in the areas.</summary>
    private void EmitUpdates(IrAtomic atomic)
    {
        var type = atomic.Value.Type;
        var old = Acquire(StackType(type));
        ForEachLane(lane =>
        {
            PushSpilled(AddressArea, lane, IrType.I64);
            _il.Emit(OpCodes.Ldind_I8);
            _il.Emit(OpCodes.Conv_I);
            if (atomic.Compare is not null)
            {
                PushSpilled(IndexArea, lane, type);
                EmitLoad(SpillType(type), false);
            }

            PushSpilled(ValueArea, lane, type);
            EmitLoad(SpillType(type), false);
            _il.Emit(OpCodes.Call, CilAtomics.Find(atomic.Op, type, IsOwnMemory(atomic.Address)));
            if (atomic.Result is null)
            {
                _il.Emit(OpCodes.Pop);
                return;
            }

            _il.Emit(OpCodes.Stloc, old);
            PushSpilled(ValueArea, lane, type);
            _il.Emit(OpCodes.Ldloc, old);
            EmitStore(SpillType(type), false);
        });
        Release(old);
    }
}
