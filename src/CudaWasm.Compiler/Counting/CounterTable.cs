using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Counting;

/// <summary>
/// The counters of a module. Each thread counts in slots of its own, which it adds to the global variable where it ends; a function that
/// was not inlined does so where it returns.
/// </summary>
internal sealed class CounterTable
{
    private readonly Dictionary<KernelCounter, int> _indices = [];

    public CounterTable(IrModule module, IReadOnlyList<KernelCounter> counters)
    {
        Counters = counters;
        for (var i = 0; i < counters.Count; i++) _indices.Add(counters[i], i);
        Variable = new IrVariable("#counters", IrSpace.Global, 8L * counters.Count, 8, module.Kernel.Span) { ElementType = IrType.U64 };
        module.Globals.Add(Variable);
    }

    public IReadOnlyList<KernelCounter> Counters { get; }

    public IrVariable Variable { get; }

    public int Find(KernelCounter counter) => _indices[counter];

    /// <summary>The slots of one function.</summary>
    public Slots In(IrFunction function) => new(this, function);

    public sealed class Slots(CounterTable table, IrFunction function)
    {
        private readonly SortedDictionary<int, IrSlot> _slots = [];

        /// <summary>Adds a U64 to a counter of this thread.</summary>
        public IrStatement Add(int counter, IrExpression value)
        {
            if (!_slots.TryGetValue(counter, out var slot)) _slots.Add(counter, slot = function.NewSlot("count", IrType.U64));
            return new IrAssign(slot, IrBuilder.Binary(IrBinaryOp.Add, IrBuilder.Read(slot), value));
        }

        /// <summary>Puts what adds the slots to the variable before every end of the function. Nothing is counted after that.</summary>
        public void Finish()
        {
            Finish(function.Body);
            function.Body.Statements.AddRange(Deliveries());
        }

        private void Finish(IrBlock block)
        {
            for (var i = 0; i < block.Statements.Count; i++)
            {
                foreach (var inner in IrTree.Blocks(block.Statements[i])) Finish(inner);
                if (block.Statements[i] is not IrReturn) continue;
                var deliveries = Deliveries().ToList();
                block.Statements.InsertRange(i, deliveries);
                i += deliveries.Count;
            }
        }

        private IEnumerable<IrStatement> Deliveries() => _slots.Select(s => new IrIf(
            IrBuilder.Binary(IrBinaryOp.NotEqual, IrBuilder.Read(s.Value), IrBuilder.Zero(IrType.U64)),
            new IrBlock([new IrAtomic(null, IrAtomicOp.Add, IrBuilder.Address(IrBuilder.AddressOf(table.Variable), null, 1, 8L * s.Key), IrBuilder.Read(s.Value), null, function.Span)]),
            new IrBlock()));
    }
}
