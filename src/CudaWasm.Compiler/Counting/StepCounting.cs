using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Counting;

/// <summary>
/// Makes a kernel count how many steps its threads take, and how many its warps: their quotient tells how many threads of a warp are
/// active on average. Wherever control may have parted, the warp asks who is here, and its first thread counts for it.
/// </summary>
internal sealed class StepCounting
{
    private const int WarpSize = 32;

    private readonly IrFunction _kernel;
    private readonly CounterTable _table;
    private readonly CounterTable.Slots _slots;
    private readonly IrSlot _here;
    private readonly IrSlot _before;

    private StepCounting(IrFunction kernel, CounterTable table)
    {
        _kernel = kernel;
        _table = table;
        _slots = table.In(kernel);
        _here = kernel.NewSlot("here", IrType.U32);
        _before = kernel.NewSlot("before", IrType.U32);
    }

    /// <summary>Functions that were not inlined are not looked into: warps cannot meet in them.</summary>
    public static CounterTable Add(IrModule module)
    {
        var table = new CounterTable(module, [new KernelCounter(CountedQuantity.ThreadSteps), new KernelCounter(CountedQuantity.WarpSteps)]);
        var counting = new StepCounting(module.Kernel, table);
        counting.Block(module.Kernel.Body, 0);
        module.Kernel.Body.Statements.Insert(0, counting.LanesBefore());
        counting._slots.Finish();
        return table;
    }

    /// <summary>The bits of the lanes below this thread's.</summary>
    private IrAssign LanesBefore()
    {
        var lane = IrBuilder.Binary(IrBinaryOp.And, IrBuilder.Builtin(IrBuiltin.LinearThread), IrBuilder.Integer(IrType.U32, WarpSize - 1));
        var bit = IrBuilder.Binary(IrBinaryOp.ShiftLeft, IrBuilder.Integer(IrType.U32, 1), lane);
        return new IrAssign(_before, IrBuilder.Binary(IrBinaryOp.Subtract, bit, IrBuilder.Integer(IrType.U32, 1)));
    }

    /// <param name="block">Its statements, and those inside them, get their counting.</param>
    /// <param name="steps">Taken once more by whoever comes here.</param>
    private void Block(IrBlock block, long steps)
    {
        var output = new List<IrStatement>();
        foreach (var statement in block.Statements)
        {
            steps += 1 + Weight(IrTree.Expressions(statement));
            if (IrTree.Blocks(statement).Any() || statement is IrLeave or IrContinue or IrReturn or IrTrap)
            {
                Count(steps, output);
                steps = 0;
            }

            output.Add(statement);
            Inside(statement);
        }

        Count(steps, output);
        block.Statements.Clear();
        block.Statements.AddRange(output);
    }

    private void Inside(IrStatement statement)
    {
        if (statement is IrLoop loop)
        {
            // Warps cannot meet in a loop's step: it counts for those who begin the round.
            Block(loop.Body, IrTree.All(loop.Step).Sum(s => 1 + Weight(IrTree.Expressions(s))) + Weight(IrTree.Expressions(loop)));
            return;
        }

        foreach (var inner in IrTree.Blocks(statement)) Block(inner, 0);
    }

    private static long Weight(IEnumerable<IrExpression> expressions) => expressions.SelectMany(IrTree.All).LongCount();

    private void Count(long steps, List<IrStatement> output)
    {
        if (steps == 0) return;
        var value = IrBuilder.Integer(IrType.U64, steps);
        var isFirst = IrBuilder.Binary(
            IrBinaryOp.Equal, IrBuilder.Binary(IrBinaryOp.And, IrBuilder.Read(_here), IrBuilder.Read(_before)), IrBuilder.Integer(IrType.U32, 0));
        output.Add(new IrWarp(_here, IrWarpOp.ActiveMask, [], _kernel.Span));
        output.Add(_slots.Add(_table.Find(new KernelCounter(CountedQuantity.ThreadSteps)), value));
        output.Add(new IrIf(isFirst, new IrBlock([_slots.Add(_table.Find(new KernelCounter(CountedQuantity.WarpSteps)), value)]), new IrBlock()));
    }
}
