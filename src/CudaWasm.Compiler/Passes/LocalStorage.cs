using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>Finds the local variables of a split kernel whose content must survive from one region to the next, so that each thread needs its own.</summary>
public static class LocalStorage
{
    public static IReadOnlySet<IrVariable> FindPerThread(IrFunction kernel)
    {
        var uses = new Dictionary<IrVariable, int>(ReferenceEqualityComparer.Instance);
        var result = new HashSet<IrVariable>(ReferenceEqualityComparer.Instance);
        var regions = 0;
        var anyRepeated = false;
        var pointers = PointerProvenance.Analyze(kernel);
        Collect(kernel.Body, false);
        // One region that is not repeated means one run a thread: nothing survives.
        return regions > 1 || anyRepeated ? result : new HashSet<IrVariable>();

        void Collect(IrBlock block, bool isRepeated)
        {
            foreach (var statement in block.Statements)
            {
                if (statement is IrThreadLoop loop)
                {
                    anyRepeated |= isRepeated;
                    Region(loop, ++regions, isRepeated);
                    continue;
                }

                foreach (var inner in IrTree.Blocks(statement)) Collect(inner, isRepeated || statement is IrLoop);
            }
        }

        void Region(IrThreadLoop loop, int region, bool isRepeated)
        {
            foreach (var statement in IrTree.All(loop.Body))
            {
                var roots = IrTree.Expressions(statement).SelectMany(IrTree.All);
                foreach (var expression in roots)
                {
                    if (expression is IrVariableAddress { Variable: { Space: IrSpace.Local } variable }) Use(variable);
                    // A pointer kept in a slot or in memory may be used where the variable is not named.
                    if (expression is IrSlotRead { Type: IrType.Pointer } && pointers.Root(expression)?.Variable is { Space: IrSpace.Local } pointee) Use(pointee);
                }

                foreach (var escaped in Escaping(statement, pointers)) result.Add(escaped);
            }

            void Use(IrVariable variable)
            {
                if (isRepeated || (uses.TryGetValue(variable, out var first) && first != region)) result.Add(variable);
                uses.TryAdd(variable, region);
            }
        }
    }

    /// <summary>Local variables whose address is stored, passed on, or mixed with others, so that an access through it cannot be told to be theirs.</summary>
    public static IEnumerable<IrVariable> Escaping(IrFunction kernel)
    {
        var pointers = PointerProvenance.Analyze(kernel);
        return IrTree.All(kernel.Body).SelectMany(s => Escaping(s, pointers)).Distinct();
    }

    private static IEnumerable<IrVariable> Escaping(IrStatement statement, PointerProvenance pointers)
    {
        var values = statement switch
        {
            IrStore s => [s.Value],
            IrAtomic s => [s.Value],
            IrCall s => s.Arguments,
            IrAssign { Slot.Type: IrType.Pointer } s when pointers.Root(s.Value) is null => [s.Value],
            IrAssign { Slot.Type: IrType.I64 or IrType.U64 } s => [s.Value],
            _ => (IReadOnlyList<IrExpression>)[],
        };
        return values.SelectMany(Values).OfType<IrVariableAddress>().Where(e => e.Variable.Space == IrSpace.Local).Select(e => e.Variable);
    }

    /// <summary>The parts of an expression that its value is made of: what a load reads through is not.</summary>
    private static IEnumerable<IrExpression> Values(IrExpression expression) =>
        expression is IrLoad ? [] : IrTree.Operands(expression).SelectMany(Values).Prepend(expression);
}
