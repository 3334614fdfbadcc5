using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Serialization;

/// <summary>Reads what <see cref="IrWriter"/> writes.</summary>
internal sealed class IrReader(CompilationInput input)
{
    private readonly List<IrVariable> _variables = [];
    private readonly List<IrFunction> _functions = [];
    private readonly List<IrLabel> _labels = [];
    private IrFunction _function = new("", false, IrType.Void, SourceSpan.None);

    public IrModule Read()
    {
        var globals = input.ReadMany(Declare);
        _functions.AddRange(input.ReadMany(Head));
        if (_functions.Count == 0) throw CompilationInput.Wrong("a module without a kernel");
        foreach (var function in _functions)
        {
            _function = function;
            function.Body = Block();
        }

        var module = new IrModule { Kernel = _functions[0] };
        module.Functions.AddRange(_functions.Skip(1));
        module.Globals.AddRange(globals);
        return module;
    }

    public IrVariable Variable() => _variables[input.ReadInt()];

    private IrVariable Declare()
    {
        var (name, space, bytes, alignment, span) = (input.ReadString(), input.ReadEnum<IrSpace>(), input.ReadLong(), input.ReadInt(), input.ReadSpan());
        var (element, initial) = (input.ReadEnum<IrType>(), input.ReadBytes());
        if (bytes < 0 || alignment < 1 || initial?.LongLength > bytes) throw CompilationInput.Wrong($"the size of {name}");
        var variable = new IrVariable(name, space, bytes, alignment, span) { ElementType = element, InitialBytes = initial };
        _variables.Add(variable);
        return variable;
    }

    private IrFunction Head()
    {
        var function = new IrFunction(input.ReadString(), input.ReadBool(), input.ReadEnum<IrType>(), input.ReadSpan())
        {
            MaxThreadsPerBlock = input.ReadOptionalInt(),
            MinBlocksPerMultiprocessor = input.ReadOptionalInt(),
        };
        function.Variables.AddRange(input.ReadMany(Declare));
        for (var left = input.ReadCount(); left > 0; left--)
        {
            var (name, type) = (input.ReadString(), input.ReadEnum<IrType>());
            function.Parameters.Add(new IrParameter(name, type, function.Parameters.Count) { Variable = input.ReadBool() ? Declare() : null });
        }

        for (var left = input.ReadCount(); left > 0; left--) function.NewSlot(input.ReadString(), input.ReadEnum<IrType>());
        return function;
    }

    private IrBlock Block()
    {
        var block = new IrBlock();
        for (var left = input.ReadCount(); left > 0; left--) block.Statements.Add(Statement());
        return block;
    }

    private IrSlot Slot() => _function.Slots[input.ReadInt()];

    private IrSlot? Result() => input.ReadInt() is var number && number == 0 ? null : _function.Slots[number - 1];

    private IrLabel Label()
    {
        var label = new IrLabel(input.ReadString());
        _labels.Add(label);
        return label;
    }

    private IrStatement Statement()
    {
        input.Enter();
        var tag = (IrNodeTag)input.ReadByte();
        var span = input.ReadSpan();
        IrStatement statement = tag switch
        {
            IrNodeTag.Assign => new IrAssign(Slot(), Expression(), span),
            IrNodeTag.Store => new IrStore(Expression(), Expression(), input.ReadBool(), span) { Alignment = input.ReadInt() },
            IrNodeTag.Copy => new IrCopy(Expression(), Expression(), input.ReadLong(), input.ReadInt(), span),
            IrNodeTag.If => new IrIf(Expression(), Block(), Block(), span),
            IrNodeTag.Loop => Loop(span),
            IrNodeTag.Labeled => new IrLabeled(Label(), Block(), span),
            IrNodeTag.Leave => new IrLeave(_labels[input.ReadInt()], span),
            IrNodeTag.Continue => new IrContinue(_labels[input.ReadInt()], span),
            IrNodeTag.Switch => new IrSwitch(Expression(), input.ReadMany(() => new IrSwitchSection(input.ReadMany(input.ReadLong), input.ReadBool(), Block())), span),
            IrNodeTag.Return => new IrReturn(Maybe(), span),
            IrNodeTag.Call => new IrCall(Result(), _functions[input.ReadInt()], input.ReadMany(Expression), span),
            IrNodeTag.Atomic => Atomic(span),
            IrNodeTag.Barrier => new IrBarrier(input.ReadEnum<IrBarrierKind>(), Result(), Maybe(), span),
            IrNodeTag.Warp => new IrWarp(Result(), input.ReadEnum<IrWarpOp>(), input.ReadMany(Expression), span) { NamesLanes = input.ReadBool() },
            IrNodeTag.Service => new IrService(Result(), input.ReadEnum<IrServiceOp>(), input.ReadMany(Expression), span),
            IrNodeTag.Fence => new IrFence(span),
            IrNodeTag.Printf => Printf(span),
            IrNodeTag.Trap => new IrTrap(input.ReadString(), input.ReadString(), span),
            _ => throw CompilationInput.Wrong("no statement"),
        };
        input.Leave();
        return statement;
    }

    private IrLoop Loop(SourceSpan span)
    {
        var (label, unroll) = (Label(), input.ReadOptionalInt());
        var (before, body, step, after) = (Maybe(), Block(), Block(), Maybe());
        return new IrLoop(label, before, body, step, after, span) { Unroll = unroll };
    }

    private IrAtomic Atomic(SourceSpan span)
    {
        var (result, op) = (Result(), input.ReadEnum<IrAtomicOp>());
        return new IrAtomic(result, op, Expression(), Expression(), Maybe(), span);
    }

    private IrPrintf Printf(SourceSpan span)
    {
        var (format, arguments, strings) = (input.ReadString(), input.ReadMany(Expression), input.ReadMany(input.ReadString));
        return new IrPrintf(format, arguments, strings, Result(), span);
    }

    private IrExpression? Maybe() => (IrNodeTag)input.ReadByte() is var tag && tag == IrNodeTag.None ? null : Expression(tag);

    private IrExpression Expression() => Expression((IrNodeTag)input.ReadByte());

    private IrExpression Expression(IrNodeTag tag)
    {
        input.Enter();
        IrExpression expression = tag switch
        {
            IrNodeTag.Constant => new IrConstant(input.ReadEnum<IrType>(), input.ReadLong()),
            IrNodeTag.ParameterRead => new IrParameterRead(_function.Parameters[input.ReadInt()]),
            IrNodeTag.SlotRead => new IrSlotRead(Slot()),
            IrNodeTag.BuiltinRead => new IrBuiltinRead(input.ReadEnum<IrBuiltin>()),
            IrNodeTag.Unary => new IrUnary(input.ReadEnum<IrUnaryOp>(), Expression()),
            IrNodeTag.Binary => new IrBinary(input.ReadEnum<IrBinaryOp>(), Expression(), Expression(), input.ReadSpan()),
            IrNodeTag.Conditional => new IrConditional(Expression(), Expression(), Expression()),
            IrNodeTag.Convert => new IrConvert(input.ReadEnum<IrType>(), Expression()),
            IrNodeTag.Bitcast => new IrBitcast(input.ReadEnum<IrType>(), Expression()),
            IrNodeTag.Address => new IrAddress(Expression(), Maybe(), input.ReadInt(), input.ReadLong()),
            IrNodeTag.VariableAddress => new IrVariableAddress(Variable()),
            IrNodeTag.Load => new IrLoad(input.ReadEnum<IrType>(), Expression(), input.ReadBool(), input.ReadSpan()) { Alignment = input.ReadInt() },
            IrNodeTag.IntrinsicCall => new IrIntrinsicCall(input.ReadEnum<IrIntrinsic>(), input.ReadEnum<IrType>(), input.ReadMany(Expression)),
            _ => throw CompilationInput.Wrong("no expression"),
        };
        input.Leave();
        return expression;
    }
}
