using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// A loop over the grid's stride that carries values from round to round, a sum mostly, takes some rounds for all threads of the block before it
/// takes the next ones: a thread's elements lie far apart, those of the block's threads side by side, and memory is fast for what is read side
/// by side within a short time. Between those tiles each thread's values wait in memory.
/// </summary>
internal static class GridStrideTiles
{
    /// <summary>
    /// Measured with sums of 64 MiB: 4 to 16 rounds come near to reading straight on, all rounds at once take twice the time. With more of them the block's
    /// part of the input no longer fits into the nearest cache, with fewer the values that wait cost more.
    /// </summary>
    private const int Rounds = 16;

    public static void Apply(IrFunction kernel) => kernel.Body = new IrBlock(Split(kernel, kernel.Body.Statements, Recomputation.FindValues(kernel)));

    private static List<IrStatement> Split(IrFunction kernel, List<IrStatement> statements, Dictionary<IrSlot, IrExpression> values)
    {
        var result = new List<IrStatement>();
        foreach (var statement in statements)
        {
            if (statement is IrThreadLoop region)
            {
                Split(kernel, region, values, result);
                continue;
            }

            foreach (var block in IrTree.Blocks(statement))
            {
                var inner = Split(kernel, block.Statements, values);
                block.Statements.Clear();
                block.Statements.AddRange(inner);
            }

            result.Add(statement);
        }

        return result;
    }

    /// <summary>Adds the region, or what becomes of it.</summary>
    private static void Split(IrFunction kernel, IrThreadLoop region, Dictionary<IrSlot, IrExpression> values, List<IrStatement> output)
    {
        var statements = region.Body.Statements;
        // Threads that are through with the region run none of its parts any more.
        if (!IrTree.All(region.Body).Any(s => s is IrReturn))
        {
            for (var i = 0; i < statements.Count; i++)
            {
                if (statements[i] is not IrLoop whole || GridStrideLoop.Recognize(statements[..i], whole, values) is not { } loop || !IsFar(loop) || !MayTile(kernel, whole, loop)) continue;
                output.Add(new IrThreadLoop(new IrBlock([.. statements[..i].Where(s => s != loop.First)]), region.Span));
                output.AddRange(Tiles(kernel, region, whole, loop));
                Split(kernel, new IrThreadLoop(new IrBlock(statements[(i + 1)..]), region.Span), values, output);
                return;
            }
        }

        if (statements.Count > 0) output.Add(region);
    }

    /// <summary>The next round is not among what the block's threads read in this one.</summary>
    private static bool IsFar(GridStrideLoop loop) =>
        IrTree.All(loop.Step).Any(e => e is IrParameterRead or IrBuiltinRead { Builtin: IrBuiltin.GridDimX or IrBuiltin.GridDimY or IrBuiltin.GridDimZ });

    /// <summary>Rounds of one thread may come between those of another, and nothing else knows the counter.</summary>
    private static bool MayTile(IrFunction kernel, IrLoop whole, GridStrideLoop loop)
    {
        if (IrTree.All(whole.Body).Any(s => !IsUnordered(s) || IrTree.Leaves(whole, s) || s is IrLeave exit && exit.Target == whole.Label)) return false;
        if (!IrTree.AllExpressions(whole.Body).All(BlockRows.IsUnobserved)) return false;
        var inside = IrTree.All(whole).SelectMany(IrTree.Expressions).SelectMany(IrTree.All).Count(IsCounter);
        return IrTree.AllExpressions(kernel.Body).Count(IsCounter) == inside
            && IrTree.All(kernel.Body).Where(s => IrTree.Target(s) == loop.Counter).All(s => s == loop.First || s == loop.Next);

        bool IsCounter(IrExpression e) => e is IrSlotRead read && read.Slot == loop.Counter;
    }

    private static bool IsUnordered(IrStatement statement) =>
        BlockRows.IsUnobserved(statement) || statement is IrAtomic { Result: null, Value.Type: IrType.I32 or IrType.U32 or IrType.I64 or IrType.U64, Op: not (IrAtomicOp.Exchange or IrAtomicOp.CompareExchange) };

    private static IEnumerable<IrStatement> Tiles(IrFunction kernel, IrThreadLoop region, IrLoop whole, GridStrideLoop loop)
    {
        // The first thread may be through far beyond the bound.
        var distance = kernel.NewSlot("distance", loop.Counter.Type.IsSigned() || loop.Counter.Type == IrType.U32 ? IrType.I64 : IrType.U64);
        distance.Storage = IrSlotStorage.Uniform;
        var round = kernel.NewSlot("round", IrType.I32);
        var begin = IrBuilder.Binary(IrBinaryOp.Add, loop.Start, IrBuilder.Convert(loop.Counter.Type, IrBuilder.Read(distance)));
        var isInTile = IrBuilder.Binary(IrBinaryOp.Less, IrBuilder.Read(round), IrBuilder.Int(Rounds));
        var step = new IrBlock([.. whole.Step.Statements, new IrAssign(round, IrBuilder.Binary(IrBinaryOp.Add, IrBuilder.Read(round), IrBuilder.Int(1)))]);
        var tile = new IrBlock(
        [
            new IrAssign(loop.Counter, begin),
            new IrAssign(round, IrBuilder.Int(0)),
            new IrLoop(whole.Label, IrBuilder.And(isInTile, loop.Comparison), whole.Body, step, null, whole.Span),
        ]);
        var least = IrBuilder.Binary(IrBinaryOp.Add, IrBuilder.Convert(distance.Type, loop.LeastStart), IrBuilder.Read(distance));
        var length = IrBuilder.Binary(IrBinaryOp.Multiply, IrBuilder.Convert(distance.Type, loop.Step), IrBuilder.Integer(distance.Type, Rounds));
        return
        [
            new IrAssign(distance, IrBuilder.Zero(distance.Type)),
            new IrLoop(
                new IrLabel("tiles"),
                IrBuilder.Binary(IrBinaryOp.Less, least, IrBuilder.Convert(distance.Type, loop.Bound)),
                new IrBlock([new IrThreadLoop(tile, region.Span) { IsTile = true }]),
                new IrBlock([new IrAssign(distance, IrBuilder.Binary(IrBinaryOp.Add, IrBuilder.Read(distance), length))]),
                null,
                whole.Span),
        ];
    }
}
