using System.Buffers.Binary;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Semantics;

/// <summary>
/// Runs the IR of a constant expression: constexpr functions with loops, locals and references. Knows what it wrote itself and
/// tables of constants; anything else (threads, device memory, variables of the code around, intrinsics beyond the plain ones) makes
/// the value unknown.
/// </summary>
/// <param name="function">The function whose slots and variables the statements use.</param>
/// <param name="isKnown">True for memory whose first content is known.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class ConstantEvaluator(IrFunction function, Func<IrVariable, bool> isKnown, CancellationToken cancellation)
{
    private const int MaxSteps = 1_000_000;
    private const int MaxCalls = 500;

    private readonly Dictionary<IrSlot, IrExpression> _slots = [];
    private readonly Dictionary<IrVariable, byte[]> _memory = [];
    private readonly Dictionary<(IrVariable, long), IrExpression> _pointers = [];
    private readonly Stack<IrFunction> _functions = new([function]);
    private Dictionary<IrParameter, IrExpression> _parameters = [];
    private IrLabel? _target;
    private bool _isContinue;
    private bool _isReturning;
    private IrExpression? _returned;
    private int _steps;
    private int _calls;

    /// <summary>The value of an expression behind the statements that lead to it; null where it is not known when compiling.</summary>
    public IrConstant? Evaluate(IrBlock block, IrExpression expression)
    {
        try
        {
            Run(block);
            return Value(expression) as IrConstant;
        }
        catch (UnknownValueException)
        {
            return null;
        }
    }

    /// <summary>What a variable holds after the statements that initialise it; null where that is not known when compiling.</summary>
    public byte[]? Evaluate(IrBlock block, IrVariable variable)
    {
        try
        {
            Run(block);
            return _pointers.Keys.Any(k => k.Item1 == variable) ? null : Bytes(variable);
        }
        catch (UnknownValueException)
        {
            return null;
        }
    }

    private sealed class UnknownValueException : Exception;

    private void Step()
    {
        if (++_steps > MaxSteps) throw new UnknownValueException();
        if (_steps % 4096 == 0) cancellation.ThrowIfCancellationRequested();
    }

    private bool IsLeaving => _target is not null || _isReturning;

    private void Run(IrBlock block)
    {
        foreach (var statement in block.Statements)
        {
            Step();
            Run(statement);
            if (IsLeaving) return;
        }
    }

    private void Run(IrStatement statement)
    {
        switch (statement)
        {
            case IrAssign s:
                _slots[s.Slot] = Value(s.Value);
                break;
            case IrStore { IsVolatile: false } s:
                Store(Value(s.Address), Value(s.Value));
                break;
            case IrCopy s:
                Copy(Value(s.Target), Value(s.Source), s.Bytes);
                break;
            case IrIf s:
                Run(IsTrue(s.Condition) ? s.Then : s.Else);
                break;
            case IrLoop s:
                RunLoop(s);
                break;
            case IrLabeled s:
                Run(s.Body);
                if (_target == s.Label) _target = null;
                break;
            case IrLeave s:
                (_target, _isContinue) = (s.Target, false);
                break;
            case IrContinue s:
                (_target, _isContinue) = (s.Target, true);
                break;
            case IrSwitch s:
                RunSwitch(s);
                break;
            case IrReturn s:
                _returned = s.Value is null ? null : Value(s.Value);
                _isReturning = true;
                break;
            case IrCall s:
                RunCall(s);
                break;
            default:
                throw new UnknownValueException();
        }
    }

    private void RunLoop(IrLoop loop)
    {
        while (loop.Before is null || IsTrue(loop.Before))
        {
            Step();
            Run(loop.Body);
            if (_target == loop.Label)
            {
                _target = null;
                if (!_isContinue) return;
            }

            if (IsLeaving) return;
            Run(loop.Step);
            if (loop.After is not null && !IsTrue(loop.After)) return;
        }
    }

    private void RunSwitch(IrSwitch s)
    {
        var value = Constant(s.Value).Bits;
        var first = s.Sections.Select((x, i) => (x, i)).Where(x => x.x.Values.Contains(value)).Select(x => x.i).DefaultIfEmpty(-1).First();
        if (first < 0) first = s.Sections.Select((x, i) => (x, i)).Where(x => x.x.IsDefault).Select(x => x.i).DefaultIfEmpty(s.Sections.Count).First();
        for (var i = first; i < s.Sections.Count && !IsLeaving; i++) Run(s.Sections[i].Body);
    }

    private void RunCall(IrCall call)
    {
        if (++_calls > MaxCalls) throw new UnknownValueException();
        var arguments = call.Arguments.Select(Value).ToList();
        var outer = _parameters;
        var slots = call.Function.Slots.Where(_slots.ContainsKey).ToDictionary(s => s, s => _slots[s]);
        foreach (var slot in call.Function.Slots) _slots.Remove(slot);
        _parameters = call.Function.Parameters.Zip(arguments).ToDictionary(x => x.First, x => x.Second);
        _functions.Push(call.Function);
        Run(call.Function.Body);
        _functions.Pop();
        _isReturning = false;
        _parameters = outer;
        foreach (var slot in call.Function.Slots) _slots.Remove(slot);
        foreach (var (slot, value) in slots) _slots[slot] = value;
        if (call.Result is not null) _slots[call.Result] = _returned ?? throw new UnknownValueException();
        _calls--;
    }

    private bool IsTrue(IrExpression condition) => Constant(condition).Bits != 0;

    private IrConstant Constant(IrExpression expression) => Value(expression) as IrConstant ?? throw new UnknownValueException();

    /// <summary>A constant, or an address of a variable with a constant offset.</summary>
    private IrExpression Value(IrExpression expression)
    {
        Step();
        var value = expression switch
        {
            IrConstant or IrVariableAddress => expression,
            IrSlotRead e => _slots.GetValueOrDefault(e.Slot) ?? (_functions.Any(f => f.Slots.Contains(e.Slot)) ? IrBuilder.Zero(e.Type) : throw new UnknownValueException()),
            IrParameterRead e when _parameters.TryGetValue(e.Parameter, out var known) => known,
            IrUnary e => IrBuilder.Unary(e.Op, Value(e.Operand)),
            IrBinary e => IrBuilder.Binary(e.Op, Value(e.Left), Value(e.Right), e.Span),
            IrConditional e => Value(IsTrue(e.Condition) ? e.WhenTrue : e.WhenFalse),
            IrConvert e => IrBuilder.Convert(e.Type, Value(e.Operand)),
            IrBitcast e => IrBuilder.Bitcast(e.Type, Value(e.Operand)),
            IrAddress e => IrBuilder.Address(Value(e.Base), e.Index is null ? null : Constant(e.Index), e.Scale, e.Offset),
            IrLoad { IsVolatile: false } e => Load(e.Type, Value(e.Address)),
            IrIntrinsicCall e => Intrinsic(e),
            _ => throw new UnknownValueException(),
        };
        return value is IrConstant or IrVariableAddress or IrAddress { Base: IrVariableAddress, Index: null } ? value : throw new UnknownValueException();
    }

    private IrConstant Intrinsic(IrIntrinsicCall call)
    {
        var arguments = call.Arguments.Select(Constant).ToList();
        if (arguments is [var a] && call.Intrinsic == IrIntrinsic.Abs)
        {
            return a.Type.IsFloat() ? IrBuilder.Float(call.Type, Math.Abs(a.AsDouble)) : IrBuilder.Integer(call.Type, a.Bits < 0 && a.Type is not IrType.U64 ? -a.Bits : a.Bits);
        }

        if (arguments is not [var x, var y] || call.Intrinsic is not (IrIntrinsic.Min or IrIntrinsic.Max)) throw new UnknownValueException();
        var isLess = IrBuilder.Binary(IrBinaryOp.Less, x, y) is IrConstant { Bits: 1 };
        return isLess == (call.Intrinsic == IrIntrinsic.Min) ? x : y;
    }

    private static (IrVariable Variable, long Offset) Place(IrExpression address) => address switch
    {
        IrVariableAddress a => (a.Variable, 0),
        IrAddress { Base: IrVariableAddress b, Index: null } a => (b.Variable, a.Offset),
        _ => throw new UnknownValueException(),
    };

    private byte[] Bytes(IrVariable variable)
    {
        if (_memory.TryGetValue(variable, out var bytes)) return bytes;
        if (!isKnown(variable) && !_functions.Any(f => f.Variables.Contains(variable))) throw new UnknownValueException();
        return _memory[variable] = (byte[]?)variable.InitialBytes?.Clone() ?? new byte[variable.Bytes];
    }

    private Span<byte> Bytes(IrExpression address, long count)
    {
        var (variable, offset) = Place(address);
        var bytes = Bytes(variable);
        if (offset < 0 || offset + count > bytes.Length) throw new UnknownValueException();
        return bytes.AsSpan((int)offset, (int)count);
    }

    private void Store(IrExpression address, IrExpression value)
    {
        var target = Bytes(address, value.Type.Size());
        _pointers.Remove(Place(address));
        if (value is IrConstant constant) ConstantBytes.Write(target, constant);
        else _pointers[Place(address)] = value;
    }

    private void Copy(IrExpression target, IrExpression source, long count)
    {
        Bytes(source, count).CopyTo(Bytes(target, count));
        var ((from, start), (to, at)) = (Place(source), Place(target));
        foreach (var ((_, offset), value) in _pointers.Where(p => p.Key.Item1 == from && p.Key.Item2 >= start && p.Key.Item2 < start + count).ToList()) _pointers[(to, offset - start + at)] = value;
    }

    private IrExpression Load(IrType type, IrExpression address)
    {
        var source = Bytes(address, type.Size());
        if (_pointers.TryGetValue(Place(address), out var pointer)) return pointer;
        var bits = type.Size() switch
        {
            1 => source[0],
            2 => BinaryPrimitives.ReadInt16LittleEndian(source),
            4 => BinaryPrimitives.ReadInt32LittleEndian(source),
            _ => BinaryPrimitives.ReadInt64LittleEndian(source),
        };
        if (!type.IsFloat()) return IrBuilder.Integer(type, bits);
        return IrBuilder.Bitcast(type, IrBuilder.Integer(type.Size() switch { 2 => IrType.U16, 4 => IrType.U32, _ => IrType.U64 }, bits));
    }
}
