using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// Writes out loops whose few trips follow from the block's size: <c>for (x = threadIdx.x; x &lt; 40; x += blockDim.x)</c> over the edge of a tile
/// is two trips for blocks of 32, the second of them for eight threads. Indices are then the thread's own and a constant, and those that can not
/// lead outside need no check.
/// </summary>
internal sealed class ShortLoops
{
    private const int MaxTrips = 8;

    /// <summary>Nodes that a loop may become.</summary>
    private const int MaxNodes = 600;

    private readonly Dictionary<IrSlot, IrExpression> _values;
    private readonly ILookup<IrSlot, IrStatement> _assignments;
    private readonly IrFunction _kernel;
    private readonly ValueRanges _ranges;

    private ShortLoops(IrFunction kernel, LaneBlock block)
    {
        _kernel = kernel;
        var liveness = new SlotLiveness(kernel);
        liveness.LiveIn(kernel.Body, liveness.Empty());
        _ranges = new ValueRanges(kernel, block, liveness);
        _values = Recomputation.FindValues(kernel);
        _assignments = IrTree.Assignments(kernel.Body);
    }

    /// <summary>The program for blocks of a size. It shares slots and variables with the other one.</summary>
    public static IrBlockProgram Unroll(IrBlockProgram program, LaneBlock block)
    {
        var original = program.Module.Kernel;
        if (!IrTree.All(original.Body).Any(s => s is IrLoop)) return program;
        var kernel = new IrFunction(original.Name, true, original.ReturnType, original.Span) { Body = new IrRewriter().Rewrite(original.Body) };
        kernel.Parameters.AddRange(original.Parameters);
        kernel.Slots.AddRange(original.Slots);
        kernel.Variables.AddRange(original.Variables);
        var loops = new ShortLoops(kernel, block);
        var found = false;
        foreach (var region in IrTree.All(kernel.Body).OfType<IrThreadLoop>().ToList()) found |= loops.Unroll(region.Body);
        if (!found) return program;
        var module = new IrModule { Kernel = kernel };
        module.Functions.AddRange(program.Module.Functions);
        module.Globals.AddRange(program.Module.Globals);
        return program with { Module = module };
    }

    private bool Unroll(IrBlock block)
    {
        var (statements, found) = (block.Statements, false);
        for (var i = 0; i < statements.Count; i++)
        {
            foreach (var inner in IrTree.Blocks(statements[i])) found |= Unroll(inner);
            if (statements[i] is not IrLoop loop || Trips(loop, statements.Take(i)) is not { } trips) continue;
            statements.RemoveAt(i);
            statements.InsertRange(i, trips);
            i += trips.Count - 1;
            found = true;
        }

        return found;
    }

    /// <summary>What the loop does, trip by trip; null where it is to stay.</summary>
    private List<IrStatement>? Trips(IrLoop loop, IEnumerable<IrStatement> before)
    {
        if (loop is not { After: null, Unroll: not 1, Before: IrBinary { Op: IrBinaryOp.Less or IrBinaryOp.LessOrEqual } comparison, Step.Statements: [IrAssign next] }) return null;
        var counter = next.Slot;
        if (!counter.Type.IsInteger() || counter.Type.Size() < 4 || !GridStrideLoop.IsCounter(comparison.Left, counter)) return null;
        if (_assignments[counter].Count() != 2 || before.OfType<IrAssign>().LastOrDefault(s => s.Slot == counter) is not { } first) return null;
        if (IrTree.All(loop.Body).Any(s => s is IrReturn || (s is IrLeave leave && leave.Target == loop.Label))) return null;
        // Nobody asks for the counter's last value.
        if (Reads(loop.Body) + Reads(loop.Step) + IrTree.All(comparison).Count(IsRead) < Reads(_kernel.Body)) return null;
        if (Recomputation.Expand(first.Value, _values) is not { } start || _ranges.Of(start) is not { Low: >= 0 } begin) return null;
        if (Constant(comparison.Right) is not { } bound || GridStrideLoop.StepOf(next.Value, counter) is not { } added || Constant(added) is not (> 0 and < int.MaxValue and var step)) return null;
        var end = comparison.Op == IrBinaryOp.Less ? bound : bound + 1;
        var count = end <= begin.Low ? 0 : (end - begin.Low + step - 1) / step;
        // No trip's counter leaves 31 bits, in which signs and widths make no difference.
        if (count is < 1 or > MaxTrips || begin.High + (count * step) > int.MaxValue || count * LoopUnrolling.Nodes(loop.Body) > MaxNodes) return null;
        var result = new List<IrStatement>();
        for (var trip = 0; trip < count; trip++)
        {
            var value = IrBuilder.Binary(IrBinaryOp.Add, IrBuilder.Convert(counter.Type, start), IrBuilder.Integer(counter.Type, trip * step));
            var at = new Substitution(e => IsRead(e) ? value : null);
            var body = at.Trip(loop);
            if (begin.High + (trip * step) < end) result.AddRange(body);
            else result.Add(new IrIf(at.Rewrite(comparison), new IrBlock([.. body]), new IrBlock(), loop.Span));
        }

        return result;

        int Reads(IrBlock block) => IrTree.AllExpressions(block).Count(IsRead);

        bool IsRead(IrExpression e) => e is IrSlotRead read && read.Slot == counter;
    }

    private long? Constant(IrExpression e) =>
        Recomputation.Expand(e, _values) is { } expanded && _ranges.Of(expanded) is { } range && range.Low == range.High ? range.Low : null;
}
