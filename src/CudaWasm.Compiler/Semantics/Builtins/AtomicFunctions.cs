using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Semantics.Builtins;

/// <summary>The atomic functions of the CUDA C++ Programming Guide, with their _block and _system forms.</summary>
internal static class AtomicFunctions
{
    private static readonly CudaType[] Words = [ScalarType.Int, ScalarType.UInt, ScalarType.ULongLong, ScalarType.ULong, ScalarType.LongLong, ScalarType.Long];
    private static readonly CudaType[] Reals = [ScalarType.Float, ScalarType.Double, ScalarType.Half, ScalarType.BFloat16];

    public static void AddTo(Scope scope)
    {
        Add(scope, "atomicAdd", IrAtomicOp.Add, [.. Words, .. Reals]);
        Add(scope, "atomicExch", IrAtomicOp.Exchange, [.. Words, ScalarType.Float, ScalarType.Double]);
        Add(scope, "atomicMin", IrAtomicOp.Min, Words);
        Add(scope, "atomicMax", IrAtomicOp.Max, Words);
        Add(scope, "atomicAnd", IrAtomicOp.And, Words);
        Add(scope, "atomicOr", IrAtomicOp.Or, Words);
        Add(scope, "atomicXor", IrAtomicOp.Xor, Words);
        Add(scope, "atomicInc", IrAtomicOp.Increment, [ScalarType.UInt]);
        Add(scope, "atomicDec", IrAtomicOp.Decrement, [ScalarType.UInt]);
        foreach (var suffix in Suffixes)
        {
            foreach (var type in Words)
            {
                // old - value is old + -value, modulo 2^n.
                scope.Add("atomicSub" + suffix, type, [type.Pointer, type], c => Emit(c, IrAtomicOp.Add, type, IrBuilder.Unary(IrUnaryOp.Negate, c[1]), null));
                scope.Add("atomicCAS" + suffix, type, [type.Pointer, type, type], c => Emit(c, IrAtomicOp.CompareExchange, type, c[2], c[1]));
            }

            scope.Add("atomicCAS" + suffix, ScalarType.UShort, [ScalarType.UShort.Pointer, ScalarType.UShort, ScalarType.UShort], c => Emit(c, IrAtomicOp.CompareExchange, ScalarType.UShort, c[2], c[1]));
        }
    }

    private static readonly string[] Suffixes = ["", "_block", "_system"];

    private static void Add(Scope scope, string name, IrAtomicOp op, IReadOnlyList<CudaType> types)
    {
        foreach (var suffix in Suffixes)
        {
            foreach (var type in types) scope.Add(name + suffix, type, [type.Pointer, type], c => Emit(c, op, type, c[1], null));
        }
    }

    private static ScalarValue Emit(BuiltinCall call, IrAtomicOp op, CudaType type, IrExpression value, IrExpression? compare)
    {
        var (slot, result) = call.Result(type);
        call.Append(new IrAtomic(slot, op, call[0], value, compare, call.Span));
        return result;
    }
}
