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
        if (kernel.Body.Statements is not [IrThreadLoop region] || region.Body.Statements is not [.. var before, IrLoop whole]) return;
        // All but the counter's start is the same whenever it is computed.
        var values = Recomputation.FindValues(kernel);
        if (GridStrideLoop.Recognize(before, whole, values) is not { } loop || before[^1] != loop.First) return;
        if (before.Any(s => s != loop.First && (s is not IrAssign assign || !values.ContainsKey(assign.Slot)))) return;
        var trip = new IrBlock([.. new Substitution(_ => null).Trip(whole)]);
        if (!IsIndependent(kernel, trip, loop.Counter)) return;
        var distance = kernel.NewSlot("distance", loop.Counter.Type);
        distance.Storage = IrSlotStorage.Uniform;
        var isFirst = new Substitution(e => e is IrSlotRead read && read.Slot == loop.Counter ? Moved(loop.LeastStart) : null).Rewrite(loop.Comparison);
        var round = new IrBlock([.. before.Where(s => s != loop.First), new IrAssign(loop.Counter, Moved(loop.Start))]);
        round.Statements.Add(new IrIf(loop.Comparison, trip, new IrBlock(), whole.Span));
        kernel.Body = new IrBlock(
        [
            new IrAssign(distance, IrBuilder.Zero(distance.Type)),
            new IrLoop(
                new IrLabel("rounds"),
                isFirst,
                new IrBlock([new IrThreadLoop(round, region.Span)]),
                new IrBlock([new IrAssign(distance, IrBuilder.Binary(IrBinaryOp.Add, IrBuilder.Read(distance), loop.Step))]),
                null,
                whole.Span),
        ]);

        IrExpression Moved(IrExpression value) => IrBuilder.Binary(IrBinaryOp.Add, value, IrBuilder.Read(distance));
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
}
