using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics.Builtins;

/// <summary>Loads and stores with cache hints, memcpy and memset, and the helpers of &lt;utility&gt; that change no value.</summary>
internal static class MemoryFunctions
{
    public static void AddTo(Scope scope)
    {
        foreach (var name in new[] { "__ldg", "__ldca", "__ldcs", "__ldcg", "__ldlu", "__ldcv" }) scope.Custom(name, Load);
        foreach (var name in new[] { "__stcs", "__stcg", "__stwb", "__stwt" }) scope.Custom(name, Store);
        foreach (var name in new[] { "move", "forward" }) scope.Custom(name, c =>
        {
            c.RequireCount(1, 1);
            return Binder.AsTemporaryValue(c.Arguments[0]);
        });
        scope.Custom("swap", Swap);
        scope.Custom("addressof", c =>
        {
            c.RequireCount(1, 1);
            return new ScalarValue(c.Arguments[0].Type.Pointer, c.Binder.AddressOf(c.Arguments[0], c.Span));
        });
        scope.Custom("__builtin_expect", c => c.Scalar(0));
        foreach (var name in new[] { "__builtin_assume", "__assume", "__builtin_unreachable", "__builtin_prefetch" }) scope.Custom(name, _ => VoidValue.Instance);
        scope.Custom("__builtin_assume_aligned", c => c.Scalar(0));
        scope.Add("memset", ScalarType.Void.Pointer, [ScalarType.Void.Pointer, ScalarType.Int, ScalarType.ULong], c => Fill(c));
        scope.Add("malloc", ScalarType.Void.Pointer, [ScalarType.ULong], c => new ScalarValue(ScalarType.Void.Pointer, c.Binder.Allocate(c[0], c.Span)));
        scope.Add("free", ScalarType.Void, [ScalarType.Void.Pointer], c =>
        {
            c.Append(new IrService(null, IrServiceOp.Free, [c[0]], c.Span));
            return VoidValue.Instance;
        });
        foreach (var name in new[] { "memcpy", "memmove" }) scope.Add(name, ScalarType.Void.Pointer, [ScalarType.Void.Pointer, ScalarType.Void.Const.Pointer, ScalarType.ULong], Copy);
    }

    private static Value Load(BuiltinCall call)
    {
        call.RequireCount(1, 1);
        return call.Binder.Load(Binder.Pointee(call.Scalar(0), call.Span), call.Span);
    }

    private static VoidValue Store(BuiltinCall call)
    {
        call.RequireCount(2, 2);
        var place = Binder.Pointee(call.Scalar(0), call.Span);
        call.Binder.Store(place, call.Binder.Convert(call.Arguments[1], place.Type.Unqualified, call.Span), call.Span);
        return VoidValue.Instance;
    }

    private static VoidValue Swap(BuiltinCall call)
    {
        call.RequireCount(2, 2);
        if (call.Arguments is not [Place a, Place b] || a.Type.Unqualified != b.Type.Unqualified) throw call.Fail(DiagnosticCodes.NoMatchingFunction, "swap takes two variables of one type");
        var saved = call.Binder.Temporary(call.Binder.Load(a, call.Span), a.Type.Unqualified, call.Span);
        call.Binder.Store(a, call.Binder.Load(b, call.Span), call.Span);
        call.Binder.Store(b, call.Binder.Load(saved, call.Span), call.Span);
        return VoidValue.Instance;
    }

    private static ScalarValue Fill(BuiltinCall call)
    {
        var pointer = call.Binder.Materialize(call[0]);
        var value = call.Binder.Materialize(IrBuilder.Convert(IrType.U8, call[1]));
        Bytes(call, (index, body) => body.Statements.Add(new IrStore(IrBuilder.Address(pointer, index, 1), value, false, call.Span)));
        return new ScalarValue(ScalarType.Void.Pointer, pointer);
    }

    private static ScalarValue Copy(BuiltinCall call)
    {
        var (target, source) = (call.Binder.Materialize(call[0]), call.Binder.Materialize(call[1]));
        if (call[2] is IrConstant size)
        {
            call.Append(new IrCopy(target, source, size.Bits, 1, call.Span));
        }
        else
        {
            Bytes(call, (index, body) =>
            {
                var value = IrBuilder.Load(IrType.U8, IrBuilder.Address(source, index, 1), false, call.Span);
                body.Statements.Add(new IrStore(IrBuilder.Address(target, index, 1), value, false, call.Span));
            });
        }

        return new ScalarValue(ScalarType.Void.Pointer, target);
    }

    /// <summary>A loop over the bytes that the third argument counts.</summary>
    private static void Bytes(BuiltinCall call, Action<IrExpression, IrBlock> each)
    {
        var count = call.Binder.Materialize(call[2]);
        var index = call.Binder.NewSlot("byte", IrType.U64);
        call.Append(new IrAssign(index, IrBuilder.Zero(IrType.U64)));
        var (body, step) = (new IrBlock(), new IrBlock());
        each(IrBuilder.Read(index), body);
        step.Statements.Add(new IrAssign(index, IrBuilder.Binary(IrBinaryOp.Add, IrBuilder.Read(index), IrBuilder.Integer(IrType.U64, 1))));
        call.Append(new IrLoop(new IrLabel("bytes"), IrBuilder.Binary(IrBinaryOp.Less, IrBuilder.Read(index), count), body, step, null, call.Span));
    }
}
