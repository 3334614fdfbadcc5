using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// Turns a kernel, which says what one thread does, into a block program, which says what the block does: regions between barriers
/// are run once for each thread (<see cref="IrThreadLoop"/>), control flow around barriers is run by the block. Where its conditions are
/// not uniform, each thread has a mask slot for it: "this thread is in here". A branch sets the masks, an exit clears those of what
/// it leaves, loops go on while any mask is set. See docs/architecture.md.
/// </summary>
public sealed partial class BarrierSplit
{
    private readonly IrFunction _kernel;
    private readonly BlockPlan _plan;
    private readonly bool _isChecked;
    private readonly List<Frame> _frames = [];
    private readonly List<Group> _pending = [];
    private List<IrStatement> _output = [];
    private IrSlot? _alive;
    private bool _mayHaveReturned;
    private bool _mayEnd;

    private BarrierSplit(IrFunction kernel, BlockPlan plan, bool isChecked)
    {
        _kernel = kernel;
        _plan = plan;
        _isChecked = isChecked;
    }

    /// <param name="kernel">The kernel; its body is replaced.</param>
    /// <param name="uniformity">Of the kernel.</param>
    /// <param name="isChecked">
    /// Barriers in divergent code are not faults but say who came (<see cref="IrArrival"/>), and warp barriers stay as exchanges without result.
    /// </param>
    /// <param name="keepsWarps">Warp operations stay in the thread loops, for code that runs the threads of a warp in step.</param>
    /// <returns>The slot that is false for threads which returned; null where none returns before a barrier.</returns>
    public static IrSlot? Split(IrFunction kernel, Uniformity uniformity, bool isChecked = false, bool keepsWarps = false)
    {
        var plan = new BlockPlan(kernel, uniformity, keepsWarps);
        if (!plan.HasSynchronization)
        {
            kernel.Body = new IrBlock([new IrThreadLoop(kernel.Body, kernel.Span)]);
            return null;
        }

        foreach (var slot in plan.UniformSlots) slot.Storage = IrSlotStorage.Uniform;
        var split = new BarrierSplit(kernel, plan, isChecked);
        split.Split();
        return split._alive;
    }

    /// <summary>A mask in force, and the exits that clear it: those to its labels, and those to labels of frames below.</summary>
    private sealed record Frame(IrSlot Mask, IrLabel? Leave = null, IrLabel? Continue = null);

    /// <summary>Statements of the region in the making that run under one mask.</summary>
    private sealed class Group(IrSlot? mask)
    {
        public IrSlot? Mask { get; } = mask;

        public List<IrStatement> Statements { get; } = [];

        /// <summary>Goes to the end of the group, for threads that leave what is around it.</summary>
        public IrLabel? Exit { get; set; }
    }

    /// <summary>The innermost mask; null where all threads are here.</summary>
    private IrSlot? Current => _frames.Count > 0 && (_frames[^1].Mask != _alive || _mayHaveReturned || _isChecked) ? _frames[^1].Mask : null;

    private void Split()
    {
        var body = _kernel.Body;
        if (ReturnsEarly(body))
        {
            _alive = _kernel.NewSlot("alive", IrType.Bool);
            Unmasked(new IrAssign(_alive, IrBuilder.True));
            _frames.Add(new Frame(_alive));
        }

        _kernel.Body = Nested(body);
    }

    /// <summary>Single threads return where the block goes on to wait for its threads. A return behind the last barrier just ends the region.</summary>
    private bool ReturnsEarly(IrBlock body)
    {
        var last = _isChecked ? body.Statements.Count - 1 : body.Statements.FindLastIndex(s => _plan.IsBlockLevel(s));
        return MaskedExits(new IrBlock(body.Statements[..(last + 1)])).Any(s => s is IrReturn);
    }

    private IrBlock Nested(IrBlock source, Action? before = null, Action? after = null)
    {
        var outer = _output;
        _output = [];
        before?.Invoke();
        foreach (var statement in source.Statements) Statement(statement);
        after?.Invoke();
        Flush();
        var block = new IrBlock(_output);
        _output = outer;
        return block;
    }

    private void Statement(IrStatement statement)
    {
        if (!_plan.IsBlockLevel(statement))
        {
            Masked(statement);
            return;
        }

        switch (statement)
        {
            case IrAssign s:
                Assign(s);
                break;
            case IrBarrier s:
                Barrier(s);
                break;
            case IrWarp s:
                Warp(s);
                break;
            case IrIf s:
                If(s);
                break;
            case IrLoop s:
                Loop(s);
                break;
            case IrLabeled s:
                Labeled(s);
                break;
            case IrSwitch s:
                Switch(s);
                break;
            default:
                Flush();
                _output.Add(statement);
                break;
        }
    }

    /// <summary>Adds a statement for the threads that are here.</summary>
    private void Masked(IrStatement statement)
    {
        var group = GroupOf(Current);
        var rewriter = new ExitRewriter(this, group);
        rewriter.Add(statement);
        _mayHaveReturned |= _mayEnd;
    }

    /// <summary>Adds a statement for all threads.</summary>
    private void Unmasked(IrStatement statement) => GroupOf(null).Statements.Add(statement);

    private Group GroupOf(IrSlot? mask)
    {
        if (_pending.Count == 0 || _pending[^1].Mask != mask) _pending.Add(new Group(mask));
        return _pending[^1];
    }

    /// <summary>Ends the region in the making.</summary>
    private void Flush()
    {
        if (_pending.Count == 0) return;
        var body = new IrBlock();
        foreach (var group in _pending)
        {
            var statements = group.Exit is null ? group.Statements : [new IrLabeled(group.Exit, new IrBlock(group.Statements))];
            if (group.Mask is null) body.Statements.AddRange(statements);
            else body.Statements.Add(new IrIf(IrBuilder.Read(group.Mask), new IrBlock(statements), new IrBlock()));
        }

        _pending.Clear();
        if (!_mayEnd)
        {
            _output.Add(new IrThreadLoop(body));
            return;
        }

        // Once all threads have returned the block is done; what follows at block level must not run for nobody.
        _mayEnd = false;
        var any = NewUniform("anyAlive", IrType.Bool);
        body.Statements.Add(SetIf(_alive!, any));
        _output.Add(new IrAssign(any, IrBuilder.False));
        _output.Add(new IrThreadLoop(body));
        _output.Add(new IrIf(IrBuilder.Not(IrBuilder.Read(any)), new IrBlock([new IrReturn(null)]), new IrBlock()));
    }

    private IrSlot NewUniform(string name, IrType type)
    {
        var slot = _kernel.NewSlot(name, type);
        slot.Storage = IrSlotStorage.Uniform;
        return slot;
    }

    private static IrIf SetIf(IrSlot mask, IrSlot any) =>
        new(IrBuilder.Read(mask), new IrBlock([new IrAssign(any, IrBuilder.True)]), new IrBlock());

    /// <summary>Runs the region in the making and tells whether any thread has the mask.</summary>
    private IrSlot Any(IrSlot mask)
    {
        var any = NewUniform("any", IrType.Bool);
        _output.Add(new IrAssign(any, IrBuilder.False));
        Unmasked(SetIf(mask, any));
        Flush();
        return any;
    }

    /// <summary>A new mask with the threads that are here and of which the condition holds.</summary>
    private IrSlot NewMask(string name, IrExpression condition)
    {
        var mask = _kernel.NewSlot(name, IrType.Bool);
        Unmasked(new IrAssign(mask, Current is { } current ? IrBuilder.And(IrBuilder.Read(current), condition) : condition));
        return mask;
    }

    /// <summary>The exits that single threads take out of statements which the block runs as one.</summary>
    private IEnumerable<IrStatement> MaskedExits(IrBlock block) => block.Statements.SelectMany(s =>
        _plan.IsBlockLevel(s) ? IrTree.Blocks(s).SelectMany(MaskedExits) : IrTree.All(s).Where(x => x is IrLeave or IrContinue or IrReturn));

    private IEnumerable<IrStatement> BlockExits(IrBlock block) => block.Statements.Where(_plan.IsBlockLevel).SelectMany(s =>
        s is IrLeave or IrContinue or IrReturn ? [s] : IrTree.Blocks(s).SelectMany(BlockExits));

    /// <summary>Makes exits out of a region into cleared masks and a jump to the end of the region's group.</summary>
    private sealed class ExitRewriter(BarrierSplit split, Group group) : IrRewriter
    {
        private readonly HashSet<IrLabel> _inner = [];

        public void Add(IrStatement statement)
        {
            foreach (var part in IrTree.All(statement))
            {
                if (part is IrLoop loop) _inner.Add(loop.Label);
                if (part is IrLabeled labeled) _inner.Add(labeled.Label);
            }

            if (IrTree.All(statement).Any(LeavesRegion)) Rewrite(statement, group.Statements);
            else group.Statements.Add(statement);
        }

        protected override void Rewrite(IrStatement statement, List<IrStatement> output)
        {
            if (!LeavesRegion(statement))
            {
                base.Rewrite(statement, output);
                return;
            }

            var frames = split._frames;
            var lowest = statement switch
            {
                IrLeave s => frames.FindLastIndex(f => f.Leave == s.Target),
                IrContinue s => frames.FindLastIndex(f => f.Continue == s.Target),
                _ => 0,
            };
            if (lowest < 0) throw new InvalidOperationException("A thread leaves a statement that has no mask.");
            for (var i = frames.Count - 1; i >= lowest; i--) output.Add(new IrAssign(frames[i].Mask, IrBuilder.False));
            split._mayEnd |= statement is IrReturn && split._alive is not null;
            output.Add(new IrLeave(group.Exit ??= new IrLabel("out"), statement.Span));
        }

        private bool LeavesRegion(IrStatement statement) => statement switch
        {
            IrReturn => true,
            IrLeave s => !_inner.Contains(s.Target),
            IrContinue s => !_inner.Contains(s.Target),
            _ => false,
        };
    }
}
