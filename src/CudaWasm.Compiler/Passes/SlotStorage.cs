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
        foreach (var slot in IrTree.All(kernel.Body).SelectMany(ReadAsArrays))
        {
            if (slot is { Storage: IrSlotStorage.Register }) slot.Storage = IrSlotStorage.PerThread;
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

    /// <summary>What the block reads, or writes, of all threads at once.</summary>
    private static IEnumerable<IrSlot?> ReadAsArrays(IrStatement statement) => statement switch
    {
        IrWarpExchange s => [.. s.Arguments.OfType<IrSlotRead>().Select(e => e.Slot), s.Result, s.Active, s.Alive],
        IrArrival s => [s.Here, s.Alive],
        _ => [],
    };
}
