using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// Keeps warp-synchronous code right. Programs from before __syncwarp let the threads of a warp exchange values through volatile shared
/// memory and rely on their running in step: all lanes load, then all lanes store. Where threads run one after the other this order
/// must be made, so each volatile store to shared memory gets its value first, and a warp barrier before and after it.
/// </summary>
public static class WarpSynchronous
{
    public static void Order(IrFunction kernel)
    {
        var provenance = PointerProvenance.Analyze(kernel);
        var isExchange = IrTree.AllExpressions(kernel.Body).Any(e => e is IrLoad { IsVolatile: true } load && IsShared(load.Address))
            && IrTree.All(kernel.Body).Any(IsVolatileStore);
        if (isExchange) kernel.Body = new Ordering(kernel, IsVolatileStore).Rewrite(kernel.Body);

        bool IsVolatileStore(IrStatement statement) => statement is IrStore { IsVolatile: true } store && IsShared(store.Address);

        bool IsShared(IrExpression address) => provenance.Root(address)?.Variable?.Space is IrSpace.Shared or IrSpace.DynamicShared;
    }

    private sealed class Ordering(IrFunction kernel, Func<IrStatement, bool> isVolatileStore) : IrRewriter
    {
        protected override void Rewrite(IrStatement statement, List<IrStatement> output)
        {
            if (!isVolatileStore(statement))
            {
                base.Rewrite(statement, output);
                return;
            }

            var store = (IrStore)statement;
            var value = kernel.NewSlot("stored", store.Value.Type);
            output.Add(new IrAssign(value, store.Value, store.Span));
            output.Add(Sync(store));
            output.Add(new IrStore(store.Address, IrBuilder.Read(value), true, store.Span));
            output.Add(Sync(store));
        }

        private static IrWarp Sync(IrStore store) => new(null, IrWarpOp.Sync, [IrBuilder.Integer(IrType.U32, uint.MaxValue)], store.Span) { NamesLanes = false };
    }
}
