using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// Computes values anew in each region that reads them, where that is cheaper than to keep one for each thread of the block: what
/// comes of thread and block indices, parameters and constants by a few operations, and is assigned once. Kernels begin with such values
/// and use them behind their barriers.
/// </summary>
internal static class Recomputation
{
    /// <summary>Operations in a value. In vector code most of them are done once for many threads, as they move all of them by the same.</summary>
    private const int MostOperations = 12;

    public static void Apply(IrFunction kernel)
    {
        var regions = IrTree.All(kernel.Body).OfType<IrThreadLoop>().ToList();
        if (regions.Count < 2) return;
        var values = FindValues(kernel);
        if (values.Count == 0) return;
        var liveness = new SlotLiveness(kernel);
        foreach (var region in regions)
        {
            var (exposed, assigned) = (liveness.LiveIn(region.Body, liveness.Empty()), liveness.Assigned(region.Body));
            var copies = values.Keys.Where(s => exposed.Contains(s) && !assigned.Contains(s)).ToDictionary(s => s, s => kernel.NewSlot(s.Name, s.Type));
            if (copies.Count == 0) continue;
            var body = new Replacer(copies).Rewrite(region.Body);
            region.Body.Statements.Clear();
            region.Body.Statements.AddRange(copies.Select(c => new IrAssign(c.Value, values[c.Key])));
            region.Body.Statements.AddRange(body.Statements);
        }
    }

    /// <summary>Slots with one assignment, of a value that is the same whenever it is computed; other such slots in it are replaced by theirs.</summary>
    public static Dictionary<IrSlot, IrExpression> FindValues(IrFunction kernel)
    {
        var assignments = IrTree.Assignments(kernel.Body);
        var values = new Dictionary<IrSlot, IrExpression>();
        var pending = new HashSet<IrSlot>();
        foreach (var slot in assignments.Select(a => a.Key)) Find(slot);
        return values;

        IrExpression? Find(IrSlot slot)
        {
            if (values.TryGetValue(slot, out var known)) return known;
            if (slot.Storage == IrSlotStorage.Uniform || assignments[slot].ToList() is not [IrAssign { Value: var value }] || !pending.Add(slot)) return null;
            if (!IrTree.All(value).All(IsFixed)) return null;
            var expanded = new Substitution(e => e is IrSlotRead read ? Find(read.Slot) : null).Rewrite(value);
            if (IrTree.All(expanded).Count(e => e is not (IrConstant or IrConvert)) > MostOperations) return null;
            values.Add(slot, expanded);
            return expanded;
        }

        bool IsFixed(IrExpression expression) => expression switch
        {
            IrConstant or IrParameterRead or IrBuiltinRead or IrUnary or IrConvert or IrBitcast or IrAddress or IrVariableAddress => true,
            IrBinary e => !IrTree.CanFault(e),
            IrSlotRead e => Find(e.Slot) is not null,
            _ => false,
        };
    }

    /// <summary>The expression without slots; null where it reads one whose value is not among these, or memory.</summary>
    public static IrExpression? Expand(IrExpression expression, Dictionary<IrSlot, IrExpression> values) =>
        IrTree.All(expression).All(e => e is not IrLoad && (e is not IrSlotRead read || values.ContainsKey(read.Slot)))
            ? new Substitution(e => e is IrSlotRead read ? values[read.Slot] : null).Rewrite(expression)
            : null;

    private sealed class Replacer(Dictionary<IrSlot, IrSlot> copies) : IrRewriter
    {
        protected override IrSlot Map(IrSlot slot) => copies.GetValueOrDefault(slot, slot);
    }
}
