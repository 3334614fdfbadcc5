using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// Drops what cannot run (after an exit, behind a constant condition), assignments that nobody reads and that cannot fault, and the results of atomic
/// operations that nobody reads.
/// </summary>
public static class DeadCode
{
    public static void Remove(IrModule module)
    {
        foreach (var function in module.Functions.Append(module.Kernel)) Remove(function);
    }

    private static void Remove(IrFunction function)
    {
        while (true)
        {
            var read = IrTree.AllExpressions(function.Body).OfType<IrSlotRead>().Select(e => e.Slot).ToHashSet();
            var sweep = new Sweep(read);
            function.Body = sweep.Rewrite(function.Body);
            if (!sweep.HasChanged) return;
        }
    }

    private sealed class Sweep(HashSet<IrSlot> read) : IrRewriter
    {
        public bool HasChanged { get; private set; }

        protected override void Rewrite(IrStatement statement, List<IrStatement> output)
        {
            if (output.Count > 0 && IsExit(output[^1]))
            {
                HasChanged = true;
                return;
            }

            switch (statement)
            {
                case IrAssign s when !read.Contains(s.Slot) && !IrTree.CanFault(s.Value):
                    HasChanged = true;
                    return;
                case IrAtomic { Result: { } old } s when !read.Contains(old):
                    // An update that nobody asks back is cheaper on every target.
                    HasChanged = true;
                    output.Add(new IrAtomic(null, s.Op, s.Address, s.Value, s.Compare, s.Span));
                    return;
                case IrIf { Condition: IrConstant { Bits: var bits } } s:
                    HasChanged = true;
                    output.AddRange(Rewrite(bits != 0 ? s.Then : s.Else).Statements);
                    return;
                case IrIf { Then.IsEmpty: true, Else.IsEmpty: true } s when !IrTree.CanFault(s.Condition):
                    HasChanged = true;
                    return;
                default:
                    base.Rewrite(statement, output);
                    return;
            }
        }

        private static bool IsExit(IrStatement statement) => statement is IrLeave or IrContinue or IrReturn or IrTrap;
    }
}
