using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// How many registers a value of the lanes takes. With more of them the lanes share more: what is uniform, checks and branches are done once,
/// neighbours fill whole cache lines, and chains of dependent operations overlap.
/// </summary>
internal static class LaneRegisters
{
    private const int Most = 4;

    /// <summary>The just-in-time compiler's time grows faster than the code.</summary>
    private const int MaxNodes = 12_000;

    /// <param name="kernel">After the barrier split.</param>
    /// <param name="plan">What code with one register a value is made from.</param>
    /// <param name="widen">The same for so many registers.</param>
    public static LanePlan Choose(IrFunction kernel, LanePlan plan, Func<int, LanePlan> widen)
    {
        var expressions = IrTree.AllExpressions(kernel.Body).ToList();
        var addresses = expressions.OfType<IrLoad>().Select(l => l.Address).Concat(IrTree.All(kernel.Body).OfType<IrStore>().Select(s => s.Address)).ToList();
        var scattered = addresses.Count(a => plan.Analysis.Shape(a).IsVarying);
        for (var registers = Most; registers > 1; registers /= 2)
        {
            if (!plan.Block.Fits(registers) || !HasRoom(kernel, registers)) continue;
            var wide = widen(registers);
            // Indices like i % 16 lose their pattern when rows become longer.
            if (addresses.Count(a => wide.Analysis.Shape(a).IsVarying) <= scattered) return wide;
        }

        return plan;
    }

    public static bool HasRoom(IrFunction kernel, int registers) => IrTree.AllExpressions(kernel.Body).Take(MaxNodes).Count() * registers < MaxNodes;
}
