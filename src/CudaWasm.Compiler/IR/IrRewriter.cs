namespace CudaWasm.Compiler.IR;

/// <summary>
/// Builds a changed copy of IR. Override what is to change; what is not overridden is copied, so that the result shares no statement
/// with the original. Labels and variables keep their identity, slots do unless <see cref="Map(IrSlot)"/> says otherwise.
/// </summary>
public class IrRewriter
{
    protected virtual IrSlot Map(IrSlot slot) => slot;

    protected virtual IrFunction Map(IrFunction function) => function;

    public IrBlock Rewrite(IrBlock block)
    {
        var result = new IrBlock();
        foreach (var statement in block.Statements) Rewrite(statement, result.Statements);
        return result;
    }

    /// <summary>Adds what the statement becomes, which may be nothing, to the list.</summary>
    protected virtual void Rewrite(IrStatement statement, List<IrStatement> output) => output.Add(Copy(statement));

    public virtual IrExpression Rewrite(IrExpression expression) => expression switch
    {
        IrSlotRead e => Map(e.Slot) is var slot && ReferenceEquals(slot, e.Slot) ? e : new IrSlotRead(slot),
        IrUnary e => IrBuilder.Unary(e.Op, Rewrite(e.Operand)),
        IrBinary e => IrBuilder.Binary(e.Op, Rewrite(e.Left), Rewrite(e.Right), e.Span),
        IrConditional e => IrBuilder.Conditional(Rewrite(e.Condition), Rewrite(e.WhenTrue), Rewrite(e.WhenFalse)),
        IrConvert e => IrBuilder.Convert(e.Type, Rewrite(e.Operand)),
        IrBitcast e => IrBuilder.Bitcast(e.Type, Rewrite(e.Operand)),
        IrAddress e => IrBuilder.Address(Rewrite(e.Base), Maybe(e.Index), e.Scale, e.Offset),
        IrLoad e => new IrLoad(e.Type, Rewrite(e.Address), e.IsVolatile, e.Span) { Alignment = e.Alignment },
        IrTrackedRead e => new IrTrackedRead((IrSlotRead)Rewrite(e.Read), (IrSlotRead)Rewrite(e.IsSet), e.Name, e.Span),
        IrIntrinsicCall e => new IrIntrinsicCall(e.Intrinsic, e.Type, Many(e.Arguments)),
        _ => expression,
    };

    protected IrStatement Copy(IrStatement statement) => statement switch
    {
        IrAssign s => new IrAssign(Map(s.Slot), Rewrite(s.Value), s.Span),
        IrStore s => new IrStore(Rewrite(s.Address), Rewrite(s.Value), s.IsVolatile, s.Span) { Alignment = s.Alignment },
        IrCopy s => new IrCopy(Rewrite(s.Target), Rewrite(s.Source), s.Bytes, s.Alignment, s.Span),
        IrIf s => new IrIf(Rewrite(s.Condition), Rewrite(s.Then), Rewrite(s.Else), s.Span),
        IrLoop s => new IrLoop(s.Label, Maybe(s.Before), Rewrite(s.Body), Rewrite(s.Step), Maybe(s.After), s.Span) { Unroll = s.Unroll },
        IrLabeled s => new IrLabeled(s.Label, Rewrite(s.Body), s.Span),
        IrLeave s => new IrLeave(s.Target, s.Span),
        IrContinue s => new IrContinue(s.Target, s.Span),
        IrSwitch s => new IrSwitch(Rewrite(s.Value), [.. s.Sections.Select(x => x with { Body = Rewrite(x.Body) })], s.Span),
        IrReturn s => new IrReturn(Maybe(s.Value), s.Span),
        IrCall s => new IrCall(Maybe(s.Result), Map(s.Function), Many(s.Arguments), s.Span),
        IrAtomic s => new IrAtomic(Maybe(s.Result), s.Op, Rewrite(s.Address), Rewrite(s.Value), Maybe(s.Compare), s.Span),
        IrBarrier s => new IrBarrier(s.Kind, Maybe(s.Result), Maybe(s.Predicate), s.Span),
        IrWarp s => new IrWarp(Maybe(s.Result), s.Op, Many(s.Arguments), s.Span) { NamesLanes = s.NamesLanes },
        IrWarpExchange s => new IrWarpExchange(Maybe(s.Result), s.Op, Many(s.Arguments), Maybe(s.Active), s.Span) { NamesLanes = s.NamesLanes, Alive = Maybe(s.Alive) },
        IrArrival s => new IrArrival(Maybe(s.Here), Maybe(s.Alive), s.Span),
        IrFence s => new IrFence(s.Span),
        IrPrintf s => new IrPrintf(s.Format, Many(s.Arguments), s.Strings, Maybe(s.Result), s.Span),
        IrService s => new IrService(Maybe(s.Result), s.Op, Many(s.Arguments), s.Span),
        IrTrap s => new IrTrap(s.Code, s.Message, s.Span),
        IrThreadLoop s => new IrThreadLoop(Rewrite(s.Body), s.Span) { IsTile = s.IsTile },
        IrDivergence s => new IrDivergence(Rewrite(s.Here), Rewrite(s.Missing), s.Span),
        _ => throw new InvalidOperationException($"{statement.GetType().Name} cannot be rewritten."),
    };

    private IrExpression? Maybe(IrExpression? expression) => expression is null ? null : Rewrite(expression);

    private IrSlot? Maybe(IrSlot? slot) => slot is null ? null : Map(slot);

    private IrExpression[] Many(IReadOnlyList<IrExpression> expressions) => [.. expressions.Select(Rewrite)];
}

/// <summary>Copies a module with fresh slots and functions, so that the passes of one target leave the others' input alone.</summary>
public sealed class IrCloner : IrRewriter
{
    private readonly Dictionary<IrSlot, IrSlot> _slots = [];
    private readonly Dictionary<IrFunction, IrFunction> _functions = [];

    private IrCloner()
    {
    }

    public static IrModule Clone(IrModule module)
    {
        var cloner = new IrCloner();
        var kernel = cloner.Declare(module.Kernel);
        foreach (var function in module.Functions) cloner.Declare(function);
        var result = new IrModule { Kernel = kernel };
        foreach (var (original, copy) in cloner._functions) copy.Body = cloner.Rewrite(original.Body);
        result.Functions.AddRange(module.Functions.Select(cloner.Map));
        result.Globals.AddRange(module.Globals);
        return result;
    }

    protected override IrSlot Map(IrSlot slot) => _slots.TryGetValue(slot, out var copy) ? copy
        : throw new InvalidOperationException($"Slot {slot.Name} belongs to no function of the module.");

    protected override IrFunction Map(IrFunction function) => _functions.TryGetValue(function, out var copy) ? copy
        : throw new InvalidOperationException($"Function {function.Name} is not in the module.");

    private IrFunction Declare(IrFunction function)
    {
        var copy = new IrFunction(function.Name, function.IsKernel, function.ReturnType, function.Span) { MaxThreadsPerBlock = function.MaxThreadsPerBlock, MinBlocksPerMultiprocessor = function.MinBlocksPerMultiprocessor };
        copy.Parameters.AddRange(function.Parameters);
        copy.Variables.AddRange(function.Variables);
        foreach (var slot in function.Slots) _slots.Add(slot, copy.NewSlot(slot.Name, slot.Type));
        _functions.Add(function, copy);
        return copy;
    }
}
