using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// Which statements of a kernel the block does as one: those with barriers or warp operations in them, what their uniform conditions are
/// computed from, and exits that all threads take together out of such statements. All else is done thread by thread.
/// </summary>
internal sealed class BlockPlan
{
    private readonly Uniformity _uniformity;
    private readonly HashSet<IrStatement> _blockLevel = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<IrLabel> _labels = [];
    private readonly ILookup<IrSlot, IrStatement> _assignments;
    private readonly bool _keepsWarps;
    private bool _changed;

    /// <param name="kernel">Before the split.</param>
    /// <param name="uniformity">Of the kernel.</param>
    /// <param name="keepsWarps">The threads of a warp run in step: warp operations are done among them, not by the block.</param>
    public BlockPlan(IrFunction kernel, Uniformity uniformity, bool keepsWarps)
    {
        _uniformity = uniformity;
        _keepsWarps = keepsWarps;
        _assignments = IrTree.Assignments(kernel.Body);
        HasSynchronization = IrTree.All(kernel.Body).Any(IsSynchronization);
        if (!HasSynchronization) return;
        do
        {
            _changed = false;
            foreach (var statement in kernel.Body.Statements) Mark(statement, true);
        }
        while (_changed);
    }

    private bool IsSynchronization(IrStatement statement) => statement is IrBarrier || (statement is IrWarp && !_keepsWarps);

    private enum Level
    {
        /// <summary>Done thread by thread.</summary>
        Thread,

        /// <summary>Leaves a block-level statement with all threads.</summary>
        Exit,

        Block,
    }

    /// <summary>False where the whole body is one region.</summary>
    public bool HasSynchronization { get; }

    /// <summary>Slots with one value for the block.</summary>
    public HashSet<IrSlot> UniformSlots { get; } = [];

    public bool IsBlockLevel(IrStatement statement) => _blockLevel.Contains(statement);

    /// <summary>The value is uniform, and all slots in it are at block level.</summary>
    public bool IsAvailable(IrExpression expression) =>
        _uniformity.IsUniform(expression) && IrTree.All(expression).All(e => e is not IrSlotRead read || UniformSlots.Contains(read.Slot));

    /// <param name="statement">What to look at.</param>
    /// <param name="countsExits">False inside a loop that is run thread by thread: an exit is no reason to run it in step.</param>
    private Level Mark(IrStatement statement, bool countsExits)
    {
        var level = statement switch
        {
            _ when IsSynchronization(statement) => Level.Block,
            IrAssign s when UniformSlots.Contains(s.Slot) => Level.Block,
            IrReturn when countsExits && _uniformity.IsReachedTogether(statement) => Level.Exit,
            IrLeave s when countsExits && _labels.Contains(s.Target) && _uniformity.IsReachedTogether(statement) => Level.Exit,
            IrContinue s when countsExits && _labels.Contains(s.Target) && _uniformity.IsReachedTogether(statement) => Level.Exit,
            _ => Level.Thread,
        };
        foreach (var inner in IrTree.Blocks(statement).SelectMany(b => b.Statements))
        {
            var found = Mark(inner, countsExits && (statement is not IrLoop || _blockLevel.Contains(statement)));
            if (found > level) level = found;
        }

        if (level == Level.Thread) return level;
        if (_blockLevel.Add(statement))
        {
            _changed = true;
            if (statement is IrLoop loop) _labels.Add(loop.Label);
            if (statement is IrLabeled labeled) _labels.Add(labeled.Label);
        }

        if (statement is IrIf or IrLoop or IrSwitch)
        {
            foreach (var condition in IrTree.Expressions(statement)) Demand(condition);
        }

        return level;
    }

    /// <summary>Lets a uniform value be computed at block level, with all the slots it depends on.</summary>
    private void Demand(IrExpression expression)
    {
        if (!_uniformity.IsUniform(expression)) return;
        foreach (var read in IrTree.All(expression).OfType<IrSlotRead>())
        {
            if (!UniformSlots.Add(read.Slot)) continue;
            _changed = true;
            foreach (var assignment in _assignments[read.Slot])
            {
                if (assignment is IrAssign assign) Demand(assign.Value);
            }
        }
    }
}
