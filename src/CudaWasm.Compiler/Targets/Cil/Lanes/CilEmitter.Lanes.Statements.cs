using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

internal sealed partial class CilEmitter
{
    /// <summary>A body with more statements is not emitted a second time for the case that all lanes run it.</summary>
    private const int MaxDuplicate = 400;

    private void EmitLanes(IrBlock block)
    {
        ForgetOffsets();
        foreach (var statement in block.Statements) EmitLanes(statement);
        ForgetOffsets();
    }

    private void EmitLanes(IrStatement statement)
    {
        var isStraight = statement is IrAssign or IrStore && !_plan!.IsSerial(statement);
        if (!isStraight) ForgetOffsets();
        switch (statement)
        {
            case IrIf s when _plan!.SingleLane(s) is { } comparison:
                EmitSingleLane(s, comparison);
                break;
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
            case IrWarp s:
                EmitLaneWarp(s);
                break;
            case IrFence or IrTrap:
                Emit(statement);
                break;
        }

        if (!isStraight) ForgetOffsets();
        else if (statement is IrAssign assign) ForgetOffsets(assign.Slot);
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
        AssignLanes(slot, _lanes.IsBlended(statement), part => PushLanes(value, part));
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

        var parent = _scopes[^1];
        var end = _il.DefineLabel();
        var hasEnds = parent.Mask is null && MayDuplicate(statement.Then) && MayDuplicate(statement.Else) && HasEndTest(statement.Condition);
        if (hasEnds)
        {
            // Mostly all lanes agree; then no mask is made.
            var some = _il.DefineLabel();
            EmitEndTest(statement.Condition, some);
            EmitScope(statement.Then, null, end);
            _il.Emit(OpCodes.Br, end);
            _il.MarkLabel(some);
        }

        if (statement.Else.IsEmpty)
        {
            EmitNoneTest(statement.Condition, end, _regionEnd is { } region && region.Last == statement ? region.End : end);
        }
        else if (hasEnds)
        {
            var (none, some) = (_il.DefineLabel(), _il.DefineLabel());
            EmitNoneTest(statement.Condition, none, none);
            _il.Emit(OpCodes.Br, some);
            _il.MarkLabel(none);
            EmitScope(statement.Else, null, end);
            _il.Emit(OpCodes.Br, end);
            _il.MarkLabel(some);
        }

        Prepare(statement.Condition);
        var (then, other) = (DeclareMask(), statement.Else.IsEmpty ? null : DeclareMask());
        StoreParts(then, row => PushLanes(statement.Condition, row));
        if (other is not null)
        {
            StoreParts(other, row =>
            {
                if (parent.Mask is not null) _il.Emit(OpCodes.Ldloc, parent.Mask[row]);
                _il.Emit(OpCodes.Ldloc, then[row]);
                if (parent.Mask is not null) EmitBinary("AndNot", typeof(int));
                else EmitUnary("OnesComplement", typeof(int));
            });
        }

        if (parent.Mask is not null)
        {
            StoreParts(then, row =>
            {
                _il.Emit(OpCodes.Ldloc, then[row]);
                AndMask(parent.Mask, row);
            });
        }

        ReleaseTemps();
        EmitBranchBlock(statement.Then, then, parent, end, !hasEnds, statement.Condition);
        if (other is not null) EmitBranchBlock(statement.Else, other, parent, null, !hasEnds);
        _il.MarkLabel(end);
        LeaveEmptyScope(parent);
    }

    /// <summary>Emits a block for the lanes of a mask, and where nothing speaks against it once more for all lanes, unless code before has seen to that.</summary>
    private void EmitBranchBlock(IrBlock block, LocalBuilder[] mask, LaneScope parent, Label? end, bool testsAll, IrExpression? condition = null)
    {
        if (block.IsEmpty) return;
        var skip = _il.DefineLabel();
        if (testsAll && parent.Mask is null && MayDuplicate(block))
        {
            var some = _il.DefineLabel();
            EmitUnlessAll(mask, some);
            EmitScope(block, null, skip);
            _il.Emit(OpCodes.Br, end ?? skip);
            _il.MarkLabel(some);
        }

        EmitSkip(mask, skip);
        if (condition is not null && MayNarrow(block, condition)) EmitByRegisters(block, mask, skip);
        else EmitScope(block, mask, skip);
        _il.MarkLabel(skip);
    }

    private bool MayDuplicate(IrBlock block) => !HasDivergentExit(block) && IrTree.All(block).Take(MaxDuplicate).Count() < MaxDuplicate;

    /// <summary>A round of a loop that lanes leave one by one: most rounds still have all of them.</summary>
    private void EmitLoopBody(IrBlock body, Label next)
    {
        var some = _il.DefineLabel();
        EmitUnlessAll(Mask!, some);
        EmitScope(body, null, next);
        _il.Emit(OpCodes.Br, next);
        _il.MarkLabel(some);
        EmitLanes(body);
    }

    private void EmitScope(IrBlock block, LocalBuilder[]? mask, Label end)
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
            StoreParts(mask, row =>
            {
                _il.Emit(OpCodes.Ldloc, mask[row]);
                PushActive(Mask, row);
                EmitBinary("AndNot", typeof(int));
            });
        }

        top.Lowest = Math.Min(top.Lowest, remaining);
        _il.Emit(OpCodes.Br, top.End);
    }

    private LocalBuilder[] CopyMask(LaneScope parent)
    {
        var mask = DeclareMask();
        StoreParts(mask, row => PushActive(parent.Mask, row));
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
        var parent = _scopes[^1];
        var outside = _scopes.Count;
        var isDivergent = _lanes!.IsDivergent(loop);
        _loopDepth++;
        var parts = _lanes.IsDivergent(loop.Label, true);
        var mayDuplicate = isDivergent && !parts && parent.Mask is null && MayDuplicate(loop.Body);
        var hasWholeRounds = mayDuplicate && loop is { Before: { } before, After: null } && HasEndTest(before);
        if (hasWholeRounds) EmitWholeRounds(loop, end);
        _labels[loop.Label] = (end, next);
        if (isDivergent) _scopes.Add(new LaneScope(CopyMask(parent), end));
        _laneTargets[loop.Label] = (outside, _scopes.Count);
        _il.MarkLabel(top);
        if (loop.Before is not null) EmitLoopCondition(loop.Before, end);
        if (parts) EmitScope(loop.Body, CopyMask(_scopes[^1]), next);
        else if (mayDuplicate && !hasWholeRounds) EmitLoopBody(loop.Body, next);
        else if (hasWholeRounds && MayNarrow(loop.Body, loop.Before!)) EmitByRegisters(loop.Body, Mask!, next);
        else EmitLanes(loop.Body);
        _il.MarkLabel(next);
        LeaveEmptyScope(_scopes[^1]);
        EmitLanes(loop.Step);
        if (loop.After is not null) EmitLoopCondition(loop.After, end);
        EmitPoll();
        _il.Emit(OpCodes.Br, top);
        _il.MarkLabel(end);
        _loopDepth--;
        if (isDivergent) CloseScope();
        LeaveEmptyScope(parent);
    }

    /// <summary>The rounds that all lanes run, as a loop of its own.</summary>
    private void EmitWholeRounds(IrLoop loop, Label end)
    {
        var (top, next, rest) = (_il.DefineLabel(), _il.DefineLabel(), _il.DefineLabel());
        _labels[loop.Label] = (end, next);
        _il.MarkLabel(top);
        EmitEndTest(loop.Before!, rest);
        ReleaseTemps();
        EmitLanes(loop.Body);
        _il.MarkLabel(next);
        EmitLanes(loop.Step);
        EmitPoll();
        _il.Emit(OpCodes.Br, top);
        _il.MarkLabel(rest);
    }

    /// <summary>Takes the lanes of which the condition is false out of the loop, and leaves it when none is left.</summary>
    private void EmitLoopCondition(IrExpression condition, Label end)
    {
        if (_lanes!.Shape(condition).IsUniform)
        {
            EmitBranch(condition, end, false);
            return;
        }

        EmitNoneTest(condition, end, end);
        Prepare(condition);
        var mask = Mask!;
        StoreParts(mask, row =>
        {
            PushLanes(condition, row);
            AndMask(mask, row);
        });
        EmitSkip(mask, end);
        ReleaseTemps();
    }
}
