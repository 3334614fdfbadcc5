using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// Whether the warps of a block have to keep in step between barriers. By CUDA's rules they never have to, but public kernels race: a warp
/// reads shared memory that another writes after its next shuffle, say. On a GPU, where the warps come to the shuffle at about the same time,
/// that goes well. So such warps are run in step, and only others one after the other from barrier to barrier.
/// </summary>
internal sealed class WarpsInStep
{
    private static readonly object AnyShared = new();
    private static readonly object DynamicShared = new();

    private readonly PointerProvenance _pointers;
    private readonly Dictionary<IrLabel, Seen> _exits = [];
    private readonly Dictionary<IrLabel, Seen> _rounds = [];
    private bool _areNeeded;

    private WarpsInStep(IrFunction kernel) => _pointers = PointerProvenance.Analyze(kernel);

    /// <summary>Between two barriers there are two accesses of a shared variable, one of them a write, and a warp operation between them.</summary>
    public static bool AreNeeded(IrFunction kernel)
    {
        if (!IrTree.All(kernel.Body).Any(s => s is IrBarrier)) return false;
        var analysis = new WarpsInStep(kernel);
        analysis.Block(kernel.Body, new Seen());
        return analysis._areNeeded;
    }

    private void Block(IrBlock block, Seen seen)
    {
        foreach (var statement in block.Statements) Statement(statement, seen);
    }

    private void Statement(IrStatement statement, Seen seen)
    {
        foreach (var expression in IrTree.Expressions(statement))
        {
            if (statement is not IrLoop) Read(expression, seen);
        }

        switch (statement)
        {
            case IrStore s:
                Access(s.Address, true, seen);
                break;
            case IrAtomic s:
                Access(s.Address, true, seen);
                break;
            case IrCopy s:
                Access(s.Source, false, seen);
                Access(s.Target, true, seen);
                break;
            case IrCall:
                // What a function does is not looked at.
                _areNeeded = true;
                break;
            case IrBarrier:
                seen.Clear();
                break;
            case IrWarp:
                seen.PassWarpOperation();
                break;
            case IrIf s:
                var other = seen.Clone();
                Block(s.Then, seen);
                Block(s.Else, other);
                seen.UnionWith(other);
                break;
            case IrSwitch s:
                var sections = seen.Clone();
                foreach (var section in s.Sections)
                {
                    // From the top, or out of the section above.
                    sections.UnionWith(seen);
                    Block(section.Body, sections);
                    seen.UnionWith(sections);
                }

                break;
            case IrLabeled s:
                Block(s.Body, seen);
                if (_exits.TryGetValue(s.Label, out var exits)) seen.UnionWith(exits);
                break;
            case IrLoop s:
                Loop(s, seen);
                break;
            case IrLeave s:
                At(_exits, s.Target).UnionWith(seen);
                break;
            case IrContinue s:
                At(_rounds, s.Target).UnionWith(seen);
                break;
        }
    }

    private void Loop(IrLoop loop, Seen seen)
    {
        // What has been seen only grows, and is finite.
        bool changed;
        do
        {
            var round = seen.Clone();
            if (loop.Before is not null) Read(loop.Before, round);
            At(_exits, loop.Label).UnionWith(round);
            Block(loop.Body, round);
            round.UnionWith(At(_rounds, loop.Label));
            Block(loop.Step, round);
            if (loop.After is not null) Read(loop.After, round);
            changed = seen.UnionWith(round);
        }
        while (changed);
        seen.UnionWith(At(_exits, loop.Label));
    }

    private void Read(IrExpression expression, Seen seen)
    {
        foreach (var load in IrTree.All(expression).OfType<IrLoad>()) Access(load.Address, false, seen);
    }

    private void Access(IrExpression address, bool isWrite, Seen seen)
    {
        var variable = _pointers.Root(address) switch
        {
            { Parameter: not null } => null,
            { Variable: { Space: IrSpace.DynamicShared } } => DynamicShared,
            { Variable: { Space: IrSpace.Shared } shared } => shared,
            { } => null,
            null => AnyShared,
        };
        if (variable is not null) _areNeeded |= seen.Add(variable, isWrite);
    }

    private static Seen At(Dictionary<IrLabel, Seen> states, IrLabel label)
    {
        if (!states.TryGetValue(label, out var seen)) states.Add(label, seen = new Seen());
        return seen;
    }

    /// <summary>Accesses since the last barrier, and whether a warp operation came after them.</summary>
    private sealed class Seen
    {
        private readonly HashSet<(object Variable, bool IsWrite, bool IsPassed)> _accesses = [];

        public void Clear() => _accesses.Clear();

        public void PassWarpOperation()
        {
            foreach (var access in _accesses.ToList()) _accesses.Add(access with { IsPassed = true });
        }

        /// <summary>True where an access before a warp operation may be of the same bytes, and one of the two is a write.</summary>
        public bool Add(object variable, bool isWrite)
        {
            _accesses.Add((variable, isWrite, false));
            return _accesses.Any(a => a.IsPassed && (a.IsWrite || isWrite) && (a.Variable == variable || a.Variable == AnyShared || variable == AnyShared));
        }

        public Seen Clone()
        {
            var copy = new Seen();
            copy.UnionWith(this);
            return copy;
        }

        /// <summary>True if that added something.</summary>
        public bool UnionWith(Seen other)
        {
            var count = _accesses.Count;
            _accesses.UnionWith(other._accesses);
            return _accesses.Count > count;
        }
    }
}
