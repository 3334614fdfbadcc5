using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Semantics.Builtins;

/// <summary>Barriers, fences, warp functions, printf and traps.</summary>
internal static class ThreadFunctions
{
    private static readonly CudaType Int = ScalarType.Int;
    private static readonly CudaType UInt = ScalarType.UInt;

    public static void AddTo(Scope scope)
    {
        AddBarriers(scope);
        AddWarp(scope);
        scope.Custom("printf", Printf);
        scope.Add("__trap", ScalarType.Void, [], c => Trap(c, "the kernel called __trap()"));
        scope.Add("__brkpt", ScalarType.Void, [], c => Trap(c, "the kernel called __brkpt()"));
        scope.Add("abort", ScalarType.Void, [], c => Trap(c, "the kernel called abort()"));
        foreach (var (name, type) in new[] { ("clock", (CudaType)ScalarType.Long), ("clock64", ScalarType.LongLong) }) scope.Add(name, type, [], c => Clock(c, type));
        // Library headers call this where the user's call is at fault.
        scope.Custom("__cw_trap", c =>
        {
            c.Append(new IrTrap(DiagnosticCodes.Trap, ((StringValue)c.Arguments[0]).Text, c.Binder.UserSpan(c.Span)));
            return VoidValue.Instance;
        });
        scope.Add("__nanosleep", ScalarType.Void, [UInt], _ => VoidValue.Instance);
        // assert is looked at before its argument is bound, to keep its text; this makes the name known.
        scope.Custom("assert", c => throw c.Fail(DiagnosticCodes.NotSupported, "assert cannot be used as a value"));
    }

    private static void AddBarriers(Scope scope)
    {
        scope.Add("__syncthreads", ScalarType.Void, [], c =>
        {
            c.Append(new IrBarrier(IrBarrierKind.Plain, null, null, c.Span));
            return VoidValue.Instance;
        });
        // cooperative_groups.h calls this for grid.sync().
        scope.Add("__cw_grid_sync", ScalarType.Void, [], c =>
        {
            c.Append(new IrBarrier(IrBarrierKind.Grid, null, null, c.Span));
            return VoidValue.Instance;
        });
        (string Name, IrBarrierKind Kind)[] kinds = [("_count", IrBarrierKind.Count), ("_and", IrBarrierKind.And), ("_or", IrBarrierKind.Or)];
        foreach (var (name, kind) in kinds)
        {
            scope.Add("__syncthreads" + name, Int, [Int], c =>
            {
                var (slot, result) = c.Result(Int);
                c.Append(new IrBarrier(kind, slot, c[0], c.Span));
                return result;
            });
        }

        foreach (var name in new[] { "__threadfence", "__threadfence_block", "__threadfence_system" })
        {
            scope.Add(name, ScalarType.Void, [], c =>
            {
                c.Append(new IrFence(c.Span));
                return VoidValue.Instance;
            });
        }
    }

    private static void AddWarp(Scope scope)
    {
        scope.Add("__syncwarp", ScalarType.Void, [UInt], c =>
        {
            c.Append(new IrWarp(null, IrWarpOp.Sync, [c.Count > 0 ? c[0] : FullMask], c.Span));
            return VoidValue.Instance;
        }, required: 0);
        (string Name, IrWarpOp Op)[] shuffles = [("", IrWarpOp.Shuffle), ("_up", IrWarpOp.ShuffleUp), ("_down", IrWarpOp.ShuffleDown), ("_xor", IrWarpOp.ShuffleXor)];
        foreach (var (name, op) in shuffles)
        {
            scope.Custom($"__shfl{name}_sync", c => Shuffle(c, op, true));
            scope.Custom("__shfl" + name, c => Shuffle(c, op, false));
        }

        (string Name, IrWarpOp Op, CudaType Type)[] votes = [("ballot", IrWarpOp.Ballot, UInt), ("any", IrWarpOp.Any, Int), ("all", IrWarpOp.All, Int)];
        foreach (var (name, op, type) in votes)
        {
            scope.Add($"__{name}_sync", type, [UInt, Int], c => Emit(c, op, type, c[0], c[1]));
            scope.Add("__" + name, type, [Int], c => Emit(c, op, type, LanesHere, c[0]));
        }

        scope.Add("__activemask", UInt, [], c => Emit(c, IrWarpOp.ActiveMask, UInt));
        foreach (var type in new CudaType[] { Int, UInt, ScalarType.Long, ScalarType.ULong, ScalarType.LongLong, ScalarType.ULongLong, ScalarType.Float, ScalarType.Double })
        {
            scope.Add("__match_any_sync", UInt, [UInt, type], c => Emit(c, IrWarpOp.MatchAny, UInt, c[0], c[1]));
            scope.Add("__match_all_sync", UInt, [UInt, type, Int.Pointer], c =>
            {
                var result = Emit(c, IrWarpOp.MatchAll, UInt, c[0], c[1]);
                c.Append(new IrStore(c[2], IrBuilder.Convert(IrType.I32, IrBuilder.Convert(IrType.Bool, result.Expression)), false, c.Span));
                return result;
            });
        }

        (string Name, IrWarpOp Op)[] reductions =
            [("add", IrWarpOp.ReduceAdd), ("min", IrWarpOp.ReduceMin), ("max", IrWarpOp.ReduceMax), ("and", IrWarpOp.ReduceAnd), ("or", IrWarpOp.ReduceOr), ("xor", IrWarpOp.ReduceXor)];
        foreach (var (name, op) in reductions)
        {
            foreach (var type in new[] { Int, UInt }) scope.Add($"__reduce_{name}_sync", type, [UInt, type], c => Emit(c, op, type, c[0], c[1]));
        }
    }

    /// <summary>The mask of the operations from before CUDA 9, which take whoever is here.</summary>
    private static IrConstant LanesHere { get; } = IrBuilder.Integer(IrType.U32, 0xFFFFFFFF);

    private static IrConstant FullMask => IrBuilder.Integer(IrType.U32, 0xFFFFFFFF);

    private static ScalarValue Emit(BuiltinCall call, IrWarpOp op, CudaType type, params IReadOnlyList<IrExpression> arguments)
    {
        var (slot, result) = call.Result(type);
        call.Append(new IrWarp(slot, op, arguments, call.Span) { NamesLanes = arguments.Count == 0 || !ReferenceEquals(arguments[0], LanesHere) });
        return result;
    }

    /// <summary>Shuffles take any scalar; its type is the value's own, without promotion.</summary>
    private static ScalarValue Shuffle(BuiltinCall call, IrWarpOp op, bool hasMask)
    {
        var first = hasMask ? 1 : 0;
        call.RequireCount(first + 2, first + 3);
        var value = call.Scalar(first);
        if (!value.Type.IsArithmetic()) throw call.Fail(DiagnosticCodes.NoMatchingFunction, $"'{call.Name}' takes a number, not '{value.Type.Name}'");
        // Types that no overload has become int, as they do in CUDA.
        var type = value.Type.IsInteger() ? value.Type.Promote() : value.Type;
        var mask = hasMask ? call.As(0, UInt) : LanesHere;
        var width = call.Count > first + 2 ? call.As(first + 2, Int) : IrBuilder.Int(32);
        return Emit(call, op, type, mask, IrBuilder.Convert(type.Ir, value.Expression), call.As(first + 1, Int), width);
    }

    private static ScalarValue Clock(BuiltinCall call, CudaType type)
    {
        var (slot, result) = call.Result(type);
        call.Append(new IrService(slot, IrServiceOp.Clock, [], call.Span));
        return result;
    }

    private static VoidValue Trap(BuiltinCall call, string message)
    {
        call.Append(new IrTrap(DiagnosticCodes.Trap, message, call.Span));
        return VoidValue.Instance;
    }

    private static ScalarValue Printf(BuiltinCall call)
    {
        if (call.Count == 0 || call.Arguments[0] is not StringValue format) throw call.Fail(DiagnosticCodes.NoMatchingFunction, "printf takes a string literal as its format");
        var arguments = new List<IrExpression>();
        var strings = new List<string>();
        for (var i = 1; i < call.Count; i++)
        {
            if (call.Arguments[i] is StringValue text)
            {
                arguments.Add(IrBuilder.Int(strings.Count));
                strings.Add(text.Text);
                continue;
            }

            var value = call.Scalar(i);
            arguments.Add(value.Type.IsFloating() ? IrBuilder.Convert(IrType.F64, value.Expression)
                : value.Type is PointerType || value.Type == ScalarType.Nullptr ? value.Expression
                : IrBuilder.Convert(value.Type.Promote().Ir, value.Expression));
        }

        var (slot, result) = call.Result(Int);
        call.Append(new IrPrintf(format.Text, arguments, strings, slot, call.Span));
        return result;
    }
}
