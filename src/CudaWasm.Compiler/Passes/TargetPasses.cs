using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>What happens to a kernel on its way to each target, in order. The module that comes in stays as it is.</summary>
public static class TargetPasses
{
    /// <summary>The CPU runs blocks: one thread after the other from barrier to barrier.</summary>
    public static IrBlockProgram ForCpu(IrModule module)
    {
        var copy = IrCloner.Clone(module);
        DeadCode.Remove(copy);
        WarpSynchronous.Order(copy.Kernel);
        var uniformity = Uniformity.Analyze(copy.Kernel);
        BarrierSplit.Split(copy.Kernel, uniformity);
        SlotStorage.Assign(copy.Kernel);
        return new IrBlockProgram(copy, LocalStorage.FindPerThread(copy.Kernel), HasGridBarrier(copy));
    }

    private static bool HasGridBarrier(IrModule module) => IrTree.All(module.Kernel.Body).Any(s => s is IrBarrier { Kind: IrBarrierKind.Grid });
}
