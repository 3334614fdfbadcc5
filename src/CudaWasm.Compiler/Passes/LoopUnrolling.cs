using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// Writes out loops that count over a few constants, so that indices become constants, arrays can live in slots, and nothing is left to
/// count, and warp operations reach over constant distances. Only loops without barriers.
/// </summary>
internal static class LoopUnrolling
{
    private const int MaxTrips = 64;

    /// <summary>Nodes that a loop may become, without and with a <c>#pragma unroll</c>.</summary>
    private const int MaxNodes = 600;
    private const int MaxNodesAsked = 4000;

    /// <summary>Nodes that all loops of a kernel may become.</summary>
    private const int MaxTotal = 20000;

    public static void Apply(IrFunction kernel)
    {
        var budget = MaxTotal;
        Block(kernel.Body, ref budget);
    }

    private static void Block(IrBlock block, ref int budget)
    {
        var statements = block.Statements;
        for (var i = 0; i < statements.Count; i++)
        {
            foreach (var inner in IrTree.Blocks(statements[i])) Block(inner, ref budget);
            if (statements[i] is not IrLoop loop || Start(statements, i) is not { } start || Counter.Of(loop, start) is not { } counter) continue;
            var nodes = Nodes(loop.Body) * counter.Trips;
            if (nodes > (loop.Unroll is null ? MaxNodes : MaxNodesAsked) || nodes > budget) continue;
            budget -= nodes;
            var unrolled = counter.Unroll(loop);
            statements.RemoveAt(i);
            statements.InsertRange(i, unrolled);
            i += unrolled.Count - 1;
        }
    }

    /// <summary>Statements and expressions, counted as far as a loop can be large.</summary>
    public static int Nodes(IrBlock block) =>
        IrTree.All(block).Count() + IrTree.AllExpressions(block).Take(MaxNodesAsked).Count();

    /// <summary>The assignment of a constant that stands right before the loop, other assignments between.</summary>
    private static IrAssign? Start(List<IrStatement> statements, int loop)
    {
        if (((IrLoop)statements[loop]).Step.Statements is not [IrAssign step]) return null;
        for (var i = loop - 1; i >= 0 && statements[i] is IrAssign assign; i--)
        {
            if (assign.Slot == step.Slot) return assign.Value is IrConstant ? assign : null;
        }

        return null;
    }

    /// <summary>A slot that takes constant values, one a trip.</summary>
    private sealed class Counter(IrSlot slot, IReadOnlyList<IrConstant> values)
    {
        /// <summary>One more than the trips: the last value ends the loop.</summary>
        public int Trips => values.Count - 1;

        /// <summary>Null where the loop is not one that counts, or counts too far.</summary>
        public static Counter? Of(IrLoop loop, IrAssign start)
        {
            var isAsked = loop.Unroll is 0 or > 1;
            if (loop.Unroll == 1 || loop.Before is null || loop.After is not null || !start.Slot.Type.IsInteger()) return null;
            if (IrTree.All(loop.Body).Any(s => IrTree.Target(s) == start.Slot || s is IrBarrier)) return null;
            if (IrTree.All(loop.Before).Any(e => e is IrSlotRead read && read.Slot != start.Slot) || IrTree.CanFault(loop.Before)) return null;
            var step = ((IrAssign)loop.Step.Statements[0]).Value;
            var values = new List<IrConstant> { (IrConstant)start.Value };
            while (true)
            {
                var at = Value(start.Slot, values[^1]);
                if (at.Rewrite(loop.Before) is not IrConstant goesOn) return null;
                if (goesOn.Bits == 0) break;
                if (values.Count > (isAsked ? 4 * MaxTrips : MaxTrips) || at.Rewrite(step) is not IrConstant next) return null;
                values.Add(next);
            }

            return new Counter(start.Slot, values);
        }

        public List<IrStatement> Unroll(IrLoop loop)
        {
            var body = new List<IrStatement>();
            foreach (var value in values.SkipLast(1))
            {
                body.Add(new IrAssign(slot, value));
                body.AddRange(Value(slot, value).Trip(loop));
            }

            body.Add(new IrAssign(slot, values[^1]));
            var isLeft = IrTree.All(loop.Body).Any(s => s is IrLeave leave && leave.Target == loop.Label);
            return isLeft ? [new IrLabeled(loop.Label, new IrBlock(body), loop.Span)] : body;
        }

        private static Substitution Value(IrSlot slot, IrConstant value) => new(e => e is IrSlotRead read && read.Slot == slot ? value : null);
    }
}
