using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>What becomes of each kind of statement that the block runs as one.</summary>
public sealed partial class BarrierSplit
{
    private void Assign(IrAssign statement)
    {
        // The value depends on uniform slots alone, so the assignment may move to the front of the region, which so stays whole.
        var isRead = _pending.SelectMany(g => g.Statements).Any(s => IrTree.AllExpressions(new IrBlock([s])).Any(e => e is IrSlotRead read && read.Slot == statement.Slot));
        if (isRead || IrTree.CanFault(statement.Value)) Flush();
        _output.Add(statement);
    }

    private void If(IrIf statement)
    {
        if (_plan.IsAvailable(statement.Condition))
        {
            Flush();
            _output.Add(new IrIf(statement.Condition, Nested(statement.Then), Nested(statement.Else), statement.Span));
            return;
        }

        var then = NewMask("then", statement.Condition);
        if (statement.Else.IsEmpty)
        {
            Branch(then, Any(then), statement.Then);
            return;
        }

        var otherwise = NewMask("else", IrBuilder.Not(IrBuilder.Read(then)));
        var anyElse = NewUniform("any", IrType.Bool);
        _output.Add(new IrAssign(anyElse, IrBuilder.False));
        Unmasked(SetIf(otherwise, anyElse));
        Branch(then, Any(then), statement.Then);
        Branch(otherwise, anyElse, statement.Else);
    }

    /// <summary>Runs a block for the threads of a mask, if there are any.</summary>
    private void Branch(IrSlot mask, IrSlot any, IrBlock block)
    {
        Flush();
        _frames.Add(new Frame(mask));
        _output.Add(new IrIf(IrBuilder.Read(any), Nested(block), new IrBlock()));
        _frames.RemoveAt(_frames.Count - 1);
    }

    private void Labeled(IrLabeled statement)
    {
        var isMasked = MaskedExits(statement.Body).Any(s => s is IrLeave leave && leave.Target == statement.Label);
        if (isMasked)
        {
            var mask = NewMask("in", IrBuilder.True);
            _frames.Add(new Frame(mask, statement.Label));
        }

        if (BlockExits(statement.Body).Any(s => s is IrLeave leave && leave.Target == statement.Label))
        {
            Flush();
            _output.Add(new IrLabeled(statement.Label, Nested(statement.Body), statement.Span));
        }
        else
        {
            foreach (var inner in statement.Body.Statements) Statement(inner);
        }

        if (isMasked) _frames.RemoveAt(_frames.Count - 1);
    }

    private void Loop(IrLoop loop)
    {
        var before = loop.Before is null || _plan.IsAvailable(loop.Before);
        var after = loop.After is null || _plan.IsAvailable(loop.After);
        var exits = MaskedExits(loop.Body).ToList();
        // A later round comes after the returns of this one.
        _mayHaveReturned |= exits.Any(s => s is IrReturn);
        var inner = IrTree.All(loop.Body).Select(s => s switch { IrLoop l => l.Label, IrLabeled l => l.Label, _ => null }).ToHashSet();
        var isMasked = !before || !after || exits.Any(s => s is IrLeave leave && leave.Target == loop.Label);
        var isContinued = exits.Any(s => s is IrContinue next && next.Target == loop.Label);
        // Threads may go further than out of the loop, and leave nobody in it.
        var mayEmpty = isMasked || exits.Any(s => s switch
        {
            IrReturn => true,
            IrLeave leave => leave.Target != loop.Label && !inner.Contains(leave.Target),
            IrContinue next => next.Target != loop.Label && !inner.Contains(next.Target),
            _ => false,
        });
        var depth = _frames.Count;
        if (isMasked) _frames.Add(new Frame(NewMask("loop", IrBuilder.True), loop.Label));
        Flush();
        var body = Nested(
            loop.Body,
            () =>
            {
                if (!before) Unmasked(Narrow(loop.Before!));
                if (mayEmpty)
                {
                    var any = Any(Current!);
                    _output.Add(new IrIf(IrBuilder.Not(IrBuilder.Read(any)), new IrBlock([new IrLeave(loop.Label)]), new IrBlock()));
                }

                if (isContinued) _frames.Add(new Frame(NewMask("round", IrBuilder.True), Continue: loop.Label));
            },
            () =>
            {
                Flush();
                if (isContinued) _frames.RemoveAt(_frames.Count - 1);
            });
        var step = Nested(loop.Step, after: () =>
        {
            if (!after) Unmasked(Narrow(loop.After!));
        });
        _output.Add(new IrLoop(loop.Label, before ? loop.Before : null, body, step, after ? loop.After : null, loop.Span) { Unroll = loop.Unroll });
        _frames.RemoveRange(depth, _frames.Count - depth);
    }

    /// <summary>Takes the threads of which the condition is false out of the current mask.</summary>
    private IrAssign Narrow(IrExpression condition) => new(Current!, IrBuilder.And(IrBuilder.Read(Current!), condition));

    private void Switch(IrSwitch statement)
    {
        if (_plan.IsAvailable(statement.Value))
        {
            Flush();
            _output.Add(new IrSwitch(statement.Value, [.. statement.Sections.Select(s => s with { Body = Nested(s.Body) })], statement.Span));
            return;
        }

        // Each thread notes its section; section after section is run by the threads that chose it or fell into it.
        var chosen = _kernel.NewSlot("section", IrType.I32);
        var found = new IrLabel("found");
        Unmasked(new IrAssign(chosen, IrBuilder.Int(-1)));
        Masked(new IrLabeled(found, new IrBlock([new IrSwitch(
            statement.Value,
            [.. statement.Sections.Select((s, i) => s with { Body = new IrBlock([new IrAssign(chosen, IrBuilder.Int(i)), new IrLeave(found)]) })],
            statement.Span)])));
        var mask = _kernel.NewSlot("case", IrType.Bool);
        Unmasked(new IrAssign(mask, IrBuilder.False));
        for (var i = 0; i < statement.Sections.Count; i++)
        {
            var isChosen = IrBuilder.Binary(IrBinaryOp.Equal, IrBuilder.Read(chosen), IrBuilder.Int(i));
            Unmasked(new IrAssign(mask, IrBuilder.Or(IrBuilder.Read(mask), isChosen)));
            Branch(mask, Any(mask), statement.Sections[i].Body);
        }
    }

    private void Barrier(IrBarrier barrier)
    {
        if (Current is not null && Current != _alive && !_isChecked) CheckAllHere(barrier);
        if (barrier.Kind is IrBarrierKind.Plain or IrBarrierKind.Grid)
        {
            Flush();
            if (_isChecked) _output.Add(new IrArrival(Current, _alive, barrier.Span));
            _output.Add(barrier);
            return;
        }

        var total = NewUniform("total", IrType.I32);
        _output.Add(new IrAssign(total, IrBuilder.Int(barrier.Kind == IrBarrierKind.And ? 1 : 0)));
        var isSet = IrBuilder.Convert(IrType.I32, IrBuilder.Convert(IrType.Bool, barrier.Predicate!));
        var op = barrier.Kind switch { IrBarrierKind.Count => IrBinaryOp.Add, IrBarrierKind.And => IrBinaryOp.And, _ => IrBinaryOp.Or };
        Masked(new IrAssign(total, IrBuilder.Binary(op, IrBuilder.Read(total), isSet)));
        Flush();
        if (_isChecked) _output.Add(new IrArrival(Current, _alive, barrier.Span));
        _output.Add(new IrBarrier(IrBarrierKind.Plain, null, null, barrier.Span));
        if (barrier.Result is null) return;
        var result = new IrAssign(barrier.Result, IrBuilder.Read(total), barrier.Span);
        if (barrier.Result.Storage == IrSlotStorage.Uniform) _output.Add(result);
        else Masked(result);
    }

    /// <summary>A barrier under a mask: each thread must either be here or have returned, unless nobody is here.</summary>
    private void CheckAllHere(IrBarrier barrier)
    {
        var here = NewUniform("here", IrType.I32);
        var missing = NewUniform("missing", IrType.I32);
        _output.Add(new IrAssign(here, IrBuilder.Int(-1)));
        _output.Add(new IrAssign(missing, IrBuilder.Int(-1)));
        IrStatement isMissing = First(missing);
        if (_alive is not null) isMissing = new IrIf(IrBuilder.Read(_alive), new IrBlock([isMissing]), new IrBlock());
        Unmasked(new IrIf(IrBuilder.Read(Current!), new IrBlock([First(here)]), new IrBlock([isMissing])));
        Flush();
        _output.Add(new IrIf(
            IrBuilder.And(IsSet(here), IsSet(missing)),
            new IrBlock([new IrDivergence(IrBuilder.Read(here), IrBuilder.Read(missing), barrier.Span)]),
            new IrBlock()));

        static IrExpression IsSet(IrSlot slot) => IrBuilder.Binary(IrBinaryOp.GreaterOrEqual, IrBuilder.Read(slot), IrBuilder.Int(0));

        static IrIf First(IrSlot slot) => new(
            IrBuilder.Binary(IrBinaryOp.Less, IrBuilder.Read(slot), IrBuilder.Int(0)),
            new IrBlock([new IrAssign(slot, IrBuilder.Convert(IrType.I32, IrBuilder.Builtin(IrBuiltin.LinearThread)))]),
            new IrBlock());
    }

    private void Warp(IrWarp warp)
    {
        if (warp.Result is null && !_isChecked)
        {
            // What it orders is ordered by ending the region.
            Flush();
            return;
        }

        var arguments = warp.Arguments.Select(Publish).ToArray();
        Flush();
        _output.Add(new IrWarpExchange(warp.Result, warp.Op, arguments, Current, warp.Span) { NamesLanes = warp.NamesLanes, Alive = _isChecked ? _alive : null });
    }

    /// <summary>Lets each thread put the value where the others find it.</summary>
    private IrExpression Publish(IrExpression value)
    {
        if (_plan.IsAvailable(value) || value is IrSlotRead { Slot.Storage: not IrSlotStorage.Uniform }) return value;
        var slot = _kernel.NewSlot("lane", value.Type);
        Masked(new IrAssign(slot, value));
        return IrBuilder.Read(slot);
    }
}
