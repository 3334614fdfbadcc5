using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

internal sealed partial class CilEmitter
{
    /// <summary>A body with more statements is not emitted a second time for the case that all lanes run it.</summary>
    private const int MaxDuplicate = 400;

    private void EmitLanes(IrBlock block)
    {
        foreach (var statement in block.Statements) EmitLanes(statement);
    }

    private void EmitLanes(IrStatement statement)
    {
        switch (statement)
        {
            case var s when _plan!.IsSerial(s):
                EmitSerial(s);
                break;
            case IrAssign s:
                EmitLaneAssign(s);
                break;
            case IrStore s:
                EmitLaneStore(s);
                break;
            case IrAtomic s:
                EmitLaneAtomic(s);
                break;
            case IrIf s:
                EmitLaneIf(s);
                break;
            case IrLoop s:
                EmitLaneLoop(s);
                break;
            case IrLabeled s:
                EmitLaneLabeled(s);
                break;
            case IrLeave s when _lanes!.IsDivergent(s.Target, false):
                EmitLaneExit(_laneTargets[s.Target].Leave);
                break;
            case IrLeave s:
                _il.Emit(OpCodes.Br, _labels[s.Target].Leave);
                break;
            case IrContinue s when _lanes!.IsDivergent(s.Target, true):
                EmitLaneExit(_laneTargets[s.Target].Continue);
                break;
            case IrContinue s:
                _il.Emit(OpCodes.Br, _labels[s.Target].Continue);
                break;
            case IrReturn when _scopes.Count > 1:
                EmitLaneExit(0);
                break;
            case IrReturn:
                _il.Emit(OpCodes.Br, _nextThread!.Value);
                break;
            case IrSwitch s:
                EmitLaneSwitch(s);
                break;
            case IrFence or IrTrap:
                Emit(statement);
                break;
        }

        ReleaseTemps();
    }

    private void EmitLaneAssign(IrAssign statement)
    {
        var (slot, value) = (statement.Slot, statement.Value);
        if (slot.Storage == IrSlotStorage.Uniform || _lanes!.Shape(slot).IsAffine)
        {
            Emit(value);
            _il.Emit(OpCodes.Stloc, Slot(slot));
            return;
        }

        Prepare(value);
        var parts = VectorIsa.Parts(slot.Type);
        if (parts == 1)
        {
            var isBlended = _lanes.IsBlended(statement) && Mask is not null;
            if (isBlended) PushMask(Mask!, slot.Type, 0);
            PushLanes(value, 0);
            if (isBlended)
            {
                _il.Emit(OpCodes.Ldloc, LaneSlot(slot)[0]);
                EmitSelect(VectorIsa.Element(slot.Type));
            }

            _il.Emit(OpCodes.Stloc, LaneSlot(slot)[0]);
            return;
        }

        AssignLanes(slot, Materialize(value), _lanes.IsBlended(statement));
    }

    private void EmitLaneIf(IrIf statement)
    {
        if (_lanes!.Shape(statement.Condition).IsUniform)
        {
            var otherwise = _il.DefineLabel();
            EmitBranch(statement.Condition, otherwise, false);
            EmitLanes(statement.Then);
            if (statement.Else.IsEmpty)
            {
                _il.MarkLabel(otherwise);
                return;
            }

            var join = _il.DefineLabel();
            _il.Emit(OpCodes.Br, join);
            _il.MarkLabel(otherwise);
            EmitLanes(statement.Else);
            _il.MarkLabel(join);
            return;
        }

        Prepare(statement.Condition);
        var parent = _scopes[^1];
        var (then, other) = (_il.DeclareLocal(IntVector), statement.Else.IsEmpty ? null : _il.DeclareLocal(IntVector));
        PushLanes(statement.Condition, 0);
        _il.Emit(OpCodes.Stloc, then);
        if (other is not null)
        {
            if (parent.Mask is not null)
            {
                _il.Emit(OpCodes.Ldloc, parent.Mask);
                _il.Emit(OpCodes.Ldloc, then);
                EmitBinary("AndNot", typeof(int));
            }
            else
            {
                _il.Emit(OpCodes.Ldloc, then);
                EmitUnary("OnesComplement", typeof(int));
            }

            _il.Emit(OpCodes.Stloc, other);
        }

        if (parent.Mask is not null)
        {
            _il.Emit(OpCodes.Ldloc, then);
            _il.Emit(OpCodes.Ldloc, parent.Mask);
            EmitBinary("BitwiseAnd", typeof(int));
            _il.Emit(OpCodes.Stloc, then);
        }

        ReleaseTemps();
        var end = _il.DefineLabel();
        EmitBranchBlock(statement.Then, then, parent, end);
        if (other is not null) EmitBranchBlock(statement.Else, other, parent, null);
        _il.MarkLabel(end);
        LeaveEmptyScope(parent);
    }

    /// <summary>Emits a block for the lanes of a mask, and where nothing speaks against it once more for all lanes.</summary>
    private void EmitBranchBlock(IrBlock block, LocalBuilder mask, LaneScope parent, Label? end)
    {
        if (block.IsEmpty) return;
        var skip = _il.DefineLabel();
        if (parent.Mask is null && MayDuplicate(block))
        {
            var some = _il.DefineLabel();
            PushMaskBits(mask);
            _il.Emit(OpCodes.Ldc_I4, (int)((1L << _block.Lanes) - 1));
            _il.Emit(OpCodes.Bne_Un, some);
            EmitScope(block, null, skip);
            _il.Emit(OpCodes.Br, end ?? skip);
            _il.MarkLabel(some);
        }

        EmitSkip(mask, skip);
        EmitScope(block, mask, skip);
        _il.MarkLabel(skip);
    }

    private bool MayDuplicate(IrBlock block) => !HasDivergentExit(block) && IrTree.All(block).Take(MaxDuplicate).Count() < MaxDuplicate;

    /// <summary>A round of a loop that lanes leave one by one: most rounds still have all of them.</summary>
    private void EmitLoopBody(IrBlock body, Label next)
    {
        var some = _il.DefineLabel();
        PushMaskBits(Mask);
        _il.Emit(OpCodes.Ldc_I4, (int)((1L << _block.Lanes) - 1));
        _il.Emit(OpCodes.Bne_Un, some);
        EmitScope(body, null, next);
        _il.Emit(OpCodes.Br, next);
        _il.MarkLabel(some);
        EmitLanes(body);
    }

    private void EmitScope(IrBlock block, LocalBuilder? mask, Label end)
    {
        var scope = new LaneScope(mask, end);
        _scopes.Add(scope);
        EmitLanes(block);
        CloseScope();
    }

    private void CloseScope()
    {
        var scope = _scopes[^1];
        _scopes.RemoveAt(_scopes.Count - 1);
        // An exit that goes beyond the parent took lanes out of it too.
        if (scope.Lowest < _scopes.Count) _scopes[^1].Lowest = Math.Min(_scopes[^1].Lowest, scope.Lowest);
    }

    /// <summary>Ends a scope whose lanes may all have left it.</summary>
    private void LeaveEmptyScope(LaneScope scope)
    {
        if (scope.Lowest < _scopes.Count && scope.Mask is not null) EmitSkip(scope.Mask, scope.End);
    }

    /// <summary>Jumps if no lane is active.</summary>
    private void EmitSkip(LocalBuilder mask, Label target)
    {
        PushMaskBits(mask);
        _il.Emit(OpCodes.Brfalse, target);
    }

    private bool HasDivergentExit(IrBlock block) => IrTree.All(block).Any(s => s switch
    {
        IrReturn => true,
        IrLeave x => _lanes!.IsDivergent(x.Target, false),
        IrContinue x => _lanes!.IsDivergent(x.Target, true),
        _ => false,
    });

    /// <summary>Takes the active lanes out of all scopes but the first <paramref name="remaining"/>.</summary>
    private void EmitLaneExit(int remaining)
    {
        var top = _scopes[^1];
        for (var i = remaining; i < _scopes.Count - 1; i++)
        {
            if (_scopes[i].Mask is not { } mask) continue;
            _il.Emit(OpCodes.Ldloc, mask);
            PushActive();
            EmitBinary("AndNot", typeof(int));
            _il.Emit(OpCodes.Stloc, mask);
        }

        top.Lowest = Math.Min(top.Lowest, remaining);
        _il.Emit(OpCodes.Br, top.End);
    }

    private LocalBuilder CopyMask(LaneScope parent)
    {
        var mask = _il.DeclareLocal(IntVector);
        if (parent.Mask is not null)
        {
            _il.Emit(OpCodes.Ldloc, parent.Mask);
        }
        else
        {
            _il.Emit(OpCodes.Ldc_I4_M1);
            EmitCreate(typeof(int));
        }

        _il.Emit(OpCodes.Stloc, mask);
        return mask;
    }

    private void EmitLaneLabeled(IrLabeled statement)
    {
        var end = _il.DefineLabel();
        _labels[statement.Label] = (end, end);
        _laneTargets[statement.Label] = (_scopes.Count, 0);
        if (!_lanes!.IsDivergent(statement.Label, false))
        {
            EmitLanes(statement.Body);
            _il.MarkLabel(end);
            return;
        }

        EmitScope(statement.Body, CopyMask(_scopes[^1]), end);
        _il.MarkLabel(end);
        LeaveEmptyScope(_scopes[^1]);
    }

    private void EmitLaneLoop(IrLoop loop)
    {
        var (top, next, end) = (_il.DefineLabel(), _il.DefineLabel(), _il.DefineLabel());
        _labels[loop.Label] = (end, next);
        var parent = _scopes[^1];
        var outside = _scopes.Count;
        var isDivergent = _lanes!.IsDivergent(loop);
        var parts = _lanes.IsDivergent(loop.Label, true);
        if (isDivergent) _scopes.Add(new LaneScope(CopyMask(parent), end));
        _laneTargets[loop.Label] = (outside, _scopes.Count);
        _il.MarkLabel(top);
        if (loop.Before is not null) EmitLoopCondition(loop.Before, end);
        if (parts) EmitScope(loop.Body, CopyMask(_scopes[^1]), next);
        else if (isDivergent && parent.Mask is null && MayDuplicate(loop.Body)) EmitLoopBody(loop.Body, next);
        else EmitLanes(loop.Body);
        _il.MarkLabel(next);
        LeaveEmptyScope(_scopes[^1]);
        EmitLanes(loop.Step);
        if (loop.After is not null) EmitLoopCondition(loop.After, end);
        EmitPoll();
        _il.Emit(OpCodes.Br, top);
        _il.MarkLabel(end);
        if (isDivergent) CloseScope();
        LeaveEmptyScope(parent);
    }

    /// <summary>Takes the lanes of which the condition is false out of the loop, and leaves it when none is left.</summary>
    private void EmitLoopCondition(IrExpression condition, Label end)
    {
        if (_lanes!.Shape(condition).IsUniform)
        {
            EmitBranch(condition, end, false);
            return;
        }

        Prepare(condition);
        var mask = Mask!;
        _il.Emit(OpCodes.Ldloc, mask);
        PushLanes(condition, 0);
        EmitBinary("BitwiseAnd", typeof(int));
        _il.Emit(OpCodes.Stloc, mask);
        EmitSkip(mask, end);
        ReleaseTemps();
    }

    private void EmitLaneSwitch(IrSwitch statement)
    {
        if (_lanes!.Shape(statement.Value).IsUniform)
        {
            EmitSwitch(statement, EmitLanes);
            return;
        }

        Prepare(statement.Value);
        var value = Materialize(statement.Value);
        var parent = _scopes[^1];
        var sections = statement.Sections.Select(s => s.Values.Count > 0 || s.IsDefault ? _il.DeclareLocal(IntVector) : null).ToArray();
        var rest = CopyMask(parent);
        for (var i = 0; i < sections.Length; i++)
        {
            if (sections[i] is not { } chosen) continue;
            EmitNoLanes();
            foreach (var constant in statement.Sections[i].Values)
            {
                for (var part = 0; part < value.Length; part++)
                {
                    _il.Emit(OpCodes.Ldloc, value[part]);
                    EmitConstant(new IrConstant(statement.Value.Type, constant));
                    EmitCreate(VectorIsa.Element(statement.Value.Type));
                    EmitBinary("Equals", VectorIsa.Element(statement.Value.Type));
                }

                if (value.Length == 2) EmitBinary("Narrow", typeof(long));
                EmitBinary("BitwiseOr", typeof(int));
            }

            _il.Emit(OpCodes.Ldloc, rest);
            EmitBinary("BitwiseAnd", typeof(int));
            _il.Emit(OpCodes.Stloc, chosen);
            _il.Emit(OpCodes.Ldloc, rest);
            _il.Emit(OpCodes.Ldloc, chosen);
            EmitBinary("AndNot", typeof(int));
            _il.Emit(OpCodes.Stloc, rest);
        }

        ReleaseTemps();
        // Lanes run on from section to section; what leaves is taken out of the mask.
        var running = _il.DeclareLocal(IntVector);
        EmitNoLanes();
        _il.Emit(OpCodes.Stloc, running);
        for (var i = 0; i < sections.Length; i++)
        {
            if (sections[i] is { } chosen)
            {
                _il.Emit(OpCodes.Ldloc, running);
                _il.Emit(OpCodes.Ldloc, chosen);
                EmitBinary("BitwiseOr", typeof(int));
                if (statement.Sections[i].IsDefault)
                {
                    _il.Emit(OpCodes.Ldloc, rest);
                    EmitBinary("BitwiseOr", typeof(int));
                }

                _il.Emit(OpCodes.Stloc, running);
            }

            var skip = _il.DefineLabel();
            var gone = _il.DefineLabel();
            EmitSkip(running, skip);
            EmitScope(statement.Sections[i].Body, running, gone);
            var through = _il.DefineLabel();
            _il.Emit(OpCodes.Br, through);
            _il.MarkLabel(gone);
            EmitNoLanes();
            _il.Emit(OpCodes.Stloc, running);
            _il.MarkLabel(through);
            _il.MarkLabel(skip);
        }

        LeaveEmptyScope(parent);

        void EmitNoLanes()
        {
            _il.Emit(OpCodes.Ldc_I4_0);
            EmitCreate(typeof(int));
        }
    }
}
