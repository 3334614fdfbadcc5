using System.Reflection.Emit;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Targets.Cil;

internal sealed partial class CilEmitter
{
    private void EmitIntrinsic(IrIntrinsicCall e)
    {
        if (e.Intrinsic == IrIntrinsic.Fma && e.Type is IrType.F32 or IrType.F64)
        {
            foreach (var argument in e.Arguments) Emit(argument);
            var type = StackType(e.Type);
            Call(e.Type == IrType.F32 ? typeof(MathF) : typeof(Math), nameof(Math.FusedMultiplyAdd), type, type, type);
            return;
        }

        foreach (var argument in e.Arguments)
        {
            Emit(argument);
        }

        // Integer functions are found by the exact type of their first argument, since signs and widths matter.
        var method = CilIntrinsics.Find(e);
        _il.Emit(OpCodes.Call, method);
        Normalize(e.Type);
    }

    private void EmitCall(IrCall call)
    {
        if (_function.IsKernel) PublishThread();
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldarg_1);
        foreach (var argument in call.Arguments) Emit(argument);
        _il.Emit(OpCodes.Call, _functions[call.Function]);
        if (call.Result is not null) _il.Emit(OpCodes.Stloc, Slot(call.Result));
        else if (call.Function.ReturnType != IrType.Void) _il.Emit(OpCodes.Pop);
    }

    /// <summary>Functions read the running thread from the context.</summary>
    private void PublishThread()
    {
        foreach (var (field, local) in new[]
        {
            (nameof(BlockContext.Thread), ThreadLocal), (nameof(BlockContext.ThreadIdxX), ThreadX),
            (nameof(BlockContext.ThreadIdxY), ThreadY), (nameof(BlockContext.ThreadIdxZ), ThreadZ),
        })
        {
            _il.Emit(OpCodes.Ldarg_0);
            _il.Emit(OpCodes.Ldloc, local);
            _il.Emit(OpCodes.Stfld, typeof(BlockContext).GetField(field)!);
        }
    }

    private void EmitAtomic(IrAtomic atomic)
    {
        var type = atomic.Value.Type;
        if (_instrumented) EmitMonitoredAtomicAddress(atomic);
        else EmitAddress(atomic.Address, type.Size(), type, atomic.Span, true);
        if (atomic.Compare is not null) Emit(atomic.Compare);
        Emit(atomic.Value);
        _il.Emit(OpCodes.Call, CilAtomics.Find(atomic.Op, type, IsOwnMemory(atomic.Address)));
        if (atomic.Result is null) _il.Emit(OpCodes.Pop);
        else _il.Emit(OpCodes.Stloc, Slot(atomic.Result));
    }

    /// <summary>Memory that no other core changes while the block runs.</summary>
    private bool IsOwnMemory(IrExpression address) => _provenance.Root(address)?.Variable is { Space: IrSpace.Shared or IrSpace.DynamicShared or IrSpace.Local };

    private void EmitPrintf(IrPrintf printf)
    {
        for (var i = 0; i < printf.Arguments.Count; i++)
        {
            LoadField(nameof(BlockContext.Scratch));
            _il.Emit(OpCodes.Ldc_I4, 8 * i);
            _il.Emit(OpCodes.Add);
            var argument = printf.Arguments[i];
            Emit(argument);
            if (argument.Type.IsFloat())
            {
                _il.Emit(OpCodes.Conv_R8);
                _il.Emit(OpCodes.Stind_R8);
            }
            else
            {
                if (argument.Type.Size() < 8) _il.Emit(argument.Type.IsSigned() ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
                _il.Emit(OpCodes.Stind_I8);
            }
        }

        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Ldc_I4, _sites.Add(printf));
        LoadField(nameof(BlockContext.Scratch));
        _il.Emit(OpCodes.Callvirt, typeof(BlockServices).GetMethod(nameof(BlockServices.Print))!);
        if (printf.Result is null) return;
        _il.Emit(OpCodes.Ldc_I4, printf.Arguments.Count);
        _il.Emit(OpCodes.Stloc, Slot(printf.Result));
    }

    private void EmitService(IrService service)
    {
        switch (service.Op)
        {
            case IrServiceOp.Clock:
                Call(typeof(CilClock), nameof(CilClock.Ticks));
                break;
            case IrServiceOp.GlobalTimer:
                Call(typeof(CilClock), nameof(CilClock.GlobalTimer));
                break;
            default:
                _il.Emit(OpCodes.Ldarg_1);
                Emit(service.Arguments[0]);
                _il.Emit(OpCodes.Callvirt, typeof(BlockServices).GetMethod(service.Op.ToString())!);
                break;
        }

        if (service.Op == IrServiceOp.Free)
        {
            var freed = _il.DefineLabel();
            _il.Emit(OpCodes.Brtrue, freed);
            EmitFault(new FaultSite(service.Span, DiagnosticCodes.Trap, Message: "free or delete of a pointer that malloc or new did not give, or for the second time"));
            _il.MarkLabel(freed);
            return;
        }

        if (service.Result is null) _il.Emit(OpCodes.Pop);
        else _il.Emit(OpCodes.Stloc, Slot(service.Result));
    }

    /// <summary>Hands the arrays of the operands to the operation; uniform operands become an array of one element with stride 0.</summary>
    private void EmitExchange(IrWarpExchange exchange)
    {
        var operands = _il.DeclareLocal(typeof(WarpOperands));
        _il.Emit(OpCodes.Ldloca, operands);
        _il.Emit(OpCodes.Initobj, typeof(WarpOperands));
        if (exchange.Result is { } result) Set(nameof(WarpOperands.Result), () => _il.Emit(OpCodes.Ldloc, SlotArray(result)));
        if (exchange.Active is { } active) Set(nameof(WarpOperands.Active), () => _il.Emit(OpCodes.Ldloc, SlotArray(active)));
        for (var i = 0; i < exchange.Arguments.Count; i++)
        {
            var argument = exchange.Arguments[i];
            if (argument is IrSlotRead { Slot: { Storage: IrSlotStorage.PerThread } slot })
            {
                Set($"Argument{i}", () => _il.Emit(OpCodes.Ldloc, SlotArray(slot)));
                Set($"Stride{i}", () => _il.Emit(OpCodes.Ldc_I4, CilLayout.SlotSize(slot.Type)));
                continue;
            }

            var cell = 8 * i;
            LoadField(nameof(BlockContext.Scratch));
            _il.Emit(OpCodes.Ldc_I4, cell);
            _il.Emit(OpCodes.Add);
            Emit(argument);
            EmitStore(SlotMemory(argument.Type), false);
            Set($"Argument{i}", () =>
            {
                LoadField(nameof(BlockContext.Scratch));
                _il.Emit(OpCodes.Ldc_I4, cell);
                _il.Emit(OpCodes.Add);
            });
        }

        if (_instrumented) EmitMonitoredExchange(exchange, operands);
        _il.Emit(OpCodes.Ldc_I4, (int)exchange.Op);
        _il.Emit(OpCodes.Ldc_I4, (int)(exchange.Arguments.Count > 1 ? SlotMemory(exchange.Arguments[1].Type) : IrType.U32));
        _il.Emit(OpCodes.Ldloca, operands);
        LoadConstantField(nameof(BlockContext.ThreadCount));
        Call(typeof(CilWarp), nameof(CilWarp.Exchange));

        void Set(string field, Action value)
        {
            _il.Emit(OpCodes.Ldloca, operands);
            value();
            if (!field.StartsWith("Stride", StringComparison.Ordinal)) _il.Emit(OpCodes.Conv_I);
            _il.Emit(OpCodes.Stfld, typeof(WarpOperands).GetField(field)!);
        }
    }
}
