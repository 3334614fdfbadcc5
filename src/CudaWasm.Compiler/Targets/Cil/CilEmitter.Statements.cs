using System.Reflection.Emit;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Targets.Cil;

internal sealed partial class CilEmitter
{
    private LocalBuilder? _thread;
    private LocalBuilder? _threadX;
    private LocalBuilder? _threadY;
    private LocalBuilder? _threadZ;
    private Label? _nextThread;

    private LocalBuilder ThreadLocal => _thread ??= _il.DeclareLocal(typeof(int));

    private LocalBuilder ThreadX => _threadX ??= _il.DeclareLocal(typeof(int));

    private LocalBuilder ThreadY => _threadY ??= _il.DeclareLocal(typeof(int));

    private LocalBuilder ThreadZ => _threadZ ??= _il.DeclareLocal(typeof(int));

    private void Emit(IrBlock block)
    {
        foreach (var statement in block.Statements) Emit(statement);
    }

    private void Emit(IrStatement statement)
    {
        switch (statement)
        {
            case IrAssign { Value: IrLoad load } s when _instrumented:
                EmitMonitoredLoad(load, Reads.IsRead(s.Slot));
                _il.Emit(OpCodes.Stloc, Slot(s.Slot));
                break;
            case IrAssign s:
                Emit(s.Value);
                _il.Emit(OpCodes.Stloc, Slot(s.Slot));
                break;
            case IrStore s when _instrumented:
                EmitMonitoredStore(s);
                break;
            case IrStore s:
                EmitAddress(s.Address, s.Value.Type.Size(), s.Value.Type, s.Span, true);
                Emit(s.Value);
                EmitStore(s.Value.Type, s.IsVolatile);
                break;
            case IrCopy s:
                EmitCopy(s);
                break;
            case IrIf s:
                EmitIf(s);
                break;
            case IrLoop s:
                EmitLoop(s);
                break;
            case IrLabeled s:
                var end = _il.DefineLabel();
                _labels[s.Label] = (end, end);
                Emit(s.Body);
                _il.MarkLabel(end);
                break;
            case IrLeave s:
                _il.Emit(OpCodes.Br, _labels[s.Target].Leave);
                break;
            case IrContinue s:
                _il.Emit(OpCodes.Br, _labels[s.Target].Continue);
                break;
            case IrSwitch s:
                EmitSwitch(s, Emit);
                break;
            case IrReturn s:
                if (s.Value is not null)
                {
                    Emit(s.Value);
                    _il.Emit(OpCodes.Stloc, _result!);
                }

                _il.Emit(OpCodes.Br, _nextThread ?? _returnLabel);
                break;
            case IrCall s:
                EmitCall(s);
                break;
            case IrAtomic s:
                EmitAtomic(s);
                break;
            case IrBarrier { Kind: IrBarrierKind.Grid }:
                _il.Emit(OpCodes.Ldarg_1);
                _il.Emit(OpCodes.Callvirt, typeof(BlockServices).GetMethod(nameof(BlockServices.GridBarrier))!);
                break;
            case IrBarrier { Kind: IrBarrierKind.Plain }:
                break;
            case IrArrival s:
                EmitArrival(s);
                break;
            case IrWarpExchange s:
                EmitExchange(s);
                break;
            case IrFence when _instrumented:
                EmitMonitoredFence();
                break;
            case IrFence:
                _il.Emit(OpCodes.Call, typeof(Interlocked).GetMethod(nameof(Interlocked.MemoryBarrier))!);
                break;
            case IrPrintf s:
                EmitPrintf(s);
                break;
            case IrService s:
                EmitService(s);
                break;
            case IrTrap s:
                EmitFault(new FaultSite(s.Span, s.Code, Message: s.Message));
                break;
            case IrThreadLoop s:
                EmitThreadLoop(s);
                break;
            case IrDivergence s:
                Emit(s.Here);
                Emit(s.Missing);
                _il.Emit(OpCodes.Ldc_I4, _sites.Add(new FaultSite(s.Span, DiagnosticCodes.DivergentBarrier)));
                Call(typeof(CilChecks), nameof(CilChecks.Divergence));
                break;
            default:
                throw new InvalidOperationException($"The CPU target was given a {statement.GetType().Name}, which a pass should have replaced.");
        }
    }

    private void EmitIf(IrIf statement)
    {
        var otherwise = _il.DefineLabel();
        EmitBranch(statement.Condition, otherwise, false);
        Emit(statement.Then);
        if (statement.Else.IsEmpty)
        {
            _il.MarkLabel(otherwise);
            return;
        }

        var end = _il.DefineLabel();
        _il.Emit(OpCodes.Br, end);
        _il.MarkLabel(otherwise);
        Emit(statement.Else);
        _il.MarkLabel(end);
    }

    private void EmitLoop(IrLoop loop)
    {
        var (top, next, end) = (_il.DefineLabel(), _il.DefineLabel(), _il.DefineLabel());
        _labels[loop.Label] = (end, next);
        _il.MarkLabel(top);
        if (loop.Before is not null) EmitBranch(loop.Before, end, false);
        Emit(loop.Body);
        _il.MarkLabel(next);
        Emit(loop.Step);
        if (loop.After is not null) EmitBranch(loop.After, end, false);
        EmitPoll();
        _il.Emit(OpCodes.Br, top);
        _il.MarkLabel(end);
    }

    /// <param name="statement">The switch.</param>
    /// <param name="emit">Emits a section.</param>
    private void EmitSwitch(IrSwitch statement, Action<IrBlock> emit)
    {
        var end = _il.DefineLabel();
        var labels = statement.Sections.Select(_ => _il.DefineLabel()).ToArray();
        var otherwise = end;
        var cases = new List<(long Value, Label Label)>();
        for (var i = 0; i < labels.Length; i++)
        {
            if (statement.Sections[i].IsDefault) otherwise = labels[i];
            foreach (var value in statement.Sections[i].Values) cases.Add((value, labels[i]));
        }

        Emit(statement.Value);
        var wide = statement.Value.Type.Size() == 8;
        var selector = Acquire(wide ? typeof(long) : typeof(int));
        _il.Emit(OpCodes.Stloc, selector);
        if (!EmitJumpTable(cases, selector, wide, otherwise))
        {
            foreach (var (value, label) in cases)
            {
                _il.Emit(OpCodes.Ldloc, selector);
                if (wide) _il.Emit(OpCodes.Ldc_I8, value);
                else _il.Emit(OpCodes.Ldc_I4, unchecked((int)value));
                _il.Emit(OpCodes.Beq, label);
            }

            _il.Emit(OpCodes.Br, otherwise);
        }

        Release(selector);
        for (var i = 0; i < labels.Length; i++)
        {
            _il.MarkLabel(labels[i]);
            emit(statement.Sections[i].Body);
        }

        _il.MarkLabel(end);
    }

    /// <summary>Dense cases become one indirect jump.</summary>
    private bool EmitJumpTable(List<(long Value, Label Label)> cases, LocalBuilder selector, bool wide, Label otherwise)
    {
        if (wide || cases.Count < 4) return false;
        var (low, high) = (cases.Min(c => c.Value), cases.Max(c => c.Value));
        if (high - low >= cases.Count * 2L + 8) return false;
        var table = Enumerable.Repeat(otherwise, (int)(high - low + 1)).ToArray();
        foreach (var (value, label) in cases) table[value - low] = label;
        _il.Emit(OpCodes.Ldloc, selector);
        _il.Emit(OpCodes.Ldc_I4, unchecked((int)low));
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Switch, table);
        _il.Emit(OpCodes.Br, otherwise);
        return true;
    }

    /// <summary>Runs the body for each thread, x fastest. Per-thread slots are read into locals before and written back after it.</summary>
    private void EmitThreadLoop(IrThreadLoop loop)
    {
        if (_lanes is not null)
        {
            EmitVectorLoop(loop);
            return;
        }

        var (live, kept) = LoopSlots(loop);
        var used = IrTree.AllExpressions(loop.Body).OfType<IrBuiltinRead>().Select(e => e.Builtin).ToHashSet();
        var (usesZ, usesY) = (used.Contains(IrBuiltin.ThreadIdxZ) || CallsFunctions(loop.Body), used.Contains(IrBuiltin.ThreadIdxY) || CallsFunctions(loop.Body));
        var usesX = usesY || usesZ || used.Contains(IrBuiltin.ThreadIdxX);

        foreach (var (local, isUsed) in new[] { (ThreadLocal, true), (ThreadX, usesX), (ThreadY, usesY || usesZ), (ThreadZ, usesZ) })
        {
            if (!isUsed) continue;
            _il.Emit(OpCodes.Ldc_I4_0);
            _il.Emit(OpCodes.Stloc, local);
        }

        var (top, next) = (_il.DefineLabel(), _il.DefineLabel());
        _il.MarkLabel(top);
        PlacePerThreadVariables();
        if (_instrumented) EmitBeginThread();
        foreach (var slot in live)
        {
            if (slot.Storage == IrSlotStorage.PerThread)
            {
                EmitSlotElement(slot);
                EmitLoad(SlotMemory(slot.Type), false);
                _il.Emit(OpCodes.Stloc, Slot(slot));
            }
            else if (slot.Storage == IrSlotStorage.Register)
            {
                EmitZero(slot.Type);
                _il.Emit(OpCodes.Stloc, Slot(slot));
            }
        }

        _nextThread = next;
        Emit(loop.Body);
        _nextThread = null;
        _il.MarkLabel(next);
        foreach (var slot in kept)
        {
            EmitSlotElement(slot);
            _il.Emit(OpCodes.Ldloc, Slot(slot));
            EmitStore(SlotMemory(slot.Type), false);
        }

        AdvanceThread(usesX, usesY || usesZ, usesZ);
        _il.Emit(OpCodes.Ldloc, ThreadLocal);
        LoadConstantField(nameof(BlockContext.ThreadCount));
        _il.Emit(OpCodes.Blt, top);
        // At block level the first thread stands for all.
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Stloc, ThreadLocal);
    }

    /// <summary>The slots that a thread needs set before its run, and those whose values are kept for it afterwards.</summary>
    private (List<IrSlot> Live, List<IrSlot> Kept) LoopSlots(IrThreadLoop loop)
    {
        var assigned = _liveness.Assigned(loop.Body);
        var kept = _function.Slots.Where(s => s.Storage == IrSlotStorage.PerThread && assigned.Contains(s)).ToList();
        var stored = _liveness.Empty();
        foreach (var slot in kept) stored.Add(slot);
        var live = _liveness.LiveIn(loop.Body, stored);
        return ([.. _function.Slots.Where(live.Contains)], kept);
    }

    /// <summary>F16 and BF16 slots are kept as F32, so that nothing is converted on the way.</summary>
    private static IrType SlotMemory(IrType type) => type is IrType.F16 or IrType.BF16 ? IrType.F32 : type;

    private static bool CallsFunctions(IrBlock block) => IrTree.All(block).Any(s => s is IrCall);

    private void AdvanceThread(bool x, bool y, bool z)
    {
        Increment(ThreadLocal);
        if (!x) return;
        var done = _il.DefineLabel();
        Increment(ThreadX);
        Wrap(ThreadX, nameof(BlockContext.BlockDimX), done);
        if (y)
        {
            Increment(ThreadY);
            if (z)
            {
                Wrap(ThreadY, nameof(BlockContext.BlockDimY), done);
                Increment(ThreadZ);
            }
            else
            {
                Wrap(ThreadY, nameof(BlockContext.BlockDimY), done);
            }
        }

        _il.MarkLabel(done);
    }

    private void Increment(LocalBuilder local)
    {
        _il.Emit(OpCodes.Ldloc, local);
        _il.Emit(OpCodes.Ldc_I4_1);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Stloc, local);
    }

    private void Wrap(LocalBuilder local, string limit, Label done)
    {
        _il.Emit(OpCodes.Ldloc, local);
        LoadConstantField(limit);
        _il.Emit(OpCodes.Bne_Un, done);
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Stloc, local);
    }

    /// <summary>The address of the running thread's element of a per-thread slot.</summary>
    private void EmitSlotElement(IrSlot slot)
    {
        _il.Emit(OpCodes.Ldloc, SlotArray(slot));
        _il.Emit(OpCodes.Ldloc, ThreadLocal);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Ldc_I8, (long)CilLayout.SlotSize(slot.Type));
        _il.Emit(OpCodes.Mul);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Conv_I);
    }

    private void EmitZero(IrType type)
    {
        var stack = StackType(type);
        if (stack == typeof(long)) _il.Emit(OpCodes.Ldc_I8, 0L);
        else if (stack == typeof(float)) _il.Emit(OpCodes.Ldc_R4, 0f);
        else if (stack == typeof(double)) _il.Emit(OpCodes.Ldc_R8, 0d);
        else _il.Emit(OpCodes.Ldc_I4_0);
    }
}
