using System.Numerics;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using CudaWasm.Compiler.IR;
using CudaWasm.Compiler.Passes;
using CudaWasm.Compiler.Text;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>
/// Writes one method: a kernel's block program, or a function. Values stand on the evaluation stack as int32 (Bool and integers up to
/// 32 bits, extended as their type says), int64 (also pointers), float32 (also F16 and BF16, always rounded) or float64.
/// Set-up code whose need shows only while the body is written (bases of buffers, parameters) goes to the end of the method; the
/// method begins with a jump to it.
/// </summary>
internal sealed partial class CilEmitter
{
    private readonly ILGenerator _il;
    private readonly IrFunction _function;
    private readonly CilLayout _layout;
    private readonly CilSites _sites;
    private readonly bool _checked;
    private readonly bool _instrumented;
    private readonly IReadOnlyDictionary<IrFunction, DynamicMethod> _functions;
    private readonly PointerProvenance _provenance;
    private readonly SlotLiveness _liveness;
    private readonly Dictionary<IrSlot, LocalBuilder> _slots = [];
    private readonly Dictionary<IrSlot, LocalBuilder> _slotArrays = [];
    private readonly Dictionary<string, LocalBuilder> _contextValues = [];
    private readonly Dictionary<IrLabel, (Label Leave, Label Continue)> _labels = [];
    private readonly Dictionary<Type, Stack<LocalBuilder>> _free = [];
    private readonly List<Action> _prologue = [];
    private readonly Label _prologueLabel;
    private readonly Label _bodyLabel;
    private Label _returnLabel;
    private LocalBuilder? _result;

    public CilEmitter(
        DynamicMethod method, IrFunction function, CilLayout layout, CilSites sites, CilOptions options, IReadOnlyDictionary<IrFunction, DynamicMethod> functions,
        LanePlan? lanes = null)
    {
        _il = method.GetILGenerator(4096);
        _function = function;
        _layout = layout;
        _sites = sites;
        _checked = options.Checked;
        _instrumented = options.Instrumented;
        _functions = functions;
        _provenance = PointerProvenance.Analyze(function);
        if (lanes is not null)
        {
            (_plan, _lanes, _block, _tables) = (lanes, lanes.Analysis, lanes.Block, lanes.Tables);
            (_isa, _rows) = (VectorIsa.Of(_block.Bits), _block.Registers);
        }

        _liveness = new SlotLiveness(function);
        _prologueLabel = _il.DefineLabel();
        _bodyLabel = _il.DefineLabel();
        _returnLabel = _il.DefineLabel();
    }

    /// <summary>The .NET type that holds a value of an IR type on the evaluation stack.</summary>
    public static Type StackType(IrType type) => type switch
    {
        IrType.Void => typeof(void),
        IrType.I64 or IrType.U64 or IrType.Pointer => typeof(long),
        IrType.F16 or IrType.BF16 or IrType.F32 => typeof(float),
        IrType.F64 => typeof(double),
        _ => typeof(int),
    };

    public void EmitKernel()
    {
        if (_instrumented) EmitMonitor();
        _il.Emit(OpCodes.Br, _prologueLabel);
        _il.MarkLabel(_bodyLabel);
        Emit(_function.Body);
        _il.MarkLabel(_returnLabel);
        _il.Emit(OpCodes.Ret);
        EmitColdPaths();
        EmitPrologue();
    }

    public void EmitFunction()
    {
        if (_function.ReturnType != IrType.Void) _result = _il.DeclareLocal(StackType(_function.ReturnType));
        if (_instrumented) EmitMonitor();
        _il.Emit(OpCodes.Br, _prologueLabel);
        _il.MarkLabel(_bodyLabel);
        Emit(_function.Body);
        _il.MarkLabel(_returnLabel);
        LeaveFrame();
        if (_result is not null) _il.Emit(OpCodes.Ldloc, _result);
        _il.Emit(OpCodes.Ret);
        // Frames come first in the prologue, as roots of local variables lie in them.
        _prologue.Insert(0, EnterFrame);
        EmitPrologue();
    }

    private void EmitPrologue()
    {
        _il.MarkLabel(_prologueLabel);
        // Entries may add entries: a buffer's base asks for its tag.
        for (var i = 0; i < _prologue.Count; i++) _prologue[i]();
        _il.Emit(OpCodes.Br, _bodyLabel);
    }

    private LocalBuilder Slot(IrSlot slot)
    {
        if (!_slots.TryGetValue(slot, out var local)) _slots.Add(slot, local = _il.DeclareLocal(StackType(slot.Type)));
        return local;
    }

    /// <summary>The array of a per-thread slot.</summary>
    private LocalBuilder SlotArray(IrSlot slot)
    {
        if (_slotArrays.TryGetValue(slot, out var local)) return local;
        local = _il.DeclareLocal(typeof(long));
        _slotArrays.Add(slot, local);
        _prologue.Add(() =>
        {
            LoadField(nameof(BlockContext.Slots));
            _il.Emit(OpCodes.Conv_I8);
            LoadField(nameof(BlockContext.PaddedThreads));
            _il.Emit(OpCodes.Ldc_I4, _layout.SlotOffset(slot));
            _il.Emit(OpCodes.Mul);
            _il.Emit(OpCodes.Conv_I8);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Stloc, local);
        });
        return local;
    }

    /// <summary>Puts a field of the context on the stack; kept in a local, since it is the same for the whole block.</summary>
    private void LoadConstantField(string field)
    {
        if (_lanes is not null && BlockConstant(field) is { } constant)
        {
            _il.Emit(OpCodes.Ldc_I4, constant);
            return;
        }

        _il.Emit(OpCodes.Ldloc, ContextValue(field));
    }

    private LocalBuilder ContextValue(string field)
    {
        if (_contextValues.TryGetValue(field, out var local)) return local;
        var type = typeof(BlockContext).GetField(field)!.FieldType;
        local = _il.DeclareLocal(type.IsPointer ? typeof(long) : typeof(int));
        _contextValues.Add(field, local);
        _prologue.Add(() =>
        {
            LoadField(field);
            if (type.IsPointer) _il.Emit(OpCodes.Conv_I8);
            _il.Emit(OpCodes.Stloc, local);
        });
        return local;
    }

    /// <summary>What the code was made for and need not be read.</summary>
    private int? BlockConstant(string field) => field switch
    {
        nameof(BlockContext.ThreadCount) => _block.Threads,
        nameof(BlockContext.PaddedThreads) => LaneBlock.Padded(_block.Threads),
        nameof(BlockContext.BlockDimX) => _block.X,
        nameof(BlockContext.BlockDimY) => _block.Y,
        nameof(BlockContext.BlockDimZ) => _block.Z,
        _ => null,
    };

    private void LoadField(string field)
    {
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldfld, typeof(BlockContext).GetField(field)!);
    }

    /// <summary>A local for a short while; give it back with <see cref="Release(LocalBuilder)"/> once its value is on the stack for the last time.</summary>
    private LocalBuilder Acquire(Type type) =>
        _free.TryGetValue(type, out var free) && free.TryPop(out var local) ? local : _il.DeclareLocal(type);

    private void Release(LocalBuilder local)
    {
        if (!_free.TryGetValue(local.LocalType, out var free)) _free.Add(local.LocalType, free = new Stack<LocalBuilder>());
        free.Push(local);
    }

    private void Call(Type type, string name, params Type[] parameters)
    {
        const BindingFlags Any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        var method = parameters.Length == 0 ? type.GetMethod(name, Any) : type.GetMethod(name, Any, parameters);
        _il.Emit(OpCodes.Call, method ?? throw new InvalidOperationException($"{type.Name}.{name} is missing."));
    }

    /// <summary>Puts the linear index of the running thread on the stack, for a fault.</summary>
    private void LoadThread()
    {
        if (!_function.IsKernel)
        {
            LoadField(nameof(BlockContext.Thread));
            return;
        }

        _il.Emit(OpCodes.Ldloc, ThreadLocal);
        if (!_inLanes || Mask is null) return;
        // The first lane that is here stands for all.
        PushMaskBits(Mask);
        _il.Emit(OpCodes.Call, typeof(BitOperations).GetMethod(nameof(BitOperations.TrailingZeroCount), [typeof(int)])!);
        _il.Emit(OpCodes.Add);
    }

    private void EmitFault(FaultSite site)
    {
        _il.Emit(OpCodes.Ldc_I4, _sites.Add(site));
        LoadThread();
        Call(typeof(CilChecks), nameof(CilChecks.Fault));
    }

    /// <summary>Stops if the device asks for it; stands on every way back in a loop.</summary>
    private void EmitPoll()
    {
        var go = _il.DefineLabel();
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldflda, typeof(BlockContext).GetField(nameof(BlockContext.Cancel))!);
        _il.Emit(OpCodes.Volatile);
        _il.Emit(OpCodes.Ldind_I4);
        _il.Emit(OpCodes.Brfalse, go);
        Call(typeof(CilChecks), nameof(CilChecks.Cancelled));
        _il.MarkLabel(go);
    }

    /// <summary>Refuses endless recursion and takes stack memory for the function's variables.</summary>
    private void EnterFrame()
    {
        var go = _il.DefineLabel();
        var site = _sites.Add(new FaultSite(_function.Span, DiagnosticCodes.StackOverflow));
        _il.Emit(OpCodes.Call, typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.TryEnsureSufficientExecutionStack))!);
        _il.Emit(OpCodes.Brtrue, go);
        _il.Emit(OpCodes.Ldc_I4, site);
        LoadThread();
        Call(typeof(CilChecks), nameof(CilChecks.Fault));
        _il.MarkLabel(go);
        if (FrameBytes == 0) return;

        var room = _il.DefineLabel();
        LoadField(nameof(BlockContext.StackTop));
        _il.Emit(OpCodes.Stloc, FrameStart);
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldloc, FrameStart);
        _il.Emit(OpCodes.Ldc_I8, FrameBytes);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Stfld, typeof(BlockContext).GetField(nameof(BlockContext.StackTop))!);
        LoadField(nameof(BlockContext.StackTop));
        LoadField(nameof(BlockContext.StackBytes));
        _il.Emit(OpCodes.Ble, room);
        _il.Emit(OpCodes.Ldc_I4, site);
        LoadThread();
        Call(typeof(CilChecks), nameof(CilChecks.Fault));
        _il.MarkLabel(room);
        if (_instrumented) EmitEnterFrame();
        CopyAggregateArguments();
    }

    private void LeaveFrame()
    {
        if (FrameBytes == 0) return;
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldloc, FrameStart);
        _il.Emit(OpCodes.Stfld, typeof(BlockContext).GetField(nameof(BlockContext.StackTop))!);
    }
}
