using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>What code for one block size is made from: the analysis, and how local variables lie for the lanes.</summary>
internal sealed class LanePlan
{
    private readonly HashSet<IrVariable> _interleaved = new(ReferenceEqualityComparer.Instance);
    private readonly Lazy<Dictionary<IrSlot, IrExpression>> _values;
    private readonly ILookup<IrSlot, IrStatement> _assignments;
    private readonly Lazy<HashSet<PointerRoot>?> _read;

    private LanePlan(IrBlockProgram program, LaneBlock block, PointerProvenance pointers, SlotLiveness liveness)
    {
        var kernel = program.Module.Kernel;
        (Program, Block) = (program, block);
        Analysis = LaneAnalysis.Run(kernel, block, pointers, liveness, program.Alive);
        Ranges = new ValueRanges(kernel, block, liveness);
        _assignments = IrTree.Assignments(kernel.Body);
        Strides = new BlockStrides(block, _assignments);
        IsOneRegion = IrTree.All(kernel.Body).OfType<IrThreadLoop>().Count() == 1;
        TakesRows = block.IsRow && BlockRows.AreAllowed(program);
        _read = new(() => FindRead(kernel, pointers));
        _values = new(() => Recomputation.FindValues(kernel));
        if (!block.IsRow) Tables = new LaneTables(block);
        Interleave(kernel, pointers);
    }

    /// <summary>The kernel for blocks of this size.</summary>
    public IrBlockProgram Program { get; }

    public LaneBlock Block { get; }

    public LaneAnalysis Analysis { get; }

    public ValueRanges Ranges { get; }

    public BlockStrides Strides { get; }

    /// <summary>The code runs as many neighbouring blocks as the context says, row by row.</summary>
    public bool TakesRows { get; }

    /// <summary>Nothing in the kernel makes the threads of a block wait for each other.</summary>
    public bool IsOneRegion { get; }

    /// <summary>Null where thread indices need no table.</summary>
    public LaneTables? Tables { get; }

    /// <param name="program">The kernel, split at its barriers.</param>
    /// <param name="block">Its size is what the code will be for.</param>
    /// <param name="registers">Registers that a value takes, at most; 0 for what suits the kernel.</param>
    public static LanePlan Make(IrBlockProgram program, LaneBlock block, int registers)
    {
        program = ShortLoops.Unroll(program, block);
        var kernel = program.Module.Kernel;
        var pointers = PointerProvenance.Analyze(kernel);
        var liveness = new SlotLiveness(kernel);
        liveness.LiveIn(kernel.Body, liveness.Empty());
        if (registers == 0) return LaneRegisters.Choose(kernel, Of(1), Of);
        while (registers > 1 && !block.Fits(registers)) registers /= 2;
        return Of(registers);

        LanePlan Of(int count) => new(program, block with { Registers = count }, pointers, liveness);
    }

    /// <summary>The plan of a program whose warp operations stand in its thread loops; null where the lanes cannot be whole warps.</summary>
    /// <param name="program">Split at its barriers only.</param>
    /// <param name="block">Its size is what the code will be for.</param>
    /// <param name="registers">Registers that a value takes, at most; 0 for what suits the kernel.</param>
    public static LanePlan? ForWarps(IrBlockProgram program, LaneBlock block, int registers)
    {
        var whole = LaneMemory.MaxLanes / block.Lanes;
        return block.Fits(whole) && (registers == 0 || registers == whole) && LaneRegisters.HasRoom(program.Module.Kernel, whole) ? Make(program, block, whole) : null;
    }

    /// <summary>The kernel stores to the object, reads nothing of it, and has no way to tell other threads that it did.</summary>
    public bool IsOnlyWritten(PointerRoot root) => _read.Value is { } read && !read.Contains(root);

    /// <summary>What the kernel reads; null where it does more than to read and to store.</summary>
    private static HashSet<PointerRoot>? FindRead(IrFunction kernel, PointerProvenance pointers)
    {
        if (IrTree.All(kernel.Body).Any(s => s is IrAtomic or IrFence or IrCopy or IrCall or IrService or IrStore { IsVolatile: true } or IrBarrier { Kind: IrBarrierKind.Grid })) return null;
        return [.. IrTree.AllExpressions(kernel.Body).OfType<IrLoad>().Select(l => pointers.Root(l.Address)).OfType<PointerRoot>()];
    }

    /// <summary>Elements of the variable alternate over the lanes, so that an index they share reads neighbours.</summary>
    public bool IsInterleaved(IrVariable variable) => _interleaved.Contains(variable);

    /// <summary>Why the kernel has to run one thread after the other; null where it need not.</summary>
    public static string? Obstacle(IrFunction kernel)
    {
        if (LocalStorage.Escaping(kernel).FirstOrDefault() is { } escaped) return $"the address of the local variable '{escaped.Name}' is kept where its lane is not known";
        if (MixedOwn(kernel) is { } mixed) return $"an access may be to the local variable '{mixed.Name}' or to something else";
        if (IrTree.All(kernel.Body).OfType<IrLoop>().Any(IsLock)) return "threads wait for each other with an atomic operation in a loop";
        return null;
    }

    /// <summary>A local variable that an address names among others.</summary>
    private static IrVariable? MixedOwn(IrFunction kernel)
    {
        var pointers = PointerProvenance.Analyze(kernel);
        return IrTree.All(kernel.Body).SelectMany(Addresses).Where(a => pointers.Root(a) is null)
            .SelectMany(IrTree.All).OfType<IrVariableAddress>().Select(e => e.Variable).FirstOrDefault(v => v.Space == IrSpace.Local);

        static IEnumerable<IrExpression> Addresses(IrStatement statement) => IrTree.Expressions(statement).SelectMany(IrTree.All).OfType<IrLoad>().Select(l => l.Address)
            .Concat(statement switch { IrStore s => [s.Address], IrAtomic s => [s.Address], IrCopy s => [s.Target, s.Source], _ => [] });
    }

    /// <summary>A lane that waits for a lock would wait for a lane that waits with it.</summary>
    private static bool IsLock(IrLoop loop) => IrTree.All(loop).OfType<IrAtomic>().Any(a =>
        a is { Op: IrAtomicOp.Exchange, Result: not null } or { Op: IrAtomicOp.CompareExchange, Compare: IrConstant, Value: IrConstant });

    /// <summary>Variables that are only read and written in elements of one size, by vector code.</summary>
    private void Interleave(IrFunction kernel, PointerProvenance pointers)
    {
        var sizes = new Dictionary<IrVariable, int>(ReferenceEqualityComparer.Instance);
        Walk(kernel.Body, false);
        foreach (var (variable, size) in sizes)
        {
            if (size > 0 && variable.Bytes % size == 0) _interleaved.Add(variable);
        }

        void Walk(IrBlock block, bool inSerial)
        {
            foreach (var statement in block.Statements)
            {
                var isSerial = inSerial || IsSerial(statement);
                foreach (var expression in IrTree.Expressions(statement).SelectMany(IrTree.All))
                {
                    if (expression is IrLoad load) Note(load.Address, isSerial ? -1 : load.Type.Size());
                    if (isSerial && expression.Type == IrType.Pointer) Note(expression, -1);
                }

                if (statement is IrAtomic atomic) Note(atomic.Address, -1);
                if (statement is IrStore store) Note(store.Address, isSerial ? -1 : store.Value.Type.Size());
                foreach (var inner in IrTree.Blocks(statement)) Walk(inner, isSerial);
            }
        }

        void Note(IrExpression address, int size)
        {
            if (pointers.Root(address)?.Variable is not { Space: IrSpace.Local } variable) return;
            sizes[variable] = sizes.TryGetValue(variable, out var other) && other != size ? -1 : size;
        }
    }

    /// <summary>The statement is run by the scalar code, for one lane after the other.</summary>
    public bool IsSerial(IrStatement statement) => statement switch
    {
        IrIf s => IrTree.All(s).Any(IsBlockResult) || SingleLane(s) is not null,
        IrAssign => IsBlockResult(statement),
        IrStore or IrAtomic or IrLoop or IrLabeled or IrLeave or IrContinue or IrReturn or IrSwitch or IrFence or IrTrap or IrThreadLoop or IrWarp => false,
        _ => true,
    };

    /// <summary>
    /// The comparison, as of <c>if (threadIdx.x == 0)</c>, that at most one lane fulfils: that lane runs the scalar code. Null where there is none, or where
    /// the statement's exits or warp operations concern other lanes.
    /// </summary>
    public IrBinary? SingleLane(IrIf statement)
    {
        if (!statement.Else.IsEmpty || IrTree.All(statement).Any(s => s is IrWarp or IrReturn or IrThreadLoop || IrTree.Leaves(statement, s))) return null;
        return Conjuncts(statement.Condition).OfType<IrBinary>().FirstOrDefault(e =>
            e.Op == IrBinaryOp.Equal && e.Left.Type.IsInteger() && e.Left.Type.Size() >= 4 && Math.Abs(Analysis.Shape(e.Left).Stride - Analysis.Shape(e.Right).Stride ?? 0) == 1);
    }

    /// <summary>The statement that is all a region of a one-dimensional block does, but for values it needs; null where there is none.</summary>
    public IrIf? LastIf(IrThreadLoop region) =>
        Block.Threads == Block.X && !TakesRows && region.Body.Statements is [.. var before, IrIf { Else.IsEmpty: true } last] && before.All(s => s is IrAssign assign && _values.Value.ContainsKey(assign.Slot)) ? last : null;

    /// <summary>The value grows by the same from each thread of the block to the next, or is one for all of them.</summary>
    public bool IsLinear(IrExpression e) => e switch
    {
        IrConstant or IrParameterRead or IrBuiltinRead or IrSlotRead { Slot.Storage: IrSlotStorage.Uniform } => true,
        IrSlotRead read => _values.Value.TryGetValue(read.Slot, out var value) && IsLinear(value),
        IrConvert convert => e.Type.IsInteger() && e.Type.Size() >= 4 && convert.Operand.Type.IsInteger() && convert.Operand.Type.Size() >= 4 && IsLinear(convert.Operand),
        IrBinary { Op: IrBinaryOp.Add or IrBinaryOp.Subtract } sum => IsLinear(sum.Left) && IsLinear(sum.Right),
        IrBinary { Op: IrBinaryOp.Multiply, Right: IrConstant } product => IsLinear(product.Left),
        _ => false,
    };

    /// <summary>
    /// Neighbouring lanes have neighbouring indices but for the borders of what they index: <c>min(x, n - 1)</c>, <c>x &lt; 0 ? 0 : x</c>,
    /// <c>(x + 1) % n</c>.
    /// </summary>
    public bool IsMostlyRow(IrExpression e)
    {
        // A slot that is assigned once may still be computed from itself.
        var seen = new HashSet<IrSlot>();
        return Check(e);

        bool Check(IrExpression e) => Analysis.Shape(e).Stride == 1 || e switch
        {
            IrSlotRead read => seen.Add(read.Slot) && _assignments[read.Slot].ToList() is [IrAssign assign] && Check(assign.Value),
            IrConvert convert => convert.Operand.Type.IsInteger() && Check(convert.Operand),
            IrIntrinsicCall { Intrinsic: IrIntrinsic.Min or IrIntrinsic.Max, Arguments: [var first, var second] } => IsWithUniform(first, second),
            IrConditional choice => IsWithUniform(choice.WhenTrue, choice.WhenFalse),
            IrBinary { Op: IrBinaryOp.Add } sum => IsWithUniform(sum.Left, sum.Right),
            IrBinary { Op: IrBinaryOp.Subtract or IrBinaryOp.Remainder } difference => Analysis.Shape(difference.Right).IsUniform && Check(difference.Left),
            _ => false,
        };

        bool IsWithUniform(IrExpression a, IrExpression b) => (Analysis.Shape(b).IsUniform && Check(a)) || (Analysis.Shape(a).IsUniform && Check(b));
    }

    /// <summary>
    /// Comes of indices and parameters by arithmetic, not from memory: <c>t ^ stride</c>, <c>i % n</c>, <c>2 * t - (t &amp; (stride - 1))</c>. Such indices often
    /// follow each other for a vector's lanes.
    /// </summary>
    public bool IsComputed(IrExpression e)
    {
        var seen = new HashSet<IrSlot>();
        return Check(e);

        bool Check(IrExpression e) => IrTree.All(e).All(part => part is not IrLoad
            && (part is not IrSlotRead { Slot: var slot } || !seen.Add(slot) || _assignments[slot].All(s => s is IrAssign assign && Check(assign.Value))));
    }

    /// <summary>What a condition asks for, one after the other: a &amp;&amp; b is a conditional expression.</summary>
    public static IEnumerable<IrExpression> Conjuncts(IrExpression condition) =>
        condition is IrConditional { Type: IrType.Bool, WhenFalse: IrConstant { Bits: 0 } } both ? Conjuncts(both.Condition).Concat(Conjuncts(both.WhenTrue)) : [condition];

    /// <summary>What the threads of a block add up, vote on or choose, one after the other.</summary>
    private bool IsBlockResult(IrStatement statement) =>
        statement is IrAssign { Slot.Storage: IrSlotStorage.Uniform } assign && !Analysis.Shape(assign.Value).IsUniform;
}
