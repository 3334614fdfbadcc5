using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;

namespace CudaWasm.Compiler.Counting;

/// <summary>How far something moves the counters.</summary>
internal sealed class OperationCost
{
    /// <summary>By a number that is known, by the counter's index.</summary>
    public SortedDictionary<int, long> Static { get; } = [];

    /// <summary>By a U64 that is computed.</summary>
    public List<(int Counter, IrExpression Value)> Dynamic { get; } = [];

    public void Add(int counter, long value) => Static[counter] = Static.GetValueOrDefault(counter) + value;

    public void AddStatic(OperationCost other)
    {
        foreach (var (counter, value) in other.Static) Add(counter, value);
    }

    public void Add(OperationCost other)
    {
        AddStatic(other);
        Dynamic.AddRange(other.Dynamic);
    }

    /// <summary>Adds the cost of one of two sides.</summary>
    public void AddEither(IrExpression condition, OperationCost whenTrue, OperationCost whenFalse)
    {
        foreach (var counter in whenTrue.Counters.Union(whenFalse.Counters).Order())
        {
            var (a, b) = (whenTrue.Total(counter), whenFalse.Total(counter));
            if (a is IrConstant { Bits: var x } && b is IrConstant { Bits: var y } && x == y) Add(counter, x);
            else Dynamic.Add((counter, IrBuilder.Conditional(condition, a, b)));
        }
    }

    private IEnumerable<int> Counters => Static.Keys.Concat(Dynamic.Select(d => d.Counter));

    private IrExpression Total(int counter) => Dynamic.Where(d => d.Counter == counter).Select(d => d.Value)
        .Aggregate((IrExpression)IrBuilder.Integer(IrType.U64, Static.GetValueOrDefault(counter)), (sum, value) => IrBuilder.Binary(IrBinaryOp.Add, sum, value));
}

/// <summary>What expressions and statements cost, those inside statements left out.</summary>
internal sealed class OperationCosts(CounterTable table, PointerProvenance provenance)
{
    public OperationCost Of(IrStatement statement)
    {
        var cost = new OperationCost();
        foreach (var expression in IrTree.Expressions(statement)) Add(expression, cost);
        switch (statement)
        {
            case IrStore s:
                Access(CountedQuantity.BytesWritten, s.Address, s.Value.Type.Size(), cost);
                break;
            case IrCopy s:
                Access(CountedQuantity.BytesRead, s.Source, s.Bytes, cost);
                Access(CountedQuantity.BytesWritten, s.Target, s.Bytes, cost);
                break;
            case IrAtomic s:
                Access(CountedQuantity.BytesRead, s.Address, s.Value.Type.Size(), cost);
                Access(CountedQuantity.BytesWritten, s.Address, s.Value.Type.Size(), cost);
                if (s.Op == IrAtomicOp.Add) Arithmetic(s.Value.Type, 1, cost);
                break;
        }

        return cost;
    }

    public OperationCost Of(IrExpression? expression)
    {
        var cost = new OperationCost();
        if (expression is not null) Add(expression, cost);
        return cost;
    }

    private void Add(IrExpression expression, OperationCost cost)
    {
        if (expression is IrConditional conditional)
        {
            Add(conditional.Condition, cost);
            cost.AddEither(conditional.Condition, Of(conditional.WhenTrue), Of(conditional.WhenFalse));
            return;
        }

        foreach (var operand in IrTree.Operands(expression)) Add(operand, cost);
        switch (expression)
        {
            case IrLoad e:
                Access(CountedQuantity.BytesRead, e.Address, e.Type.Size(), cost);
                break;
            case IrBinary { Op: IrBinaryOp.Add or IrBinaryOp.Subtract or IrBinaryOp.Multiply or IrBinaryOp.Divide } e:
                Arithmetic(e.Type, 1, cost);
                break;
            case IrIntrinsicCall e:
                Arithmetic(e.Type, Weight(e.Intrinsic), cost);
                break;
        }
    }

    /// <summary>Operations of a function: none for those that choose, round or change the sign.</summary>
    private static int Weight(IrIntrinsic intrinsic) => intrinsic switch
    {
        IrIntrinsic.Abs or IrIntrinsic.Min or IrIntrinsic.Max or IrIntrinsic.CopySign or IrIntrinsic.Saturate => 0,
        IrIntrinsic.Floor or IrIntrinsic.Ceil or IrIntrinsic.Trunc or IrIntrinsic.Round or IrIntrinsic.Rint => 0,
        IrIntrinsic.Fma or IrIntrinsic.FmaRz or IrIntrinsic.FmaRu or IrIntrinsic.FmaRd => 2,
        _ => 1,
    };

    private void Arithmetic(IrType type, int count, OperationCost cost)
    {
        if (!type.IsFloat() || count == 0) return;
        cost.Add(table.Find(new KernelCounter(type == IrType.F64 ? CountedQuantity.DoubleOperations : CountedQuantity.FloatOperations)), count);
    }

    /// <summary>Shared and local memory, and parameters, are the processor's own and do not count.</summary>
    private void Access(CountedQuantity quantity, IrExpression address, long bytes, OperationCost cost)
    {
        var root = provenance.Root(address);
        if (root?.Variable is { Space: not (IrSpace.Global or IrSpace.Constant) }) return;
        cost.Add(table.Find(new KernelCounter(quantity, root?.Parameter, root?.Variable)), bytes);
    }
}
