using System.Reflection.Emit;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Targets.Cil;

// Instrumented code: what would touch memory or wait tells the monitor first.
internal sealed partial class CilEmitter
{
    private LocalBuilder? _monitor;
    private LocalReads? _reads;

    /// <summary>Stands at the begin of the method.</summary>
    private void EmitMonitor()
    {
        _monitor = _il.DeclareLocal(typeof(BlockMonitor));
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Callvirt, typeof(BlockServices).GetProperty(nameof(BlockServices.Monitor))!.GetMethod!);
        _il.Emit(OpCodes.Stloc, _monitor);
    }

    private void LoadMonitor() => _il.Emit(OpCodes.Ldloc, _monitor!);

    private LocalReads Reads => _reads ??= LocalReads.Analyze(_function);

    private void CallMonitor(string method) => _il.Emit(OpCodes.Callvirt, typeof(BlockMonitor).GetMethod(method)!);

    private void LoadSite(FaultSite site) => _il.Emit(OpCodes.Ldc_I4, _sites.Add(site));

    private FaultSite AccessSite(IrExpression address, IrType type, SourceSpan span, bool isWrite) =>
        new(span, DiagnosticCodes.OutOfBounds, _provenance.Root(address), type, type.Size(), isWrite);

    /// <param name="load">What to load.</param>
    /// <param name="isUsed">Somebody asks for the value.</param>
    private void EmitMonitoredLoad(IrLoad load, bool isUsed = true)
    {
        LoadMonitor();
        Emit(load.Address);
        LoadSite(AccessSite(load.Address, load.Type, load.Span, false) with { IsVolatile = load.IsVolatile, Alignment = load.Alignment, Used = isUsed ? null : [] });
        LoadThread();
        CallMonitor(nameof(BlockMonitor.Load));
        EmitLoad(load.Type, load.IsVolatile);
    }

    private void EmitMonitoredStore(IrStore store)
    {
        var type = store.Value.Type;
        if (store.Value is IrLoad source)
        {
            EmitMonitoredCopy(store.Address, source.Address, type.Size(), store.Alignment, store.Span, store.IsVolatile, source.IsVolatile, source.Span, type);
            return;
        }

        var (unset, end) = (_il.DefineLabel(), _il.DefineLabel());
        var (site, value) = (AccessSite(store.Address, type, store.Span, true) with { IsVolatile = store.IsVolatile, Alignment = store.Alignment }, store.Value);
        // Members of an aggregate that were never set may be passed on.
        var member = store.Alignment != 0 ? store.Value as IrTrackedRead : null;
        if (member is not null)
        {
            value = member.Read;
            Emit(member.IsSet);
            _il.Emit(OpCodes.Brfalse, unset);
        }

        LoadMonitor();
        Emit(value);
        EmitBits(type);
        EmitStoreCall(nameof(BlockMonitor.Store));
        if (member is null) return;
        _il.Emit(OpCodes.Br, end);
        _il.MarkLabel(unset);
        LoadMonitor();
        EmitStoreCall(nameof(BlockMonitor.StoreUnset));
        _il.MarkLabel(end);

        void EmitStoreCall(string method)
        {
            Emit(store.Address);
            LoadSite(site);
            LoadThread();
            CallMonitor(method);
        }
    }

    /// <summary>Makes the value on the stack into the bits it has in memory, as an int64.</summary>
    private void EmitBits(IrType type)
    {
        switch (type)
        {
            case IrType.F16:
                Call(typeof(CilConvert), nameof(CilConvert.SingleToHalfBits));
                break;
            case IrType.BF16:
                Call(typeof(CilConvert), nameof(CilConvert.SingleToBFloat16Bits));
                break;
            case IrType.F32:
                Call(typeof(BitConverter), nameof(BitConverter.SingleToInt32Bits), typeof(float));
                break;
            case IrType.F64:
                Call(typeof(BitConverter), nameof(BitConverter.DoubleToInt64Bits), typeof(double));
                return;
        }

        if (type.Size() < 8) _il.Emit(OpCodes.Conv_I8);
    }

    private void EmitMonitoredCopy(
        IrExpression target, IrExpression source, long bytes, int alignment, SourceSpan span, bool writesVolatile, bool readsVolatile, SourceSpan? readSpan = null, IrType type = IrType.Void)
    {
        var write = new FaultSite(span, DiagnosticCodes.OutOfBounds, _provenance.Root(target), type, bytes, true) { Alignment = alignment, IsVolatile = writesVolatile };
        var read = new FaultSite(readSpan ?? span, DiagnosticCodes.OutOfBounds, _provenance.Root(source), type, bytes) { Alignment = alignment, IsVolatile = readsVolatile, Used = Reads.ReadsOf(target, bytes) };
        LoadMonitor();
        Emit(target);
        Emit(source);
        LoadSite(write);
        LoadSite(read);
        LoadThread();
        CallMonitor(nameof(BlockMonitor.Copy));
    }

    private void EmitMonitoredAtomicAddress(IrAtomic atomic)
    {
        LoadMonitor();
        Emit(atomic.Address);
        LoadSite(AccessSite(atomic.Address, atomic.Value.Type, atomic.Span, true) with
        {
            Atomic = atomic.Op,
            IsAwaited = atomic.Result is { } result && Reads.IsRead(result),
        });
        LoadThread();
        CallMonitor(nameof(BlockMonitor.Atomic));
        _il.Emit(OpCodes.Conv_I);
    }

    private void EmitMonitoredFence()
    {
        LoadMonitor();
        CallMonitor(nameof(BlockMonitor.Fence));
    }

    private void EmitTrackedRead(IrTrackedRead read)
    {
        var isSet = _il.DefineLabel();
        Emit(read.IsSet);
        _il.Emit(OpCodes.Brtrue, isSet);
        LoadMonitor();
        LoadSite(new FaultSite(read.Span, DiagnosticCodes.UninitializedRead, null, read.Type, read.Type.Size(), Message: read.Name));
        LoadThread();
        CallMonitor(nameof(BlockMonitor.UnsetSlot));
        _il.MarkLabel(isSet);
        Emit(read.Read);
    }

    private void EmitBeginThread()
    {
        LoadMonitor();
        CallMonitor(nameof(BlockMonitor.BeginThread));
    }

    private void EmitEnterFrame()
    {
        LoadMonitor();
        _il.Emit(OpCodes.Ldloc, FrameStart);
        _il.Emit(OpCodes.Ldc_I8, FrameBytes);
        CallMonitor(nameof(BlockMonitor.EnterFrame));
    }

    private void EmitFillFrame(IrVariable variable)
    {
        LoadMonitor();
        _il.Emit(OpCodes.Ldloc, FrameStart);
        _il.Emit(OpCodes.Ldc_I8, _frame[variable]);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldc_I8, variable.Bytes);
        CallMonitor(nameof(BlockMonitor.FillFrame));
    }

    private void EmitArrival(IrArrival arrival)
    {
        LoadMonitor();
        LoadMask(arrival.Here);
        LoadMask(arrival.Alive);
        LoadSite(new FaultSite(arrival.Span, DiagnosticCodes.DivergentBarrier));
        CallMonitor(nameof(BlockMonitor.Barrier));
    }

    private void EmitMonitoredExchange(IrWarpExchange exchange, LocalBuilder operands)
    {
        LoadMonitor();
        _il.Emit(OpCodes.Ldloca, operands);
        LoadMask(exchange.Alive);
        LoadSite(new FaultSite(exchange.Span, DiagnosticCodes.DivergentWarp) { NamesLanes = exchange.NamesLanes && exchange.Arguments.Count > 0 });
        CallMonitor(nameof(BlockMonitor.WarpExchange));
    }

    /// <summary>The array of a per-thread Bool slot; null for none.</summary>
    private void LoadMask(IrSlot? mask)
    {
        if (mask is null) _il.Emit(OpCodes.Ldc_I4_0);
        else _il.Emit(OpCodes.Ldloc, SlotArray(mask));
        _il.Emit(OpCodes.Conv_I);
    }
}
