using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.IR;

/// <summary>Something to do. Control flow is structured: regions with forward exits, never a graph.</summary>
public abstract class IrStatement(SourceSpan span)
{
    public SourceSpan Span { get; } = span;
}

/// <summary>Statements in order. A block may be changed by passes, so it belongs to one parent only.</summary>
public sealed class IrBlock(List<IrStatement> statements)
{
    public IrBlock()
        : this([])
    {
    }

    public List<IrStatement> Statements { get; } = statements;

    public bool IsEmpty => Statements.Count == 0;
}

public sealed class IrAssign(IrSlot slot, IrExpression value, SourceSpan span = default) : IrStatement(span)
{
    public IrSlot Slot { get; } = slot;

    public IrExpression Value { get; } = value;
}

/// <summary>Writes memory; the value's type says how much. Faults as <see cref="IrLoad"/> does.</summary>
public sealed class IrStore(IrExpression address, IrExpression value, bool isVolatile, SourceSpan span) : IrStatement(span)
{
    public IrExpression Address { get; } = address;

    public IrExpression Value { get; } = value;

    public bool IsVolatile { get; } = isVolatile;

    /// <summary>As in <see cref="IrLoad.Alignment"/>.</summary>
    public int Alignment { get; init; }
}

/// <summary>Copies bytes between objects that do not overlap (or are the same).</summary>
public sealed class IrCopy(IrExpression target, IrExpression source, long bytes, int alignment, SourceSpan span) : IrStatement(span)
{
    public IrExpression Target { get; } = target;

    public IrExpression Source { get; } = source;

    public long Bytes { get; } = bytes;

    public int Alignment { get; } = alignment;
}

public sealed class IrIf(IrExpression condition, IrBlock then, IrBlock otherwise, SourceSpan span = default) : IrStatement(span)
{
    public IrExpression Condition { get; set; } = condition;

    public IrBlock Then { get; } = then;

    public IrBlock Else { get; } = otherwise;
}

/// <summary>The target of a <see cref="IrLeave"/> or <see cref="IrContinue"/>; identity is what counts.</summary>
public sealed class IrLabel(string hint)
{
    /// <summary>For the printer only.</summary>
    public string Hint { get; } = hint;
}

/// <summary>
/// <c>for (;;) { if (Before is false) break; Body; continue: Step; if (After is false) break; }</c>. Null conditions are true.
/// Leave(Label) ends the loop, Continue(Label) goes to the step. Neither stands in Step, nor do barriers or returns.
/// </summary>
public sealed class IrLoop(IrLabel label, IrExpression? before, IrBlock body, IrBlock step, IrExpression? after, SourceSpan span = default) : IrStatement(span)
{
    public IrLabel Label { get; } = label;

    public IrExpression? Before { get; } = before;

    public IrBlock Body { get; } = body;

    public IrBlock Step { get; } = step;

    public IrExpression? After { get; } = after;

    /// <summary>What <c>#pragma unroll</c> asked for: null nothing, 0 fully, else that many times.</summary>
    public int? Unroll { get; init; }
}

/// <summary>A region that can be left early: Leave(Label) goes to its end.</summary>
public sealed class IrLabeled(IrLabel label, IrBlock body, SourceSpan span = default) : IrStatement(span)
{
    public IrLabel Label { get; } = label;

    public IrBlock Body { get; } = body;
}

/// <summary>Goes to the end of the enclosing loop or region with the label.</summary>
public sealed class IrLeave(IrLabel target, SourceSpan span = default) : IrStatement(span)
{
    public IrLabel Target { get; } = target;
}

/// <summary>Goes to the step of the enclosing loop with the label.</summary>
public sealed class IrContinue(IrLabel target, SourceSpan span = default) : IrStatement(span)
{
    public IrLabel Target { get; } = target;
}

/// <summary>Sections run from the first that matches on into the next ones, as in C; a break is a Leave of a region around the switch.</summary>
public sealed class IrSwitch(IrExpression value, IReadOnlyList<IrSwitchSection> sections, SourceSpan span = default) : IrStatement(span)
{
    /// <summary>Of an integer type.</summary>
    public IrExpression Value { get; } = value;

    public IReadOnlyList<IrSwitchSection> Sections { get; } = sections;
}

/// <param name="Values">The case values, in the type of the switch, extended to 64 bits.</param>
/// <param name="IsDefault">Also taken when no section matches.</param>
/// <param name="Body">Runs on into the next section.</param>
public sealed record IrSwitchSection(IReadOnlyList<long> Values, bool IsDefault, IrBlock Body);

/// <summary>Ends the thread (in a kernel) or the function.</summary>
public sealed class IrReturn(IrExpression? value, SourceSpan span = default) : IrStatement(span)
{
    public IrExpression? Value { get; } = value;
}

/// <summary>Calls a function that was not inlined. Functions never hold barriers or warp operations.</summary>
public sealed class IrCall(IrSlot? result, IrFunction function, IReadOnlyList<IrExpression> arguments, SourceSpan span) : IrStatement(span)
{
    public IrSlot? Result { get; } = result;

    public IrFunction Function { get; } = function;

    public IReadOnlyList<IrExpression> Arguments { get; } = arguments;
}

public enum IrAtomicOp
{
    Add,
    Exchange,
    Min,
    Max,

    /// <summary>old &gt;= value ? 0 : old + 1</summary>
    Increment,

    /// <summary>old == 0 || old &gt; value ? value : old - 1</summary>
    Decrement,
    And,
    Or,
    Xor,
    CompareExchange,
}

/// <summary>An atomic read-modify-write of I32, U32, I64, U64, U16, F32, F64, F16 or BF16 (the value's type).</summary>
/// <param name="result">Gets the old value; null where nobody asks.</param>
/// <param name="op">What to do.</param>
/// <param name="address">Where.</param>
/// <param name="value">The operand; the new value for an exchange.</param>
/// <param name="compare">For <see cref="IrAtomicOp.CompareExchange"/>: what the old value is compared with, bit by bit.</param>
/// <param name="span">Where in the source.</param>
public sealed class IrAtomic(IrSlot? result, IrAtomicOp op, IrExpression address, IrExpression value, IrExpression? compare, SourceSpan span) : IrStatement(span)
{
    public IrSlot? Result { get; } = result;

    public IrAtomicOp Op { get; } = op;

    public IrExpression Address { get; } = address;

    public IrExpression Value { get; } = value;

    public IrExpression? Compare { get; } = compare;
}

public enum IrBarrierKind
{
    Plain,

    /// <summary><c>__syncthreads_count</c>: the number of threads whose predicate is not zero.</summary>
    Count,
    And,
    Or,

    /// <summary>Cooperative groups' grid.sync(): all blocks.</summary>
    Grid,
}

/// <summary>All threads of the block that have not returned meet here; a thread that cannot is a fault.</summary>
/// <param name="kind">What is made of the predicates.</param>
/// <param name="result">I32; null for plain barriers.</param>
/// <param name="predicate">I32; null for plain barriers.</param>
/// <param name="span">Where in the source.</param>
public sealed class IrBarrier(IrBarrierKind kind, IrSlot? result, IrExpression? predicate, SourceSpan span) : IrStatement(span)
{
    public IrBarrierKind Kind { get; } = kind;

    public IrSlot? Result { get; } = result;

    public IrExpression? Predicate { get; } = predicate;
}

public enum IrWarpOp
{
    /// <summary>(mask)</summary>
    Sync,

    /// <summary>(mask, value, lane, width): any scalar type.</summary>
    Shuffle,
    ShuffleUp,
    ShuffleDown,
    ShuffleXor,

    /// <summary>(mask, predicate): U32 of the lanes whose predicate is not zero.</summary>
    Ballot,
    Any,
    All,

    /// <summary>(mask, value): U32 of the lanes with the same value.</summary>
    MatchAny,

    /// <summary>(mask, value): U32 mask if all lanes have the same value, else 0.</summary>
    MatchAll,

    /// <summary>(): U32 of the lanes that are here.</summary>
    ActiveMask,

    /// <summary>(mask, value): I32 or U32.</summary>
    ReduceAdd,
    ReduceMin,
    ReduceMax,
    ReduceAnd,
    ReduceOr,
    ReduceXor,
}

/// <summary>An exchange among the 32 threads of a warp that are here together.</summary>
public sealed class IrWarp(IrSlot? result, IrWarpOp op, IReadOnlyList<IrExpression> arguments, SourceSpan span) : IrStatement(span)
{
    public IrSlot? Result { get; } = result;

    public IrWarpOp Op { get; } = op;

    public IReadOnlyList<IrExpression> Arguments { get; } = arguments;

    /// <summary>False for the operations from before CUDA 9, whose mask means the lanes that are here.</summary>
    public bool NamesLanes { get; init; } = true;
}

/// <summary>__threadfence and its kin: orders this thread's memory accesses.</summary>
public sealed class IrFence(SourceSpan span) : IrStatement(span);

/// <summary>printf. Integers come as I32, U32, I64, U64, floats as F64, pointers as Pointer; <c>%s</c> takes <see cref="Strings"/>.</summary>
/// <param name="format">The format, as in C.</param>
/// <param name="arguments">One value a conversion; a string argument has an I32 constant, its index in <paramref name="strings"/>.</param>
/// <param name="strings">The literal strings among the arguments.</param>
/// <param name="result">Gets the number of arguments; null where nobody asks.</param>
/// <param name="span">Where in the source.</param>
public sealed class IrPrintf(string format, IReadOnlyList<IrExpression> arguments, IReadOnlyList<string> strings, IrSlot? result, SourceSpan span) : IrStatement(span)
{
    public string Format { get; } = format;

    public IReadOnlyList<IrExpression> Arguments { get; } = arguments;

    public IReadOnlyList<string> Strings { get; } = strings;

    public IrSlot? Result { get; } = result;
}

/// <summary>What a kernel asks of the device that runs it.</summary>
public enum IrServiceOp
{
    /// <summary>(): I64, a counter of nanoseconds that never goes back (<c>clock64</c>).</summary>
    Clock,

    /// <summary>(): U64, nanoseconds since 1970 (PTX's <c>%globaltimer</c>).</summary>
    GlobalTimer,

    /// <summary>(U64 bytes): Pointer to zeroed memory of the launch's heap, null where it is full.</summary>
    Allocate,

    /// <summary>(Pointer): gives back what <see cref="Allocate"/> gave; null does nothing, anything else is a fault. No result.</summary>
    Free,
}

/// <summary>A request to the device, whose result is another each time.</summary>
public sealed class IrService(IrSlot? result, IrServiceOp op, IReadOnlyList<IrExpression> arguments, SourceSpan span) : IrStatement(span)
{
    public IrSlot? Result { get; } = result;

    public IrServiceOp Op { get; } = op;

    public IReadOnlyList<IrExpression> Arguments { get; } = arguments;
}

/// <summary>Ends the launch with an error: a failed assert, <c>__trap()</c>, or a missing return.</summary>
public sealed class IrTrap(string code, string message, SourceSpan span) : IrStatement(span)
{
    /// <summary>A code of <see cref="DiagnosticCodes"/>.</summary>
    public string Code { get; } = code;

    public string Message { get; } = message;
}

/// <summary>
/// Made by the barrier split: runs its body once for each thread of the block. Outside of it, in a kernel that was split, stands
/// what the block does as one. See docs/architecture.md.
/// </summary>
public sealed class IrThreadLoop(IrBlock body, SourceSpan span = default) : IrStatement(span)
{
    public IrBlock Body { get; } = body;

    /// <summary>One tile of rounds: a thread's elements of it lie far apart, those of the next threads side by side with them.</summary>
    public bool IsTile { get; init; }
}
