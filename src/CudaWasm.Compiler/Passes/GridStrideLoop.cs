using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// A loop over the grid's stride: <c>for (i = blockIdx.x * blockDim.x + threadIdx.x; i &lt; n; i += blockDim.x * gridDim.x)</c>. When the first
/// thread of the block is through with it, all are.
/// </summary>
internal sealed class GridStrideLoop
{
    private GridStrideLoop(IrAssign first, IrAssign next, IrBinary comparison, IrExpression start, IrExpression step, IrExpression bound)
    {
        (First, Next, Comparison, Start, Step, Bound) = (first, next, comparison, start, step, bound);
    }

    /// <summary>Gives the counter its start.</summary>
    public IrAssign First { get; }

    /// <summary>Takes the counter to the next round.</summary>
    public IrAssign Next { get; }

    /// <summary>The counter is below the bound.</summary>
    public IrBinary Comparison { get; }

    /// <summary>What the counter of the running thread begins with, without slots.</summary>
    public IrExpression Start { get; }

    /// <summary>What the counter of the block's first thread begins with, the least of all.</summary>
    public IrExpression LeastStart => new Substitution(FirstThread).Rewrite(Start);

    /// <summary>What each round adds to the counter: one value for all threads, of the counter's type, without slots.</summary>
    public IrExpression Step { get; }

    /// <summary>One value for all threads, without slots.</summary>
    public IrExpression Bound { get; }

    public IrSlot Counter => First.Slot;

    /// <summary>Null where the loop is of another kind.</summary>
    /// <param name="before">What stands before the loop in its region, the counter's start among it.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="values">What slots stand for.</param>
    public static GridStrideLoop? Recognize(IEnumerable<IrStatement> before, IrLoop loop, Dictionary<IrSlot, IrExpression> values)
    {
        if (loop is not { After: null, Before: IrBinary { Op: IrBinaryOp.Less, Left: IrSlotRead { Slot: var counter } } comparison, Step.Statements: [IrAssign next] } || next.Slot != counter) return null;
        if (!counter.Type.IsInteger() || counter.Type.Size() < 4) return null;
        if (before.OfType<IrAssign>().Where(s => s.Slot == counter).ToList() is not [var first]) return null;
        if (Recomputation.Expand(first.Value, values) is not { } start || !GrowsWithIndices(start, counter.Type)) return null;
        if (Recomputation.Expand(comparison.Right, values) is not { } bound || !IsOfGrid(bound)) return null;
        if (StepOf(next.Value, counter) is not { } step || Recomputation.Expand(step, values) is not { } stride || !IsOfGrid(stride)) return null;
        return new GridStrideLoop(first, next, comparison, start, IrBuilder.Convert(counter.Type, stride), bound);
    }

    /// <summary>What is added to the counter, in a type of its size.</summary>
    public static IrExpression? StepOf(IrExpression next, IrSlot counter)
    {
        if (Strip(next) is not IrBinary { Op: IrBinaryOp.Add } sum || sum.Type.Size() != counter.Type.Size()) return null;
        if (IsCounter(sum.Left, counter)) return sum.Right;
        return IsCounter(sum.Right, counter) ? sum.Left : null;
    }

    /// <summary>The counter, as signed or unsigned.</summary>
    public static bool IsCounter(IrExpression e, IrSlot counter) => Strip(e) is IrSlotRead read && read.Slot == counter;

    private static IrExpression Strip(IrExpression e) => e is IrConvert { Operand: var operand } && operand.Type.IsInteger() && operand.Type.Size() == e.Type.Size() ? Strip(operand) : e;

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
