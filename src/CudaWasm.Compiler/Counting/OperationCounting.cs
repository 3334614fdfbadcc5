using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;

namespace CudaWasm.Compiler.Counting;

/// <summary>
/// Makes a kernel count its arithmetic and its accesses to global memory. What stands between two points where control can part is
/// counted once, when compiling, and added in one go; the sides of a conditional expression are counted by its condition.
/// </summary>
internal sealed class OperationCounting
{
    private readonly CounterTable.Slots _slots;
    private readonly OperationCosts _costs;

    private OperationCounting(CounterTable table, IrFunction function)
    {
        _slots = table.In(function);
        _costs = new OperationCosts(table, PointerProvenance.Analyze(function));
    }

    public static CounterTable Add(IrModule module)
    {
        var table = new CounterTable(module, [.. Counters(module)]);
        foreach (var function in module.Functions.Append(module.Kernel))
        {
            var counting = new OperationCounting(table, function);
            counting.Block(function.Body);
            counting._slots.Finish();
        }

        return table;
    }

    private static IEnumerable<KernelCounter> Counters(IrModule module)
    {
        yield return new KernelCounter(CountedQuantity.FloatOperations);
        yield return new KernelCounter(CountedQuantity.DoubleOperations);
        foreach (var quantity in new[] { CountedQuantity.BytesRead, CountedQuantity.BytesWritten })
        {
            yield return new KernelCounter(quantity);
            foreach (var parameter in module.Kernel.Parameters.Where(p => p.Type == IrType.Pointer)) yield return new KernelCounter(quantity, parameter);
            foreach (var variable in module.Globals) yield return new KernelCounter(quantity, null, variable);
        }
    }

    /// <param name="block">Its statements, and those inside them, get their counting.</param>
    /// <param name="after">Expressions that are evaluated at its end.</param>
    private void Block(IrBlock block, params IEnumerable<IrExpression?> after)
    {
        var output = new List<IrStatement>();
        var pending = new OperationCost();
        foreach (var statement in block.Statements)
        {
            var before = statement is IrLoop loop ? _costs.Of(loop.Before) : _costs.Of(statement);
            // What depends on conditions has to be known before the statement changes them.
            AddDynamic(before, output);
            pending.AddStatic(before);
            if (IsControl(statement)) AddStatic(pending, output);
            output.Add(statement);
            Inside(statement);
        }

        foreach (var expression in after)
        {
            var cost = _costs.Of(expression);
            AddDynamic(cost, output);
            pending.AddStatic(cost);
        }

        AddStatic(pending, output);
        block.Statements.Clear();
        block.Statements.AddRange(output);
    }

    private void Inside(IrStatement statement)
    {
        if (statement is IrLoop loop)
        {
            Block(loop.Body);
            // The condition at the loop's head is evaluated before it (counted there) and after each step.
            Block(loop.Step, loop.After, loop.Before);
            return;
        }

        foreach (var inner in IrTree.Blocks(statement)) Block(inner);
    }

    private static bool IsControl(IrStatement statement) =>
        statement is IrLeave or IrContinue or IrReturn or IrTrap or IrBarrier or IrWarp || IrTree.Blocks(statement).Any();

    private void AddDynamic(OperationCost cost, List<IrStatement> output)
    {
        foreach (var (counter, value) in cost.Dynamic) output.Add(_slots.Add(counter, value));
    }

    private void AddStatic(OperationCost cost, List<IrStatement> output)
    {
        foreach (var (counter, value) in cost.Static.Where(c => c.Value > 0)) output.Add(_slots.Add(counter, IrBuilder.Integer(IrType.U64, value)));
        cost.Static.Clear();
    }
}
