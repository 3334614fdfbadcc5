using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// Whether neighbouring blocks of a kernel may be run as one: a row of threads through all of them, then the next row. That is how memory lies,
/// and what blocks cost beside their threads is paid once. It takes a kernel of which no thread can tell when another one runs.
/// </summary>
internal static class BlockRows
{
    /// <summary>One region, or the rounds of <see cref="GridStrideLoops"/>, without loops in it, which would go through memory of their own.</summary>
    public static bool AreAllowed(IrBlockProgram program)
    {
        var region = program.Module.Kernel.Body.Statements switch
        {
            [IrThreadLoop whole] => whole,
            [IrAssign, IrLoop { Body.Statements: [IrThreadLoop round] }] => round,
            _ => null,
        };
        return region is not null && program.Module.Functions.Count == 0
            && IrTree.All(region.Body).All(IsUnobserved) && IrTree.AllExpressions(region.Body).All(IsUnobserved);
    }

    /// <summary>Nothing by which threads could wait for each other or agree, and nothing whose order shows.</summary>
    public static bool IsUnobserved(IrStatement statement) =>
        statement is IrAssign or IrIf or IrSwitch or IrLabeled or IrLeave or IrContinue or IrReturn or IrTrap or IrStore { IsVolatile: false };

    public static bool IsUnobserved(IrExpression expression) => expression is not IrLoad { IsVolatile: true };
}
