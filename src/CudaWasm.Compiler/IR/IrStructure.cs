namespace CudaWasm.Compiler.IR;

/// <summary>
/// Expressions that compute the same from the same: operations on constants, parameters, built-in values and slots. What reads memory, or calls,
/// is equal to itself only.
/// </summary>
internal static class IrStructure
{
    public static bool IsSame(IrExpression x, IrExpression y) => x == y || (x.Type == y.Type && (x, y) switch
    {
        (IrConstant a, IrConstant b) => a.Bits == b.Bits,
        (IrParameterRead a, IrParameterRead b) => a.Parameter == b.Parameter,
        (IrSlotRead a, IrSlotRead b) => a.Slot == b.Slot,
        (IrBuiltinRead a, IrBuiltinRead b) => a.Builtin == b.Builtin,
        (IrUnary a, IrUnary b) => a.Op == b.Op && IsSame(a.Operand, b.Operand),
        (IrBinary a, IrBinary b) => a.Op == b.Op && IsSame(a.Left, b.Left) && IsSame(a.Right, b.Right),
        (IrConvert a, IrConvert b) => IsSame(a.Operand, b.Operand),
        _ => false,
    });
}
