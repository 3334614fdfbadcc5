namespace CudaWasm.Compiler.IR;

/// <summary>Walks over the IR: the direct parts of a node, and all of them.</summary>
public static class IrTree
{
    /// <summary>The direct operands of an expression, in the order of their evaluation.</summary>
    public static IEnumerable<IrExpression> Operands(IrExpression expression) => expression switch
    {
        IrUnary e => [e.Operand],
        IrBinary e => [e.Left, e.Right],
        IrConditional e => [e.Condition, e.WhenTrue, e.WhenFalse],
        IrConvert e => [e.Operand],
        IrBitcast e => [e.Operand],
        IrAddress { Index: { } index } e => [e.Base, index],
        IrAddress e => [e.Base],
        IrLoad e => [e.Address],
        IrTrackedRead e => [e.Read, e.IsSet],
        IrIntrinsicCall e => e.Arguments,
        _ => [],
    };

    /// <summary>The expression and everything in it.</summary>
    public static IEnumerable<IrExpression> All(IrExpression expression)
    {
        var pending = new Stack<IrExpression>();
        pending.Push(expression);
        while (pending.TryPop(out var current))
        {
            yield return current;
            foreach (var operand in Operands(current)) pending.Push(operand);
        }
    }

    /// <summary>The expressions that stand directly in a statement, those of statements inside it left out.</summary>
    public static IEnumerable<IrExpression> Expressions(IrStatement statement) => statement switch
    {
        IrAssign s => [s.Value],
        IrStore s => [s.Address, s.Value],
        IrCopy s => [s.Target, s.Source],
        IrIf s => [s.Condition],
        IrLoop s => Present(s.Before, s.After),
        IrSwitch s => [s.Value],
        IrReturn s => Present(s.Value, null),
        IrCall s => s.Arguments,
        IrAtomic { Compare: { } compare } s => [s.Address, s.Value, compare],
        IrAtomic s => [s.Address, s.Value],
        IrBarrier s => Present(s.Predicate, null),
        IrWarp s => s.Arguments,
        IrWarpExchange s => s.Arguments.Concat(Reads(s.Active, s.Alive)),
        IrArrival s => Reads(s.Here, s.Alive),
        IrPrintf s => s.Arguments,
        IrService s => s.Arguments,
        IrDivergence s => [s.Here, s.Missing],
        _ => [],
    };

    /// <summary>The blocks that stand directly in a statement.</summary>
    public static IEnumerable<IrBlock> Blocks(IrStatement statement) => statement switch
    {
        IrIf s => [s.Then, s.Else],
        IrLoop s => [s.Body, s.Step],
        IrLabeled s => [s.Body],
        IrSwitch s => s.Sections.Select(section => section.Body),
        IrThreadLoop s => [s.Body],
        _ => [],
    };

    /// <summary>The slot a statement assigns itself; null where there is none.</summary>
    public static IrSlot? Target(IrStatement statement) => statement switch
    {
        IrAssign s => s.Slot,
        IrCall s => s.Result,
        IrAtomic s => s.Result,
        IrBarrier s => s.Result,
        IrWarp s => s.Result,
        IrWarpExchange s => s.Result,
        IrPrintf s => s.Result,
        IrService s => s.Result,
        _ => null,
    };

    /// <summary>The statements that assign each slot, in their order.</summary>
    public static ILookup<IrSlot, IrStatement> Assignments(IrBlock block) => All(block).Where(s => Target(s) is not null).ToLookup(s => Target(s)!);

    /// <summary>The exit goes further than to the end of a statement that contains it, or to the next round of a loop in there.</summary>
    public static bool Leaves(IrStatement whole, IrStatement exit)
    {
        var target = exit switch { IrLeave s => s.Target, IrContinue s => s.Target, _ => null };
        return target is not null && !All(whole).Any(s => (s is IrLoop loop && loop.Label == target) || (s is IrLabeled labeled && labeled.Label == target));
    }

    /// <summary>All statements of a block, outer ones before inner ones.</summary>
    public static IEnumerable<IrStatement> All(IrBlock block)
    {
        foreach (var statement in block.Statements)
        {
            foreach (var inner in All(statement)) yield return inner;
        }
    }

    /// <summary>The statement and all inside it.</summary>
    public static IEnumerable<IrStatement> All(IrStatement statement)
    {
        yield return statement;
        foreach (var block in Blocks(statement))
        {
            foreach (var inner in All(block)) yield return inner;
        }
    }

    /// <summary>All expressions of a block with everything in them.</summary>
    public static IEnumerable<IrExpression> AllExpressions(IrBlock block) =>
        All(block).SelectMany(Expressions).SelectMany(All);

    /// <summary>Whether the expression, evaluated, may end the launch with a fault.</summary>
    public static bool CanFault(IrExpression expression) => All(expression).Any(e => e is IrLoad
        || (e is IrBinary { Op: IrBinaryOp.Divide or IrBinaryOp.Remainder } b && !b.Type.IsFloat() && b.Right is not IrConstant { Bits: not 0 }));

    private static IEnumerable<IrExpression> Reads(params IEnumerable<IrSlot?> slots) => slots.OfType<IrSlot>().Select(slot => new IrSlotRead(slot));

    private static IEnumerable<IrExpression> Present(IrExpression? first, IrExpression? second)
    {
        if (first is not null) yield return first;
        if (second is not null) yield return second;
    }
}
