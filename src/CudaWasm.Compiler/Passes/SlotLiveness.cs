using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>A set of a function's slots, as bits by <see cref="IrSlot.Index"/>.</summary>
public sealed class SlotSet(int capacity)
{
    private readonly ulong[] _words = new ulong[(capacity + 63) / 64];
    private readonly int _capacity = capacity;

    public bool Contains(IrSlot slot) => (_words[slot.Index >> 6] >> (slot.Index & 63) & 1) != 0;

    public void Add(IrSlot slot) => _words[slot.Index >> 6] |= 1UL << (slot.Index & 63);

    public void Remove(IrSlot slot) => _words[slot.Index >> 6] &= ~(1UL << (slot.Index & 63));

    /// <summary>True if that changed the set.</summary>
    public bool UnionWith(SlotSet other)
    {
        var changed = false;
        for (var i = 0; i < _words.Length; i++)
        {
            var word = _words[i] | other._words[i];
            changed |= word != _words[i];
            _words[i] = word;
        }

        return changed;
    }

    public SlotSet Clone()
    {
        var copy = new SlotSet(_capacity);
        _words.CopyTo(copy._words, 0);
        return copy;
    }
}

/// <summary>Which slots may be read before they are assigned. Backwards over the structure, with a fixpoint for each loop.</summary>
public sealed class SlotLiveness(IrFunction function)
{
    private readonly int _count = function.Slots.Count;
    private readonly Dictionary<IrLabel, SlotSet> _leave = [];
    private readonly Dictionary<IrLabel, SlotSet> _continue = [];
    private readonly Dictionary<IrStatement, SlotSet> _after = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<IrBlock, SlotSet> _entry = new(ReferenceEqualityComparer.Instance);
    private SlotSet _end = new(0);

    public SlotSet Empty() => new(_count);

    /// <summary>The slots assigned anywhere in a block.</summary>
    public SlotSet Assigned(IrBlock block)
    {
        var result = Empty();
        foreach (var statement in IrTree.All(block))
        {
            if (IrTree.Target(statement) is { } slot) result.Add(slot);
        }

        return result;
    }

    /// <summary>The slots whose value on entry of the block may be read in it or, for those in <paramref name="liveOut"/>, after it.</summary>
    public SlotSet LiveIn(IrBlock block, SlotSet liveOut)
    {
        _end = liveOut;
        return Block(block, liveOut);
    }

    /// <summary>After <see cref="LiveIn"/>: the slots live where a statement with blocks in it ends.</summary>
    public SlotSet After(IrStatement statement) => _after[statement];

    /// <summary>After <see cref="LiveIn"/>: the slots live where a block begins.</summary>
    public SlotSet At(IrBlock block) => _entry[block];

    /// <summary>After <see cref="LiveIn"/>: the slots live where the step of a loop begins.</summary>
    public SlotSet AtStep(IrLoop loop) => _continue[loop.Label];

    private SlotSet Block(IrBlock block, SlotSet liveOut)
    {
        var live = liveOut.Clone();
        for (var i = block.Statements.Count - 1; i >= 0; i--) live = Statement(block.Statements[i], live);
        _entry[block] = live.Clone();
        return live;
    }

    /// <summary>Takes over <paramref name="live"/>.</summary>
    private SlotSet Statement(IrStatement statement, SlotSet live)
    {
        if (statement is IrIf or IrLoop or IrLabeled or IrSwitch or IrThreadLoop) _after[statement] = live.Clone();
        switch (statement)
        {
            case IrThreadLoop s:
                // Every thread runs the body once; a return in it ends that run only.
                var end = _end;
                _end = live;
                var entry = Block(s.Body, live);
                _end = end;
                return entry;
            case IrIf s:
                var then = Block(s.Then, live);
                then.UnionWith(Block(s.Else, live));
                return Read(s.Condition, then);
            case IrLoop s:
                return Loop(s, live);
            case IrLabeled s:
                _leave[s.Label] = live;
                return Block(s.Body, live);
            case IrSwitch s:
                return Switch(s, live);
            case IrLeave s:
                return _leave.TryGetValue(s.Target, out var after) ? after.Clone() : _end.Clone();
            case IrContinue s:
                return _continue[s.Target].Clone();
            case IrReturn or IrTrap or IrDivergence:
                live = _end.Clone();
                break;
        }

        if (IrTree.Target(statement) is { } target) live.Remove(target);
        // A masked exchange keeps what inactive threads had.
        if (statement is IrWarpExchange { Result: { } result, Active: not null }) live.Add(result);
        foreach (var expression in IrTree.Expressions(statement)) Read(expression, live);
        return live;
    }

    private SlotSet Loop(IrLoop loop, SlotSet exit)
    {
        _leave[loop.Label] = exit;
        var top = Empty();
        while (true)
        {
            var afterStep = top.Clone();
            if (loop.After is not null) Read(loop.After, afterStep).UnionWith(exit);
            var step = Block(loop.Step, afterStep);
            _continue[loop.Label] = step;
            var body = Block(loop.Body, step);
            if (loop.Before is not null) Read(loop.Before, body).UnionWith(exit);
            if (!top.UnionWith(body)) return top;
        }
    }

    private SlotSet Switch(IrSwitch statement, SlotSet exit)
    {
        var entry = statement.Sections.Any(s => s.IsDefault) ? Empty() : exit.Clone();
        var next = exit;
        for (var i = statement.Sections.Count - 1; i >= 0; i--)
        {
            next = Block(statement.Sections[i].Body, next);
            entry.UnionWith(next);
        }

        return Read(statement.Value, entry);
    }

    private static SlotSet Read(IrExpression expression, SlotSet live)
    {
        foreach (var part in IrTree.All(expression))
        {
            if (part is IrSlotRead read) live.Add(read.Slot);
        }

        return live;
    }
}
