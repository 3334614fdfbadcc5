using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// Decides which slots of a split kernel are kept for each thread: those that one run through a region may read after another run
/// assigned them, and those warp operations exchange. The others live in registers. Uniform slots were chosen by the split.
/// </summary>
public static class SlotStorage
{
    public static void Assign(IrFunction kernel)
    {
        var liveness = new SlotLiveness(kernel);
        var regions = new List<(SlotSet Exposed, SlotSet Assigned, bool IsRepeated)>();
        Collect(kernel.Body, false);
        foreach (var slot in kernel.Slots.Where(s => s.Storage == IrSlotStorage.Register && IsKept(s))) slot.Storage = IrSlotStorage.PerThread;
        foreach (var exchange in IrTree.All(kernel.Body).OfType<IrWarpExchange>())
        {
            foreach (var slot in exchange.Arguments.OfType<IrSlotRead>().Select(e => e.Slot).Append(exchange.Result).Append(exchange.Active))
            {
                if (slot is { Storage: IrSlotStorage.Register }) slot.Storage = IrSlotStorage.PerThread;
            }
        }

        bool IsKept(IrSlot slot) => regions.Any(r => r.Exposed.Contains(slot)
            && regions.Any(other => other.Assigned.Contains(slot) && (r.IsRepeated || !ReferenceEquals(other.Assigned, r.Assigned))));

        void Collect(IrBlock block, bool isRepeated)
        {
            foreach (var statement in block.Statements)
            {
                if (statement is IrThreadLoop loop)
                {
                    regions.Add((liveness.LiveIn(loop.Body, liveness.Empty()), liveness.Assigned(loop.Body), isRepeated));
                    continue;
                }

                foreach (var inner in IrTree.Blocks(statement)) Collect(inner, isRepeated || statement is IrLoop);
            }
        }
    }
}
