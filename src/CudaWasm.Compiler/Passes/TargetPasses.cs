using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>What happens to a kernel on its way to each target, in order. The module that comes in stays as it is.</summary>
public static class TargetPasses
{
    /// <summary>The CPU runs blocks: one thread after the other from barrier to barrier.</summary>
    /// <param name="module">What the binder made.</param>
    /// <param name="isChecked">The program is to be watched as it runs: it keeps all its barriers, and knows which slots were assigned.</param>
    /// <param name="keepsWarps">Warp operations stay where they are, for code that runs the threads of a warp in step.</param>
    public static IrBlockProgram ForCpu(IrModule module, bool isChecked = false, bool keepsWarps = false)
    {
        var copy = IrCloner.Clone(module);
        DeadCode.Remove(copy);
        if (!isChecked)
        {
            LoopUnrolling.Apply(copy.Kernel);
            LocalPromotion.Apply(copy.Kernel);
            DeadCode.Remove(copy);
        }

        WarpSynchronous.Order(copy.Kernel);
        if (isChecked) SlotTracking.Add(copy);
        var uniformity = Uniformity.Analyze(copy.Kernel);
        var alive = BarrierSplit.Split(copy.Kernel, uniformity, isChecked, keepsWarps);
        if (!isChecked)
        {
            GridStrideLoops.Apply(copy.Kernel);
            GridStrideTiles.Apply(copy.Kernel);
            Recomputation.Apply(copy.Kernel);
            FaultHoisting.Apply(copy.Kernel);
            TailExits.Apply(copy.Kernel);
            MemoryFacts.Apply(copy);
        }

        SlotStorage.Assign(copy.Kernel);
        return new IrBlockProgram(copy, LocalStorage.FindPerThread(copy.Kernel), HasGridBarrier(copy), alive);
    }

    private static bool HasGridBarrier(IrModule module) => IrTree.All(module.Kernel.Body).Any(s => s is IrBarrier { Kind: IrBarrierKind.Grid });
}
