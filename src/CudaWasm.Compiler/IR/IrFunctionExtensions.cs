namespace CudaWasm.Compiler.IR;

public static class IrFunctionExtensions
{
    /// <summary>A new slot of the function.</summary>
    public static IrSlot NewSlot(this IrFunction function, string name, IrType type)
    {
        var slot = new IrSlot(name, type, function.Slots.Count);
        function.Slots.Add(slot);
        return slot;
    }
}
