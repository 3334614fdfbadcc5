using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>Makes the elements of a local array slots, where every access names its element by a constant.</summary>
internal static class LocalPromotion
{
    /// <summary>More slots than this live in memory anyway.</summary>
    private const int MaxElements = 128;

    public static void Apply(IrFunction kernel)
    {
        var elements = new Dictionary<IrVariable, Dictionary<long, IrType>?>(ReferenceEqualityComparer.Instance);
        foreach (var variable in kernel.Variables.Where(v => v.Space == IrSpace.Local)) elements.Add(variable, []);
        foreach (var statement in IrTree.All(kernel.Body)) Collect(statement, elements);
        var promoted = elements.Where(e => e.Value is { Count: > 0 and <= MaxElements } found && AreApart(e.Key, found))
            .ToDictionary(e => e.Key, e => e.Value!.ToDictionary(x => x.Key, x => kernel.NewSlot($"{e.Key.Name}[{x.Key / x.Value.Size()}]", x.Value)));
        if (promoted.Count == 0) return;
        kernel.Body = new Promotion(promoted).Rewrite(kernel.Body);
        kernel.Variables.RemoveAll(promoted.ContainsKey);
    }

    /// <summary>The variable and the constant offset that an address names.</summary>
    private static (IrVariable Variable, long Offset)? Element(IrExpression address) => address switch
    {
        IrVariableAddress e => (e.Variable, 0),
        IrAddress { Index: null, Base: IrVariableAddress e } a => (e.Variable, a.Offset),
        _ => null,
    };

    private static void Collect(IrStatement statement, Dictionary<IrVariable, Dictionary<long, IrType>?> elements)
    {
        if (statement is IrStore { IsVolatile: false } store && Element(store.Address) is { } target)
        {
            Use(target, store.Value.Type);
            Walk(store.Value);
            return;
        }

        foreach (var expression in IrTree.Expressions(statement)) Walk(expression);

        void Walk(IrExpression expression)
        {
            if (expression is IrLoad { IsVolatile: false } load && Element(load.Address) is { } source)
            {
                Use(source, load.Type);
                return;
            }

            // Any other use of the address may reach any element.
            if (expression is IrVariableAddress e && elements.ContainsKey(e.Variable)) elements[e.Variable] = null;
            foreach (var operand in IrTree.Operands(expression)) Walk(operand);
        }

        void Use((IrVariable Variable, long Offset) place, IrType type)
        {
            if (!elements.TryGetValue(place.Variable, out var found) || found is null) return;
            if (found.TryGetValue(place.Offset, out var other) && other != type) elements[place.Variable] = null;
            else found[place.Offset] = type;
        }
    }

    /// <summary>Elements are inside of the variable, aligned, and do not overlap.</summary>
    private static bool AreApart(IrVariable variable, Dictionary<long, IrType> elements)
    {
        long end = 0;
        foreach (var (offset, type) in elements.OrderBy(e => e.Key))
        {
            if (offset < end || offset % type.Size() != 0) return false;
            end = offset + type.Size();
        }

        return end <= variable.Bytes;
    }

    private sealed class Promotion(Dictionary<IrVariable, Dictionary<long, IrSlot>> promoted) : IrRewriter
    {
        public override IrExpression Rewrite(IrExpression expression) =>
            expression is IrLoad load && SlotOf(load.Address) is { } slot ? IrBuilder.Read(slot) : base.Rewrite(expression);

        protected override void Rewrite(IrStatement statement, List<IrStatement> output)
        {
            if (statement is IrStore store && SlotOf(store.Address) is { } slot) output.Add(new IrAssign(slot, Rewrite(store.Value), store.Span));
            else base.Rewrite(statement, output);
        }

        private IrSlot? SlotOf(IrExpression address) =>
            Element(address) is { } place && promoted.TryGetValue(place.Variable, out var slots) ? slots[place.Offset] : null;
    }
}
