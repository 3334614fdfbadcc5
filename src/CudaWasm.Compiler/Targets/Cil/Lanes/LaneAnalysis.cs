using System.Numerics;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// What vector code must know of a kernel whose threads are lanes: the shape of every value, which branches and exits part the lanes of
/// a vector, and which assignments must keep the old value of lanes that are elsewhere. A fixpoint: shapes decide divergence, and a slot that
/// lanes leave with different values has no shape.
/// </summary>
internal sealed class LaneAnalysis
{
    private readonly LaneBlock _block;
    private readonly IrSlot? _alive;
    private readonly PointerProvenance _provenance;
    private readonly SlotLiveness _liveness;
    private readonly Dictionary<IrSlot, LaneShape> _slots = [];
    private readonly HashSet<IrStatement> _blended = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<IrLoop> _divergentLoops = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<(IrLabel Target, bool IsContinue)> _divergentExits = [];
    private readonly Dictionary<(IrLabel Target, bool IsContinue), int> _targets = [];
    private readonly List<Region> _regions = [];
    private readonly HashSet<IrExpression> _varying = new(ReferenceEqualityComparer.Instance);
    private int _depth;
    private bool _hasDivergentReturn;
    private bool _changed;

    private LaneAnalysis(IrFunction kernel, LaneBlock block, PointerProvenance pointers, SlotLiveness liveness, IrSlot? alive)
    {
        _alive = alive;
        _block = block;
        _provenance = pointers;
        _liveness = liveness;
        foreach (var exchange in IrTree.All(kernel.Body).OfType<IrWarpExchange>())
        {
            if (exchange.Result is { } result) _slots[result] = LaneShape.Varying;
        }

        var loops = IrTree.All(kernel.Body).OfType<IrThreadLoop>().ToList();
        do
        {
            _changed = false;
            foreach (var loop in loops) Walk(loop);
        }
        while (_changed);
    }

    /// <param name="kernel">After the barrier split.</param>
    /// <param name="block">Which threads are lanes.</param>
    /// <param name="pointers">Of the kernel.</param>
    /// <param name="liveness">Of the kernel's body.</param>
    /// <param name="alive">The slot that is false for threads which returned.</param>
    public static LaneAnalysis Run(IrFunction kernel, LaneBlock block, PointerProvenance pointers, SlotLiveness liveness, IrSlot? alive) =>
        new(kernel, block, pointers, liveness, alive);

    /// <summary>Lanes that take the exit stand apart from lanes that do not.</summary>
    public bool IsDivergent(IrLabel target, bool isContinue) => _divergentExits.Contains((target, isContinue));

    public bool HasDivergentReturn(IrThreadLoop loop) => _hasDivergentReturn && IrTree.All(loop.Body).Any(s => s is IrReturn);

    /// <summary>Lanes leave the loop in different rounds.</summary>
    public bool IsDivergent(IrLoop loop) => _divergentLoops.Contains(loop);

    /// <summary>The assignment is to change active lanes only.</summary>
    public bool IsBlended(IrStatement statement) => _blended.Contains(statement);

    public LaneShape Shape(IrSlot slot) => _slots.GetValueOrDefault(slot, LaneShape.Uniform);

    public LaneShape Shape(IrExpression expression) => Find(expression) ?? LaneShape.Uniform;

    /// <summary>All lanes of a warp that is here as a whole get the same.</summary>
    public bool IsShared(IrWarp warp) => warp.Op switch
    {
        IrWarpOp.ActiveMask => true,
        IrWarpOp.Ballot or IrWarpOp.Any or IrWarpOp.All => Shape(warp.Arguments[0]).IsUniform,
        IrWarpOp.Shuffle => Shape(warp.Arguments[2]).IsUniform && warp.Arguments[3] is IrConstant { Bits: LaneMemory.MaxLanes },
        _ => false,
    };

    /// <summary>Remembers of an expression that it is varying, so that trees with shared parts are not walked again and again.</summary>
    public void Note(IrExpression varying) => _varying.Add(varying);

    /// <summary>Null where a slot without any value so far is read.</summary>
    private LaneShape? Find(IrExpression expression)
    {
        if (_varying.Contains(expression)) return LaneShape.Varying;
        switch (expression)
        {
            case IrConstant e:
                return new(0, Alignment(e.Bits), LaneShape.Limit(e.Bits));
            case IrParameterRead or IrVariableAddress:
                return LaneShape.Uniform;
            case IrBuiltinRead e:
                return Builtin(e.Builtin);
            case IrSlotRead { Slot.Storage: IrSlotStorage.Uniform }:
                return LaneShape.Uniform;
            case IrSlotRead e:
                return _slots.TryGetValue(e.Slot, out var found) ? found : null;
            case IrBinary e:
                return Find(e.Left) is { } left && Find(e.Right) is { } right ? Binary(e, left, right) : null;
            case IrConvert e:
                return Find(e.Operand) is { } operand ? Convert(e, operand) : null;
            case IrAddress e:
                if (Find(e.Base) is not { } start) return null;
                if (e.Index is null) return new(start.Stride);
                return Find(e.Index) is not { } index ? null : new(start.Stride + Extend(e.Index.Type, index).Stride * e.Scale);
            case IrLoad e:
                return Find(e.Address) is not { } address ? null : address.IsUniform && !IsOwn(e.Address) ? LaneShape.Uniform : LaneShape.Varying;
            case IrConditional e:
                if (Find(e.Condition) is not { } condition || Find(e.WhenTrue) is not { } whenTrue || Find(e.WhenFalse) is not { } whenFalse) return null;
                return condition.IsUniform ? whenTrue.Join(whenFalse) : LaneShape.Varying;
            case IrUnary { Op: IrUnaryOp.Negate } e when e.Type is IrType.I32 or IrType.U32 or IrType.I64 or IrType.U64:
                return Find(e.Operand) is { } negated ? new(-negated.Stride, negated.Align) : null;
            default:
                var isUniform = true;
                foreach (var part in IrTree.Operands(expression))
                {
                    if (Find(part) is not { } shape) return null;
                    isUniform &= shape.IsUniform;
                }

                return isUniform ? LaneShape.Uniform : LaneShape.Varying;
        }
    }

    /// <summary>The address is in each lane's own memory, or may be.</summary>
    private bool IsOwn(IrExpression address) => _provenance.Root(address) is { Variable.Space: IrSpace.Local };

    private LaneShape Builtin(IrBuiltin builtin) => builtin switch
    {
        IrBuiltin.LinearThread => new(1, _block.Lanes, _block.Threads - 1),
        IrBuiltin.ThreadIdxX => _block.IsRow ? new(1, _block.Lanes, _block.X - 1) : LaneShape.Varying,
        IrBuiltin.ThreadIdxY => _block.IsRow ? new(0, 1, _block.Y - 1) : LaneShape.Varying,
        IrBuiltin.ThreadIdxZ => _block.IsRow ? new(0, 1, _block.Z - 1) : LaneShape.Varying,
        IrBuiltin.BlockIdxX => new(0, 1, MostBlocks(_block.X) - 1),
        IrBuiltin.BlockIdxY => new(0, 1, MostBlocks(_block.Y) - 1),
        IrBuiltin.BlockIdxZ => new(0, 1, MostBlocks(_block.Z) - 1),
        IrBuiltin.GridDimX => new(0, 1, LaneShape.Limit(MostBlocks(_block.X))),
        IrBuiltin.GridDimY => new(0, 1, LaneShape.Limit(MostBlocks(_block.Y))),
        IrBuiltin.GridDimZ => new(0, 1, LaneShape.Limit(MostBlocks(_block.Z))),
        _ => Constant(builtin) is { } size ? new(0, Alignment(size), size) : LaneShape.Uniform,
    };

    private long MostBlocks(int threads) => (1L << 31) / (_block.IsLarge ? 1 : threads);

    private int? Constant(IrBuiltin builtin) => builtin switch
    {
        IrBuiltin.BlockDimX => _block.X,
        IrBuiltin.BlockDimY => _block.Y,
        IrBuiltin.BlockDimZ => _block.Z,
        _ => null,
    };

    private long? Constant(IrExpression expression) => expression switch
    {
        IrConstant e => e.Bits,
        IrBuiltinRead e => Constant(e.Builtin),
        IrConvert e when e.Type.IsInteger() && e.Type.Size() >= 4 => Constant(e.Operand),
        _ => null,
    };

    private int Alignment(long value) => value == 0 ? _block.Lanes : (int)Math.Min(_block.Lanes, 1L << Math.Min(30, BitOperations.TrailingZeroCount(value)));

    private int Product(int a, int b) => Math.Min(_block.Lanes, a * b);

    private LaneShape Binary(IrBinary e, LaneShape left, LaneShape right)
    {
        if (left.IsUniform && right.IsUniform) return UniformBinary(e, left, right);
        if (e.Op >= IrBinaryOp.Equal || e.Type.Size() < 4 || !e.Type.IsInteger() || left.IsVarying || right.IsVarying) return LaneShape.Varying;
        // One whole vector between two multiples of the number of lanes.
        var isWhole = left.Stride == 1 && left.Align == _block.Lanes && right.IsUniform;
        switch (e.Op)
        {
            case IrBinaryOp.Add:
                return new(left.Stride + right.Stride, Math.Min(left.Align, right.Align), Sum(left, right));
            case IrBinaryOp.Subtract:
                return new(left.Stride - right.Stride, Math.Min(left.Align, right.Align));
            case IrBinaryOp.Multiply when Constant(e.Right) is { } factor:
                return new(left.Stride * factor, Product(left.Align, Alignment(factor)), left.IsSmall ? LaneShape.Limit(left.Max * factor) : -1);
            case IrBinaryOp.Multiply when Constant(e.Left) is { } factor:
                return new(right.Stride * factor, Product(right.Align, Alignment(factor)), right.IsSmall ? LaneShape.Limit(right.Max * factor) : -1);
            case IrBinaryOp.ShiftLeft when Constant(e.Right) is { } count and >= 0 and < 31:
                return new(left.Stride << (int)count, Product(left.Align, 1 << (int)Math.Min(count, 5)));
            case IrBinaryOp.ShiftRight when isWhole && Constant(e.Right) is { } count and < 63 && 1L << (int)count >= _block.Lanes:
                return new(0, 1, left.Max >> (int)count);
            case IrBinaryOp.And when isWhole && Constant(e.Right) is { } mask and > 0 && BitOperations.IsPow2(mask + 1) && mask + 1 >= _block.Lanes:
                return new(1, _block.Lanes, LaneShape.Limit(mask));
            case IrBinaryOp.Divide when isWhole && IsWholeDivisor(e, left):
                return new(0, 1, left.IsSmall ? left.Max / Constant(e.Right)!.Value : -1);
            case IrBinaryOp.Remainder when isWhole && IsWholeDivisor(e, left):
                return new(1, _block.Lanes, LaneShape.Limit(Constant(e.Right)!.Value - 1));
            default:
                return LaneShape.Varying;
        }
    }

    private bool IsWholeDivisor(IrBinary e, LaneShape left) =>
        (left.IsSmall || !e.Type.IsSigned()) && Constant(e.Right) is { } divisor and > 0 && divisor % _block.Lanes == 0;

    private LaneShape UniformBinary(IrBinary e, LaneShape left, LaneShape right)
    {
        if (e.Type.Size() < 4) return LaneShape.Uniform;
        var areSmall = left.IsSmall && right.IsSmall;
        return e.Op switch
        {
            IrBinaryOp.Multiply => new(0, Product(left.Align, right.Align), areSmall ? LaneShape.Limit(left.Max * right.Max) : -1),
            IrBinaryOp.Add => new(0, Math.Min(left.Align, right.Align), Sum(left, right)),
            IrBinaryOp.Subtract => new(0, Math.Min(left.Align, right.Align)),
            IrBinaryOp.ShiftLeft when Constant(e.Right) is { } count and >= 0 and < 31 =>
                new(0, Product(left.Align, 1 << (int)Math.Min(count, 5)), left.IsSmall ? LaneShape.Limit(left.Max << (int)count) : -1),
            // One side that is not negative bounds the other.
            IrBinaryOp.And => new(0, 1, areSmall ? Math.Min(left.Max, right.Max) : Math.Max(left.Max, right.Max)),
            IrBinaryOp.Remainder => new(0, 1, areSmall ? Math.Min(left.Max, Math.Max(0, right.Max - 1)) : -1),
            IrBinaryOp.Divide or IrBinaryOp.ShiftRight => new(0, 1, areSmall ? left.Max : -1),
            _ => LaneShape.Uniform,
        };
    }

    private static long Sum(LaneShape a, LaneShape b) => a.IsSmall && b.IsSmall ? LaneShape.Limit(a.Max + b.Max) : -1;

    private LaneShape Convert(IrConvert e, LaneShape operand)
    {
        var from = e.Operand.Type;
        var isInteger = (from.IsInteger() || from == IrType.Pointer) && (e.Type.IsInteger() || e.Type == IrType.Pointer);
        if (!isInteger || operand.IsVarying) return operand.IsUniform ? LaneShape.Uniform : LaneShape.Varying;
        if (e.Type.Size() < 4) return operand.IsUniform ? LaneShape.Uniform : LaneShape.Varying;
        if (e.Type.Size() > from.Size()) return Extend(from, operand);
        return operand;
    }

    /// <summary>
    /// The shape after an extension to 64 bits. Signed values do not wrap, as that is undefined. Unsigned ones may; a vector between two
    /// multiples of its lanes does not.
    /// </summary>
    private LaneShape Extend(IrType from, LaneShape shape) =>
        from.Size() == 8 || from.IsSigned() || shape.IsUniform || shape.IsSmall || (shape.Stride == 1 && shape.Align == _block.Lanes) ? shape : LaneShape.Varying;

    private void Walk(IrThreadLoop loop)
    {
        _depth = 0;
        _targets.Clear();
        _regions.Clear();
        _regions.Add(new Region(null, _liveness.After(loop)));
        Walk(loop.Body, _liveness.Empty());
    }

    /// <summary>What lanes can leave early; from then on the slots live at its end must keep the values that these lanes have.</summary>
    private sealed class Region(IrLabel? label, SlotSet liveAfter)
    {
        public IrLabel? Label { get; } = label;

        public SlotSet LiveAfter { get; } = liveAfter;

        public bool IsLeft { get; set; }
    }

    private void Leave(IrLabel? label)
    {
        foreach (var region in _regions)
        {
            if (region.Label == label) region.IsLeft = true;
        }
    }

    private void Walk(IrBlock block, SlotSet absent)
    {
        foreach (var statement in block.Statements) Walk(statement, absent);
    }

    private void Inside(IrBlock block, SlotSet absent, params ReadOnlySpan<SlotSet> more)
    {
        var all = absent.Clone();
        foreach (var set in more) all.UnionWith(set);
        _depth++;
        Walk(block, all);
        _depth--;
    }

    private void Walk(IrStatement statement, SlotSet absent)
    {
        Assign(statement, absent);
        switch (statement)
        {
            case IrIf s when Shape(s.Condition).IsUniform:
                Walk(s.Then, absent);
                Walk(s.Else, absent);
                break;
            case IrIf { Condition: IrSlotRead read } s when read.Slot == _alive && _alive is not null:
                // Threads that returned read nothing any more.
                Inside(s.Then, absent);
                Inside(s.Else, absent, _liveness.After(s));
                break;
            case IrIf s:
                Inside(s.Then, absent, _liveness.At(s.Else));
                Inside(s.Else, absent, _liveness.After(s));
                break;
            case IrSwitch s when Shape(s.Value).IsUniform:
                foreach (var section in s.Sections) Walk(section.Body, absent);
                break;
            case IrSwitch s:
                var others = _liveness.After(s).Clone();
                foreach (var section in s.Sections) others.UnionWith(_liveness.At(section.Body));
                foreach (var section in s.Sections) Inside(section.Body, absent, others);
                break;
            case IrLabeled s:
                _targets[(s.Label, false)] = _depth;
                if (IsDivergent(s.Label, false))
                {
                    _regions.Add(new Region(s.Label, _liveness.After(s)));
                    Inside(s.Body, absent);
                    _regions.RemoveAt(_regions.Count - 1);
                }
                else
                {
                    Walk(s.Body, absent);
                }

                break;
            case IrLoop s:
                Loop(s, absent);
                break;
            case IrLeave s when _depth != _targets[(s.Target, false)]:
                _changed |= _divergentExits.Add((s.Target, false));
                Leave(s.Target);
                break;
            case IrContinue s when _depth != _targets[(s.Target, true)]:
                _changed |= _divergentExits.Add((s.Target, true));
                break;
            case IrReturn when _depth != 0:
                _changed |= !_hasDivergentReturn;
                _hasDivergentReturn = true;
                Leave(null);
                break;
        }
    }

    private void Loop(IrLoop loop, SlotSet absent)
    {
        _targets[(loop.Label, false)] = _depth;
        var parts = IsDivergent(loop.Label, false)
            || (loop.Before is not null && !Shape(loop.Before).IsUniform) || (loop.After is not null && !Shape(loop.After).IsUniform);
        if (parts) _changed |= _divergentLoops.Add(loop);
        if (IsDivergent(loop))
        {
            absent = absent.Clone();
            absent.UnionWith(_liveness.After(loop));
            _depth++;
        }

        _targets[(loop.Label, true)] = _depth;
        // The exits of one round come before the assignments of the next.
        foreach (var exit in IrTree.All(loop.Body))
        {
            if (exit is IrLeave leave && IsDivergent(leave.Target, false)) Leave(leave.Target);
            if (exit is IrReturn && _hasDivergentReturn) Leave(null);
        }

        if (IsDivergent(loop.Label, true)) Inside(loop.Body, absent, _liveness.AtStep(loop));
        else Walk(loop.Body, absent);
        Walk(loop.Step, absent);
        if (IsDivergent(loop)) _depth--;
    }

    private void Assign(IrStatement statement, SlotSet absent)
    {
        if (IrTree.Target(statement) is not { } slot || slot.Storage == IrSlotStorage.Uniform) return;
        var isBlended = absent.Contains(slot) || _regions.Exists(r => r.IsLeft && r.LiveAfter.Contains(slot));
        if (isBlended) _changed |= _blended.Add(statement);
        LaneShape? shape = statement switch
        {
            IrAssign assign when !isBlended => Find(assign.Value),
            IrWarp warp when !isBlended && _depth == 0 && !_hasDivergentReturn && !_block.HasTail && IsShared(warp) => LaneShape.Uniform,
            _ => LaneShape.Varying,
        };
        if (shape is not { } value) return;
        if (slot.Type == IrType.Bool && !value.IsUniform) value = LaneShape.Varying;
        var joined = _slots.TryGetValue(slot, out var before) ? before.Join(value) : value;
        if (_slots.TryGetValue(slot, out before) && before == joined) return;
        _slots[slot] = joined;
        _changed = true;
    }
}
