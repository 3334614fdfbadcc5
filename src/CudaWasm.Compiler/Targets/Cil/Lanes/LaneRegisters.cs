using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// How many registers a value of the lanes takes. With more of them the lanes share more: what is uniform, checks and branches are done once,
/// neighbours fill whole cache lines, and chains of dependent operations overlap.
/// </summary>
internal static class LaneRegisters
{
    private const int Most = 4;

    /// <summary>The just-in-time compiler keeps the constants of mathematical functions for the next register, in memory where it runs out of others.</summary>
    private const int MostWithFunctions = 2;

    /// <summary>The just-in-time compiler's time grows faster than the code.</summary>
    private const int MaxNodes = 12_000;

    /// <summary>Operations of mathematical functions for each access; see <see cref="IsOneFunction"/>. Measured: GELU has 39 and loses a quarter, Black-Scholes 15 and gains it.</summary>
    private const int MaxExpanded = 24;

    /// <param name="kernel">After the barrier split.</param>
    /// <param name="plan">What code with one register a value is made from.</param>
    /// <param name="widen">The same for so many registers.</param>
    public static LanePlan Choose(IrFunction kernel, LanePlan plan, Func<int, LanePlan> widen)
    {
        var expressions = IrTree.AllExpressions(kernel.Body).ToList();
        var addresses = expressions.OfType<IrLoad>().Select(l => l.Address).Concat(IrTree.All(kernel.Body).OfType<IrStore>().Select(s => s.Address)).ToList();
        var functions = expressions.OfType<IrIntrinsicCall>().Sum(ExpandedSize);
        if (IsOneFunction(kernel, functions, addresses.Count)) return plan;
        var scattered = addresses.Count(a => plan.Analysis.Shape(a).IsVarying);
        for (var registers = functions > 0 ? MostWithFunctions : Most; registers > 1; registers /= 2)
        {
            if (!plan.Block.Fits(registers) || !HasRoom(kernel, registers)) continue;
            var wide = widen(registers);
            // Indices like i % 16 lose their pattern when rows become longer.
            if (addresses.Count(a => wide.Analysis.Shape(a).IsVarying) <= scattered) return wide;
        }

        return plan;
    }

    public static bool HasRoom(IrFunction kernel, int registers) => IrTree.AllExpressions(kernel.Body).Take(MaxNodes).Count() * registers < MaxNodes;

    /// <summary>
    /// Little but a mathematical function of each element: its constants, kept for several registers, would leave no room for values, and there is
    /// nothing else to share.
    /// </summary>
    private static bool IsOneFunction(IrFunction kernel, int functions, int accesses) => !IrTree.All(kernel.Body).Any(s => s is IrLoop) && functions > MaxExpanded * accesses;

    private static int ExpandedSize(IrIntrinsicCall call)
    {
        if (LaneMath.Expand(call) is not { } root) return 0;
        var seen = new HashSet<IrExpression>(ReferenceEqualityComparer.Instance);
        Visit(root);
        return seen.Count;

        void Visit(IrExpression e)
        {
            if (!seen.Add(e)) return;
            foreach (var operand in IrTree.Operands(e)) Visit(operand);
        }
    }
}
