using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// Whether neighbouring blocks of a kernel may be run as one: a row of threads through all of them, then the next row. That is how memory lies,
/// and what blocks cost beside their threads is paid once. It takes a kernel of which no thread can tell when another one runs.
/// </summary>
internal static class BlockRows
{
    /// <summary>
    /// One region without loops, which would go through memory of their own, and without what threads could wait for or agree by, or whose order shows.
    /// </summary>
    public static bool AreAllowed(IrBlockProgram program)
    {
        if (program.Module.Functions.Count > 0 || program.Module.Kernel.Body.Statements is not [IrThreadLoop region]) return false;
        return IrTree.All(region.Body).All(s => s is IrAssign or IrIf or IrSwitch or IrLabeled or IrLeave or IrReturn or IrTrap or IrStore { IsVolatile: false })
            && IrTree.AllExpressions(region.Body).All(e => e is not IrLoad { IsVolatile: true });
    }
}
