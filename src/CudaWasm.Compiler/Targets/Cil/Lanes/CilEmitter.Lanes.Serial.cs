using System.Numerics;
using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

internal sealed partial class CilEmitter
{
    private int _spills;

    /// <summary>Runs a statement that has no vector code: once for each active lane, by the scalar code.</summary>
    private void EmitSerial(IrStatement statement) => EmitSerial(statement, ForEachLane);

    /// <summary>Runs a statement by the scalar code, for the one lane at which the sides of a comparison are equal, if that is here.</summary>
    private void EmitSingleLane(IrIf statement, IrBinary comparison)
    {
        var end = _il.DefineLabel();
        var lane = Acquire(typeof(int));
        var isUp = _lanes!.Shape(comparison.Left).Stride > _lanes.Shape(comparison.Right).Stride;
        var isWide = IsWide(comparison.Left.Type);
        var distance = Acquire(StackType(comparison.Left.Type));
        // The difference counts the lanes, in the arithmetic of the type.
        Emit(isUp ? comparison.Right : comparison.Left);
        Emit(isUp ? comparison.Left : comparison.Right);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Stloc, distance);
        _il.Emit(OpCodes.Ldloc, distance);
        if (isWide) _il.Emit(OpCodes.Ldc_I8, (long)_block.Lanes);
        else _il.Emit(OpCodes.Ldc_I4, _block.Lanes);
        _il.Emit(OpCodes.Bge_Un, end);
        _il.Emit(OpCodes.Ldloc, distance);
        if (isWide) _il.Emit(OpCodes.Conv_I4);
        _il.Emit(OpCodes.Stloc, lane);
        if (Mask is { } mask)
        {
            PushMaskBits(mask);
            _il.Emit(OpCodes.Ldloc, lane);
            _il.Emit(OpCodes.Shr_Un);
            _il.Emit(OpCodes.Ldc_I4_1);
            _il.Emit(OpCodes.And);
            _il.Emit(OpCodes.Brfalse, end);
        }

        EmitSerial(statement, body => body(lane));
        _il.MarkLabel(end);
        Release(lane);
        Release(distance);
    }

    private void EmitSerial(IrStatement statement, Action<Action<LocalBuilder>> forLanes)
    {
        var reads = IrTree.All(statement).SelectMany(IrTree.Expressions).SelectMany(IrTree.All).OfType<IrSlotRead>().Select(e => e.Slot);
        var writes = IrTree.All(statement).Select(IrTree.Target).OfType<IrSlot>().Where(s => s.Storage != IrSlotStorage.Uniform).ToHashSet();
        EmitLaneByLane(reads.Concat(writes), writes, [.. OwnVariables(statement).Where(v => !IsInterleaved(v))], () => Emit(statement), forLanes);
    }

    /// <summary>Computes an operation that has no vector code for each active lane. Its operands are prepared.</summary>
    private LocalBuilder[] EmitSerialValue(IrExpression e)
    {
        // The operands become slots, which the scalar code reads.
        var operands = IrTree.Operands(e).ToList();
        var slots = new Dictionary<IrExpression, IrSlot>(ReferenceEqualityComparer.Instance);
        foreach (var operand in operands.Where(o => _lanes!.Shape(o).IsVarying && !slots.ContainsKey(o)))
        {
            slots.Add(operand, new IrSlot("operand", operand.Type, -1));
        }

        var result = new IrSlot("result", e.Type, -1);
        var values = AcquireVectors(e.Type);
        foreach (var (operand, slot) in slots)
        {
            _laneSlots[slot] = operand is IrSlotRead read ? LaneSlot(read.Slot) : Materialize(operand);
            _slots[slot] = Acquire(StackType(slot.Type));
        }

        _laneSlots[result] = values;
        _slots[result] = Acquire(StackType(e.Type));
        var scalar = new OperandRewriter(slots).Rewrite(e);
        var others = operands.Where(o => !slots.ContainsKey(o)).SelectMany(IrTree.All).OfType<IrSlotRead>().Select(r => r.Slot);
        EmitLaneByLane(slots.Values.Concat(others), [result], [], () => Emit(new IrAssign(result, scalar)), ForEachLane);
        foreach (var slot in slots.Values.Append(result))
        {
            Release(_slots[slot]);
            _slots.Remove(slot);
            _laneSlots.Remove(slot);
        }

        return values;
    }

    /// <summary>Puts slots in the places of operands. Only the operation itself is copied.</summary>
    private sealed class OperandRewriter(Dictionary<IrExpression, IrSlot> slots) : IrRewriter
    {
        public override IrExpression Rewrite(IrExpression expression) =>
            slots.TryGetValue(expression, out var slot) ? new IrSlotRead(slot) : base.Rewrite(expression);
    }

    /// <summary>Runs scalar code for each active lane: its slots and its thread index are where the scalar code looks for them.</summary>
    /// <param name="reads">The slots that the code reads.</param>
    /// <param name="writes">The slots that it may assign.</param>
    /// <param name="own">Local variables that it uses.</param>
    /// <param name="body">Emits the code.</param>
    /// <param name="forLanes">Emits, around code for a lane whose number it gives, what chooses the lanes.</param>
    private void EmitLaneByLane(
        IEnumerable<IrSlot> reads, IReadOnlyCollection<IrSlot> writes, IReadOnlyList<IrVariable> own, Action body, Action<Action<LocalBuilder>> forLanes)
    {
        var depth = _spills;
        var varying = new List<(IrSlot Slot, int Area)>();
        var affine = new List<(IrSlot Slot, long Stride, LocalBuilder First)>();
        foreach (var slot in reads.Concat(writes).Distinct().Where(s => s.Storage != IrSlotStorage.Uniform))
        {
            if (_laneSlots.ContainsKey(slot) || _lanes!.Shape(slot).IsVarying)
            {
                var area = SpillArea + (_spills++ * LaneMemory.ValueBytes);
                Spill(LaneSlot(slot), area);
                varying.Add((slot, area));
            }
            else if (_lanes.Shape(slot) is { IsUniform: false, Stride: { } stride })
            {
                var first = Acquire(StackType(slot.Type));
                _il.Emit(OpCodes.Ldloc, Slot(slot));
                _il.Emit(OpCodes.Stloc, first);
                affine.Add((slot, stride, first));
            }
        }

        var firstThread = Acquire(typeof(int));
        var (x, y, z) = (Acquire(typeof(int)), Acquire(typeof(int)), Acquire(typeof(int)));
        Move(ThreadLocal, firstThread);
        Move(ThreadX, x);
        Move(ThreadY, y);
        Move(ThreadZ, z);
        var places = own.Select(v => (Variable: v, First: Acquire(typeof(long)))).ToList();
        foreach (var (variable, first) in places) Move(VariableRoot(variable).Base, first);
        forLanes(lane =>
        {
            AddLane(lane, firstThread, ThreadLocal);
            if (_block.IsRow) AddLane(lane, x, ThreadX);
            else LocateThread();
            foreach (var (slot, stride, first) in affine)
            {
                _il.Emit(OpCodes.Ldloc, first);
                _il.Emit(OpCodes.Ldloc, lane);
                if (slot.Type.Size() == 8)
                {
                    _il.Emit(OpCodes.Conv_I8);
                    _il.Emit(OpCodes.Ldc_I8, stride);
                }
                else
                {
                    _il.Emit(OpCodes.Ldc_I4, unchecked((int)stride));
                }

                _il.Emit(OpCodes.Mul);
                _il.Emit(OpCodes.Add);
                _il.Emit(OpCodes.Stloc, Slot(slot));
            }

            foreach (var (slot, area) in varying)
            {
                PushSpilled(area, lane, slot.Type);
                EmitLoad(SpillType(slot.Type), false);
                if (slot.Type == IrType.Bool) _il.Emit(OpCodes.Neg);
                _il.Emit(OpCodes.Stloc, Slot(slot));
            }

            foreach (var (variable, first) in places)
            {
                _il.Emit(OpCodes.Ldloc, first);
                _il.Emit(OpCodes.Ldloc, lane);
                _il.Emit(OpCodes.Conv_I8);
                _il.Emit(OpCodes.Ldc_I8, CilLayout.Stride(variable));
                _il.Emit(OpCodes.Mul);
                _il.Emit(OpCodes.Add);
                _il.Emit(OpCodes.Stloc, VariableRoot(variable).Base);
            }

            var inLanes = _inLanes;
            _inLanes = false;
            body();
            _inLanes = inLanes;
            foreach (var (slot, area) in varying.Where(v => writes.Contains(v.Slot)))
            {
                PushSpilled(area, lane, slot.Type);
                _il.Emit(OpCodes.Ldloc, Slot(slot));
                if (slot.Type == IrType.Bool) _il.Emit(OpCodes.Neg);
                EmitStore(SpillType(slot.Type), false);
            }
        });
        foreach (var (slot, area) in varying.Where(v => writes.Contains(v.Slot))) Unspill(LaneSlot(slot), area);
        foreach (var (slot, _, first) in affine)
        {
            Move(first, Slot(slot));
            Release(first);
        }

        Move(firstThread, ThreadLocal);
        Move(x, ThreadX);
        Move(y, ThreadY);
        Move(z, ThreadZ);
        foreach (var (variable, first) in places)
        {
            Move(first, VariableRoot(variable).Base);
            Release(first);
        }

        Release([firstThread, x, y, z]);
        _spills = depth;

        void Move(LocalBuilder from, LocalBuilder to)
        {
            _il.Emit(OpCodes.Ldloc, from);
            _il.Emit(OpCodes.Stloc, to);
        }

        void AddLane(LocalBuilder lane, LocalBuilder from, LocalBuilder to)
        {
            _il.Emit(OpCodes.Ldloc, from);
            _il.Emit(OpCodes.Ldloc, lane);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Stloc, to);
        }
    }

    /// <summary>Code for one active lane after the other, given the lane's number in a local.</summary>
    private void ForEachLane(Action<LocalBuilder> body)
    {
        var (bits, lane) = (Acquire(typeof(int)), Acquire(typeof(int)));
        var top = _il.DefineLabel();
        PushMaskBits(Mask);
        _il.Emit(OpCodes.Stloc, bits);
        _il.MarkLabel(top);
        _il.Emit(OpCodes.Ldloc, bits);
        Call(typeof(BitOperations), nameof(BitOperations.TrailingZeroCount), typeof(int));
        _il.Emit(OpCodes.Stloc, lane);
        body(lane);
        // The lowest bit is done.
        _il.Emit(OpCodes.Ldloc, bits);
        _il.Emit(OpCodes.Ldloc, bits);
        _il.Emit(OpCodes.Ldc_I4_1);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.And);
        _il.Emit(OpCodes.Stloc, bits);
        _il.Emit(OpCodes.Ldloc, bits);
        _il.Emit(OpCodes.Brtrue, top);
        Release(bits);
        Release(lane);
    }

    private void PushSpilled(int area, LocalBuilder lane, IrType type)
    {
        PushArea(area);
        _il.Emit(OpCodes.Ldloc, lane);
        _il.Emit(OpCodes.Ldc_I4, SpillType(type).Size());
        _il.Emit(OpCodes.Mul);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Add);
    }

    private bool IsInterleaved(IrVariable variable) => _plan!.IsInterleaved(variable);

    /// <summary>The local variables a statement reads or writes.</summary>
    private IEnumerable<IrVariable> OwnVariables(IrStatement statement) => IrTree.All(statement).SelectMany(IrTree.Expressions).SelectMany(IrTree.All)
        .Where(e => e.Type == IrType.Pointer).Select(e => _provenance.Root(e)?.Variable).OfType<IrVariable>().Where(v => v.Space == IrSpace.Local).Distinct();

    /// <summary>How one lane of a register lies in memory.</summary>
    private static IrType SpillType(IrType type) => type switch
    {
        IrType.F16 or IrType.BF16 => IrType.F32,
        _ when type.Size() < 4 => IrType.I32,
        _ => type,
    };
}
