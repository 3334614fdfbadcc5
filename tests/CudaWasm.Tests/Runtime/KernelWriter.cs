using CudaWasm.Compiler;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Tests.Runtime;

/// <summary>Writes kernels as IR, in the order in which a person would write them in CUDA.</summary>
internal sealed class KernelWriter
{
    private static readonly SourceText Source = new("test.cu", string.Join('\n', Enumerable.Range(1, 100).Select(i => $"line {i}")));

    private readonly List<KernelParameter> _parameters = [];
    private readonly List<KernelSymbol> _symbols = [];
    private readonly List<IrVariable> _globals = [];
    private readonly List<IrFunction> _functions = [];
    private readonly IrFunction _function;
    private List<IrStatement> _statements;

    public KernelWriter(string name)
        : this(new IrFunction(name, true, IrType.Void, Line(1)))
    {
    }

    public KernelWriter(IrFunction function)
    {
        _function = function;
        _statements = function.Body.Statements;
    }

    public static IrExpression ThreadX => IrBuilder.Convert(IrType.I32, IrBuilder.Builtin(IrBuiltin.ThreadIdxX));

    public static IrExpression BlockX => IrBuilder.Convert(IrType.I32, IrBuilder.Builtin(IrBuiltin.BlockIdxX));

    public static IrExpression BlockDimX => IrBuilder.Convert(IrType.I32, IrBuilder.Builtin(IrBuiltin.BlockDimX));

    public static IrExpression GlobalX => Add(Mul(BlockX, BlockDimX), ThreadX);

    public static IrExpression FullMask => IrBuilder.Integer(IrType.U32, 0xFFFFFFFF);

    public IrFunction Function => _function;

    public static SourceSpan Line(int line)
    {
        var start = 0;
        for (var i = 1; i < line; i++) start += Source.GetLine(i).Length + 1;
        return new SourceSpan(Source, start, 6);
    }

    public static IrExpression Int(int value) => IrBuilder.Int(value);

    public static IrExpression Add(IrExpression a, IrExpression b) => IrBuilder.Binary(IrBinaryOp.Add, a, b);

    public static IrExpression Mul(IrExpression a, IrExpression b) => IrBuilder.Binary(IrBinaryOp.Multiply, a, b);

    public static IrExpression Less(IrExpression a, IrExpression b) => IrBuilder.Binary(IrBinaryOp.Less, a, b);

    public static IrExpression Equal(IrExpression a, IrExpression b) => IrBuilder.Binary(IrBinaryOp.Equal, a, b);

    public static IrExpression Op(IrBinaryOp op, IrExpression a, IrExpression b, int line = 1) => IrBuilder.Binary(op, a, b, Line(line));

    public static IrExpression At(IrExpression pointer, IrExpression index, IrType type) => IrBuilder.Address(pointer, index, type.Size());

    public static IrExpression Load(IrExpression pointer, IrExpression index, IrType type, int line = 1) =>
        IrBuilder.Load(type, At(pointer, index, type), false, Line(line));

    public IrExpression Pointer(string name, IrType element, string? typeName = null)
    {
        var parameter = new IrParameter(name, IrType.Pointer, _function.Parameters.Count);
        _function.Parameters.Add(parameter);
        _parameters.Add(new KernelParameter(name, typeName ?? $"{element} *", KernelParameterKind.Pointer, element, 8, 8, element.Size(), false));
        return IrBuilder.Read(parameter);
    }

    public IrExpression Scalar(string name, IrType type)
    {
        var parameter = new IrParameter(name, type, _function.Parameters.Count);
        _function.Parameters.Add(parameter);
        _parameters.Add(new KernelParameter(name, type.ToString(), KernelParameterKind.Scalar, type, type.Size(), type.Size(), 0, false));
        return IrBuilder.Read(parameter);
    }

    public IrExpression Aggregate(string name, int bytes)
    {
        var variable = new IrVariable(name, IrSpace.Parameter, bytes, 8, Line(1));
        _function.Parameters.Add(new IrParameter(name, IrType.Void, _function.Parameters.Count) { Variable = variable });
        _parameters.Add(new KernelParameter(name, "struct", KernelParameterKind.Aggregate, IrType.Void, bytes, 8, 0, false));
        return IrBuilder.AddressOf(variable);
    }

    public IrExpression Variable(string name, IrSpace space, long bytes, byte[]? initial = null)
    {
        var variable = new IrVariable(name, space, bytes, 8, Line(1)) { InitialBytes = initial };
        if (space is IrSpace.Global or IrSpace.Constant)
        {
            _globals.Add(variable);
            _symbols.Add(new KernelSymbol(name, "bytes", variable));
        }
        else
        {
            _function.Variables.Add(variable);
        }

        return IrBuilder.AddressOf(variable);
    }

    public IrSlot Slot(string name, IrType type, IrExpression? value = null)
    {
        var slot = _function.NewSlot(name, type);
        if (value is not null) Assign(slot, value);
        return slot;
    }

    public KernelWriter Define(string name, IrType result, out IrFunction function)
    {
        function = new IrFunction(name, false, result, Line(1));
        _functions.Add(function);
        return new KernelWriter(function);
    }

    public void Add(IrStatement statement) => _statements.Add(statement);

    public void Assign(IrSlot slot, IrExpression value) => Add(new IrAssign(slot, value));

    public void Store(IrExpression pointer, IrExpression index, IrExpression value, int line = 1) =>
        Add(new IrStore(At(pointer, index, value.Type), value, false, Line(line)));

    public void Barrier(int line = 1) => Add(new IrBarrier(IrBarrierKind.Plain, null, null, Line(line)));

    public void Return(IrExpression? value = null) => Add(new IrReturn(value));

    public void Leave(IrLabel label) => Add(new IrLeave(label));

    public void Continue(IrLabel label) => Add(new IrContinue(label));

    public void If(IrExpression condition, Action then, Action? otherwise = null) => Add(new IrIf(condition, Block(then), Block(otherwise)));

    public void While(IrExpression? condition, Action<IrLabel> body, Action? step = null, IrExpression? after = null)
    {
        var label = new IrLabel("loop");
        Add(new IrLoop(label, condition, Block(() => body(label)), Block(step), after));
    }

    /// <summary>for (slot = from; slot &lt; to; slot += 1)</summary>
    public void For(IrSlot slot, IrExpression from, IrExpression to, Action<IrLabel> body)
    {
        Assign(slot, from);
        While(Less(IrBuilder.Read(slot), to), body, () => Assign(slot, Add(IrBuilder.Read(slot), Int(1))));
    }

    public void Region(Action<IrLabel> body)
    {
        var label = new IrLabel("region");
        Add(new IrLabeled(label, Block(() => body(label))));
    }

    public void Switch(IrExpression value, params (long[] Values, bool IsDefault, Action Body)[] sections) =>
        Add(new IrSwitch(value, [.. sections.Select(s => new IrSwitchSection(s.Values, s.IsDefault, Block(s.Body)))]));

    public IrSlot Warp(IrWarpOp op, IrType type, params IrExpression[] arguments)
    {
        var slot = Slot(op.ToString(), type);
        Add(new IrWarp(slot, op, arguments, Line(1)));
        return slot;
    }

    public IrSlot Atomic(IrAtomicOp op, IrExpression address, IrExpression value, IrExpression? compare = null)
    {
        var slot = Slot("old", value.Type);
        Add(new IrAtomic(slot, op, address, value, compare, Line(1)));
        return slot;
    }

    public IrModule Module()
    {
        var module = new IrModule { Kernel = _function };
        module.Functions.AddRange(_functions);
        module.Globals.AddRange(_globals);
        return module;
    }

    public CompiledKernel Compile() => new()
    {
        Name = _function.Name,
        Module = Module(),
        Parameters = _parameters,
        Symbols = _symbols,
        Diagnostics = [],
        Span = Line(1),
        StaticSharedBytes = _function.Variables.Where(v => v.Space == IrSpace.Shared).Sum(v => v.Bytes),
    };

    private IrBlock Block(Action? write)
    {
        var outer = _statements;
        _statements = [];
        write?.Invoke();
        var block = new IrBlock(_statements);
        _statements = outer;
        return block;
    }
}
