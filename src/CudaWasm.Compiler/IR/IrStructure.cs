namespace CudaWasm.Compiler.IR;

/// <summary>
/// Expressions that compute the same from the same: operations on constants, parameters, built-in values and slots. What reads memory, or calls,
/// is equal to itself only.
/// </summary>
internal sealed class IrStructure : IEqualityComparer<IrExpression>
{
    public static IrStructure Comparer { get; } = new();

    public bool Equals(IrExpression? x, IrExpression? y) => ReferenceEquals(x, y) || (x?.Type == y?.Type && (x, y) switch
    {
        (IrConstant a, IrConstant b) => a.Bits == b.Bits,
        (IrParameterRead a, IrParameterRead b) => a.Parameter == b.Parameter,
        (IrSlotRead a, IrSlotRead b) => a.Slot == b.Slot,
        (IrBuiltinRead a, IrBuiltinRead b) => a.Builtin == b.Builtin,
        (IrUnary a, IrUnary b) => a.Op == b.Op && Equals(a.Operand, b.Operand),
        (IrBinary a, IrBinary b) => a.Op == b.Op && Equals(a.Left, b.Left) && Equals(a.Right, b.Right),
        (IrConvert a, IrConvert b) => Equals(a.Operand, b.Operand),
        _ => false,
    });

    public int GetHashCode(IrExpression e) => e switch
    {
        IrConstant c => c.Bits.GetHashCode(),
        IrParameterRead p => p.Parameter.GetHashCode(),
        IrSlotRead s => s.Slot.GetHashCode(),
        IrBuiltinRead b => (int)b.Builtin,
        IrUnary u => HashCode.Combine(u.Op, GetHashCode(u.Operand)),
        IrBinary b => HashCode.Combine(b.Op, GetHashCode(b.Left), GetHashCode(b.Right)),
        IrConvert c => HashCode.Combine(c.Type, GetHashCode(c.Operand)),
        _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(e),
    };
}
