using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.IR;

/// <summary>
/// A kernel after the barrier split: its body says what a whole block does. Outside of <see cref="IrThreadLoop"/> stand control flow
/// over uniform values, <see cref="IrWarpExchange"/>, <see cref="IrDivergence"/>, and barriers, which separate the regions and (but for
/// grid barriers) do nothing any more. A return inside a thread loop ends the thread's run through that loop; one outside ends the block.
/// </summary>
/// <param name="Module">The module; slots know their storage.</param>
/// <param name="PerThreadVariables">Local variables that need a copy a thread, since their content lives from region to region.</param>
/// <param name="HasGridBarrier">All blocks must run at the same time.</param>
/// <param name="Alive">A per-thread Bool slot that is false once the thread has returned; null where none returns before a barrier.</param>
public sealed record IrBlockProgram(IrModule Module, IReadOnlySet<IrVariable> PerThreadVariables, bool HasGridBarrier, IrSlot? Alive = null);

/// <summary>Made by the barrier split, at block level: a warp operation for all warps of the block at once.</summary>
/// <param name="result">A per-thread slot; null where nobody asks.</param>
/// <param name="op">What to do.</param>
/// <param name="arguments">As in <see cref="IrWarp"/>: reads of per-thread slots, or uniform values.</param>
/// <param name="active">A per-thread Bool slot that says who takes part; null for all threads.</param>
/// <param name="span">Where in the source.</param>
public sealed class IrWarpExchange(IrSlot? result, IrWarpOp op, IReadOnlyList<IrExpression> arguments, IrSlot? active, SourceSpan span) : IrStatement(span)
{
    public IrSlot? Result { get; } = result;

    public IrWarpOp Op { get; } = op;

    public IReadOnlyList<IrExpression> Arguments { get; } = arguments;

    public IrSlot? Active { get; } = active;

    /// <summary>As in <see cref="IrWarp"/>.</summary>
    public bool NamesLanes { get; init; } = true;

    /// <summary>In programs that are checked: a per-thread Bool slot that says who has not returned; null where all have not.</summary>
    public IrSlot? Alive { get; init; }
}

/// <summary>Made by the barrier split of a program that is to be checked: says who comes to the barrier that follows.</summary>
/// <param name="here">A per-thread Bool slot that says who waits at the barrier; null for all threads.</param>
/// <param name="alive">A per-thread Bool slot that says who has not returned; null where all have not.</param>
/// <param name="span">The barrier.</param>
public sealed class IrArrival(IrSlot? here, IrSlot? alive, SourceSpan span) : IrStatement(span)
{
    public IrSlot? Here { get; } = here;

    public IrSlot? Alive { get; } = alive;
}

/// <summary>Made by the barrier split: ends the launch, as a barrier was reached by some threads of the block only.</summary>
/// <param name="here">I32: linear index of a thread that waits at the barrier.</param>
/// <param name="missing">I32: linear index of a thread that runs elsewhere.</param>
/// <param name="span">The barrier.</param>
public sealed class IrDivergence(IrExpression here, IrExpression missing, SourceSpan span) : IrStatement(span)
{
    public IrExpression Here { get; } = here;

    public IrExpression Missing { get; } = missing;
}
