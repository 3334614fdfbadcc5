using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// A kernel that is one loop over the grid's stride,
/// <c>for (i = blockIdx.x * blockDim.x + threadIdx.x; i &lt; n; i += blockDim.x * gridDim.x)</c>, goes round by round for all threads of a block
/// instead of thread by thread: a thread's elements lie far apart, those of the block's threads side by side. Only where nothing but the counter
/// lives from round to round.
/// </summary>
internal static class GridStrideLoops
{
    public static void Apply(IrFunction kernel)
    {
        if (kernel.Body.Statements is not [IrThreadLoop region] || region.Body.Statements is not [.. var before, IrLoop loop]) return;
        if (Recognize(kernel, before, loop) is not var (counter, start, step, trip)) return;
        var distance = kernel.NewSlot("distance", counter.Type);
        distance.Storage = IrSlotStorage.Uniform;
        var comparison = (IrBinary)loop.Before!;
        var isFirst = new Substitution(e => e is IrSlotRead read && read.Slot == counter ? Moved(new Substitution(FirstThread).Rewrite(start)) : null).Rewrite(comparison);
        var round = new IrBlock([.. before.Where(s => s is IrAssign assign && assign.Slot != counter), new IrAssign(counter, Moved(start))]);
        round.Statements.Add(new IrIf(comparison, trip, new IrBlock(), loop.Span));
        kernel.Body = new IrBlock(
        [
            new IrAssign(distance, IrBuilder.Zero(counter.Type)),
            new IrLoop(
                new IrLabel("rounds"),
                isFirst,
                new IrBlock([new IrThreadLoop(round, region.Span)]),
                new IrBlock([new IrAssign(distance, IrBuilder.Binary(IrBinaryOp.Add, IrBuilder.Read(distance), step))]),
                null,
                loop.Span),
        ]);

        IrExpression Moved(IrExpression value) => IrBuilder.Binary(IrBinaryOp.Add, value, IrBuilder.Read(distance));
    }

    /// <summary>The counter, what it begins with, what each round adds to it, and what a round does; null where the loop is of another kind.</summary>
    private static (IrSlot Counter, IrExpression Start, IrExpression Step, IrBlock Trip)? Recognize(IrFunction kernel, IList<IrStatement> before, IrLoop loop)
    {
        if (loop is not { After: null, Before: IrBinary { Op: IrBinaryOp.Less, Left: IrSlotRead { Slot: var counter } } comparison, Step.Statements: [IrAssign next] } || next.Slot != counter) return null;
        if (!counter.Type.IsInteger() || counter.Type.Size() < 4) return null;
        // All but the counter's start is the same whenever it is computed.
        if (before.Any(s => s is not IrAssign) || before.OfType<IrAssign>().Where(s => s.Slot == counter).ToList() is not [var first] || before[^1] != first) return null;
        var values = Recomputation.FindValues(kernel);
        if (before.OfType<IrAssign>().Any(s => s != first && !values.ContainsKey(s.Slot))) return null;
        if (Recomputation.Expand(first.Value, values) is not { } start || !GrowsWithIndices(start, counter.Type)) return null;
        if (Recomputation.Expand(comparison.Right, values) is not { } bound || !IsOfGrid(bound)) return null;
        if (StepOf(next.Value, counter) is not { } step || Recomputation.Expand(step, values) is not { } stride || !IsOfGrid(stride)) return null;
        var trip = new IrBlock([.. new Substitution(_ => null).Trip(loop)]);
        return IsIndependent(kernel, trip, counter) ? (counter, start, IrBuilder.Convert(counter.Type, stride), trip) : null;
    }

    /// <summary>Rounds may change places with threads: none of the slots that a round assigns is read by the next.</summary>
    private static bool IsIndependent(IrFunction kernel, IrBlock trip, IrSlot counter)
    {
        if (IrTree.All(trip).Any(s => s is IrReturn || trip.Statements.All(whole => IrTree.Leaves(whole, s)))) return false;
        if (!IrTree.All(trip).All(BlockRows.IsUnobserved) || !IrTree.AllExpressions(trip).All(BlockRows.IsUnobserved)) return false;
        var liveness = new SlotLiveness(kernel);
        var (exposed, assigned) = (liveness.LiveIn(trip, liveness.Empty()), liveness.Assigned(trip));
        return !assigned.Contains(counter) && kernel.Slots.All(s => !exposed.Contains(s) || !assigned.Contains(s));
    }

    /// <summary>What is added to the counter, in a type of its size.</summary>
    private static IrExpression? StepOf(IrExpression next, IrSlot counter)
    {
        if (Strip(next) is not IrBinary { Op: IrBinaryOp.Add } sum || sum.Type.Size() != counter.Type.Size()) return null;
        if (IsCounter(sum.Left)) return sum.Right;
        return IsCounter(sum.Right) ? sum.Left : null;

        bool IsCounter(IrExpression e) => Strip(e) is IrSlotRead read && read.Slot == counter;

        IrExpression Strip(IrExpression e) => e is IrConvert { Operand: var operand } && operand.Type.IsInteger() && operand.Type.Size() == e.Type.Size() ? Strip(operand) : e;
    }

    /// <summary>The same for all blocks and threads.</summary>
    private static bool IsOfGrid(IrExpression e) => IrTree.All(e).All(part => part is not IrBuiltinRead read
        || read.Builtin is IrBuiltin.BlockDimX or IrBuiltin.BlockDimY or IrBuiltin.BlockDimZ or IrBuiltin.GridDimX or IrBuiltin.GridDimY or IrBuiltin.GridDimZ);

    /// <summary>
    /// Least for the first thread of the first block. What all threads add may be negative where the counter is signed; in an unsigned one, or on the
    /// way to a wider one, it would wrap around for some of them.
    /// </summary>
    private static bool GrowsWithIndices(IrExpression e, IrType counter) => IsCount(e) || (counter.IsSigned() && e switch
    {
        IrConvert { Operand: var operand } => IsOfGrid(e) || (operand.Type.IsInteger() && operand.Type.Size() == e.Type.Size() && GrowsWithIndices(operand, counter)),
        IrBinary { Op: IrBinaryOp.Add } sum when sum.Type.Size() == counter.Size() => GrowsWithIndices(sum.Left, counter) && GrowsWithIndices(sum.Right, counter),
        _ => IsOfGrid(e),
    });

    /// <summary>Not negative, and growing with indices.</summary>
    private static bool IsCount(IrExpression e) => e switch
    {
        IrConstant { Bits: >= 0 and <= int.MaxValue } or IrBuiltinRead => true,
        IrConvert { Operand: var operand } => operand.Type.IsInteger() && e.Type.Size() >= 4 && IsCount(operand),
        IrBinary { Op: IrBinaryOp.Add or IrBinaryOp.Multiply } both => IsCount(both.Left) && IsCount(both.Right),
        IrBinary { Op: IrBinaryOp.ShiftLeft, Right: IrConstant } shift => IsCount(shift.Left),
        _ => false,
    };

    private static IrConstant? FirstThread(IrExpression e) =>
        e is IrBuiltinRead { Builtin: IrBuiltin.ThreadIdxX or IrBuiltin.ThreadIdxY or IrBuiltin.ThreadIdxZ or IrBuiltin.LinearThread } ? IrBuilder.Integer(IrType.U32, 0) : null;
}
