using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// For programs that are checked: gives each slot that may be read before it is assigned a second one which says whether it was, and
/// makes its reads <see cref="IrTrackedRead"/>s. A plain copy from slot to slot copies what is known instead, so that aggregates of which
/// a part was never set can be passed on.
/// </summary>
public static class SlotTracking
{
    public static void Add(IrModule module)
    {
        foreach (var function in module.Functions.Append(module.Kernel)) Add(function);
    }

    private static void Add(IrFunction function)
    {
        var liveness = new SlotLiveness(function);
        var exposed = liveness.LiveIn(function.Body, liveness.Empty());
        var flags = new Dictionary<IrSlot, Flag>();
        foreach (var slot in function.Slots.Where(exposed.Contains).ToList()) flags.Add(slot, new Flag(function.NewSlot("isSet", IrType.Bool), slot.Name));
        if (flags.Count == 0) return;

        // What a slot passes on to others by plain copies may be unset there too.
        var copies = IrTree.All(function.Body).OfType<IrAssign>().Where(s => s.Value is IrSlotRead).ToList();
        while (true)
        {
            var found = copies.FirstOrDefault(s => flags.ContainsKey(((IrSlotRead)s.Value).Slot) && !flags.ContainsKey(s.Slot));
            if (found is null) break;
            flags.Add(found.Slot, new Flag(function.NewSlot("isSet", IrType.Bool), flags[((IrSlotRead)found.Value).Slot].Name));
        }

        function.Body = new Tracking(flags, function.Span).Rewrite(function.Body);
    }

    /// <param name="Slot">Says whether the other one was assigned.</param>
    /// <param name="Name">The name of the variable whose value it may be that was not.</param>
    private sealed record Flag(IrSlot Slot, string Name);

    private sealed class Tracking(Dictionary<IrSlot, Flag> flags, SourceSpan start) : IrRewriter
    {
        private SourceSpan _span = start;

        public override IrExpression Rewrite(IrExpression expression) => expression switch
        {
            IrSlotRead read when flags.TryGetValue(read.Slot, out var flag) => new IrTrackedRead(read, new IrSlotRead(flag.Slot), flag.Name, _span),
            IrBinary { Span.Source: not null } e => new IrBinary(e.Op, At(e.Span, e.Left), At(e.Span, e.Right), e.Span),
            _ => base.Rewrite(expression),
        };

        protected override void Rewrite(IrStatement statement, List<IrStatement> output)
        {
            if (statement.Span.Source is not null) _span = statement.Span;
            if (statement is IrAssign { Value: IrSlotRead read } copy && flags.TryGetValue(read.Slot, out var known))
            {
                output.Add(new IrAssign(copy.Slot, read, copy.Span));
                output.Add(new IrAssign(flags[copy.Slot].Slot, new IrSlotRead(known.Slot)));
                return;
            }

            output.Add(Copy(statement));
            if (IrTree.Target(statement) is { } target && flags.TryGetValue(target, out var isSet)) output.Add(new IrAssign(isSet.Slot, IrBuilder.True));
        }

        private IrExpression At(SourceSpan span, IrExpression operand)
        {
            var outer = _span;
            _span = span;
            var result = Rewrite(operand);
            _span = outer;
            return result;
        }
    }
}
