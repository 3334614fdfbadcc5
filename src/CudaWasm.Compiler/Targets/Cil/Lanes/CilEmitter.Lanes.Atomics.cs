using System.Reflection;
using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

internal sealed partial class CilEmitter
{
    /// <summary>Updates for one active lane after the other, as lanes may meet at one address.</summary>
    private void EmitLaneAtomic(IrAtomic atomic)
    {
        if (IsTally(atomic) && Mask is null && _lanes!.Shape(atomic.Value).IsUniform && !IrTree.CanFault(atomic.Value))
        {
            EmitSharedTally(atomic);
            return;
        }

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
            EmitTally(access, value, update.Any);
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

    /// <summary>Updates of the block's own memory at an index a lane, counted in whole elements.</summary>
    private bool IsTally(IrAtomic atomic)
    {
        if (atomic.Result is not null || !IsOwnMemory(atomic.Address) || LaneAtomics.Find(atomic.Op, atomic.Value.Type) is null) return false;
        return atomic.Address is IrAddress { Index: { } index, Scale: 4, Base: IrVariableAddress { Variable.Space: IrSpace.Shared or IrSpace.DynamicShared } } && _lanes!.Shape(index).IsVarying && !IsWide(index.Type);
    }

    /// <summary>All lanes update with one value, as when they count.</summary>
    private void EmitSharedTally(IrAtomic atomic)
    {
        var type = atomic.Value.Type;
        var access = TakeApart(atomic.Address, type, true, atomic.Span);
        var index = EmitIndex(access);
        SpillRows(IndexArea, row => _il.Emit(OpCodes.Ldloc, index[row]));
        PushPlace(access);
        PushArea(IndexArea);
        Emit(atomic.Value);
        _il.Emit(OpCodes.Ldc_I4, _block.Lanes);
        _il.Emit(OpCodes.Call, LaneAtomics.Find(atomic.Op, type)!.Value.Shared);
        Release(index);
        Release(access.Offset!);
    }

    /// <summary>Updates at an index a lane.</summary>
    private void EmitTally(LaneAccess access, LocalBuilder[] value, MethodInfo update)
    {
        var index = EmitIndex(access);
        SpillRows(IndexArea, row => _il.Emit(OpCodes.Ldloc, index[row]));
        Spill(value, ValueArea);
        PushPlace(access);
        PushArea(IndexArea);
        _il.Emit(OpCodes.Ldc_I4, (int)access.Varying!.Value.Scale);
        PushMaskBits(Mask);
        PushArea(ValueArea);
        _il.Emit(OpCodes.Ldc_I4, _block.Lanes);
        _il.Emit(OpCodes.Call, update);
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
