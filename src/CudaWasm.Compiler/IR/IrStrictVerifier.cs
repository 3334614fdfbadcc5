using System.Numerics;

namespace CudaWasm.Compiler.IR;

/// <summary>
/// Checks of IR that comes from outside what <see cref="IrBuilder"/> and the binder give by construction, beyond what
/// <see cref="IrVerifier"/> looks at: every operator has operands of types it takes, constants lie in their types, results fit their slots,
/// what is named is declared, sizes are sane. Targets leave out checks at run time because these hold.
/// </summary>
public sealed class IrStrictVerifier
{
    /// <summary>Variables in memory of one module: each is an object of its own, of which there are 2^16.</summary>
    public const int MaxVariables = 1 << 14;

    /// <summary>Slots of one function.</summary>
    public const int MaxSlots = 1 << 15;

    /// <summary>Bytes of all parameters together: what CUDA allows since 12.1.</summary>
    public const int MaxParameterBytes = 32764;

    private const int MaxErrors = 10;
    private const int MaxAlignment = 1 << 20;

    private readonly List<string> _errors = [];
    private readonly HashSet<IrVariable> _variables = new(ReferenceEqualityComparer.Instance);
    private readonly IrModule _module;
    private IrFunction _function;
    private bool _inStep;

    private IrStrictVerifier(IrModule module) => (_module, _function) = (module, module.Kernel);

    /// <summary>What is wrong with a module, one line each, the first ones only; empty when nothing is.</summary>
    public static IReadOnlyList<string> Verify(IrModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var verifier = new IrStrictVerifier(module);
        verifier.Module();
        return verifier._errors;
    }

    private void Module()
    {
        Check(_module.Kernel.IsKernel && _module.Kernel.ReturnType == IrType.Void, "the first function is no kernel");
        var functions = _module.Functions.Prepend(_module.Kernel).ToList();
        Check(_module.Functions.TrueForAll(f => !f.IsKernel), "it has two kernels");
        foreach (var global in _module.Globals) Variable(global, global.Space is IrSpace.Global or IrSpace.Constant);
        foreach (var variable in _module.Kernel.Variables) Variable(variable, variable.Space is IrSpace.Shared or IrSpace.DynamicShared or IrSpace.Local);
        // Shared memory is the kernel's, whose size a launch is told.
        foreach (var variable in _module.Functions.SelectMany(f => f.Variables)) Variable(variable, variable.Space == IrSpace.Local);
        foreach (var variable in functions.SelectMany(f => f.Parameters).Select(p => p.Variable).OfType<IrVariable>()) Variable(variable, variable.Space == IrSpace.Parameter);
        Check(_variables.Count <= MaxVariables, $"it has {_variables.Count} variables; {MaxVariables} are allowed");
        // Names of what is around are visible in functions; memory of one function's threads is not visible in another.
        var common = _variables.Where(v => v.Space is not (IrSpace.Local or IrSpace.Parameter)).ToList();
        foreach (var function in functions)
        {
            if (_errors.Count >= MaxErrors) return;
            _function = function;
            _variables.Clear();
            _variables.UnionWith(common);
            _variables.UnionWith(function.Variables);
            _variables.UnionWith(function.Parameters.Select(p => p.Variable).OfType<IrVariable>());
            Function(function);
        }
    }

    private void Variable(IrVariable variable, bool isPlace)
    {
        Check(isPlace, $"{variable.Name} lies in {variable.Space} memory, where it cannot be declared");
        Check(variable.Bytes is >= 0 and <= int.MaxValue && IsAlignment(variable.Alignment), $"{variable.Name} has {variable.Bytes} bytes aligned to {variable.Alignment}");
        Check(variable.InitialBytes is null || variable.Space is IrSpace.Global or IrSpace.Constant, $"{variable.Name} is no global and has a first content");
        Check(variable.InitialBytes is not { } bytes || bytes.Length <= variable.Bytes, $"{variable.Name} is smaller than its first content");
        Check(_variables.Add(variable), $"{variable.Name} is declared twice");
    }

    private void Function(IrFunction function)
    {
        Check(function.Slots.Count <= MaxSlots, $"it has {function.Slots.Count} slots; {MaxSlots} are allowed");
        Check(function.Slots.TrueForAll(s => s.Type != IrType.Void), "it has a slot of type Void");
        Check(function.Parameters.TrueForAll(p => p.Type == IrType.Void == p.Variable is not null), "it has a parameter that is neither a scalar nor an aggregate");
        Check(function.Parameters.Sum(p => p.Variable?.Bytes ?? 8) <= MaxParameterBytes, $"its parameters have more than {MaxParameterBytes} bytes");
        Check(function.MaxThreadsPerBlock is null or > 0 && function.MinBlocksPerMultiprocessor is null or >= 0, "its launch bounds are no numbers of threads and blocks");
        Block(function.Body);
    }

    private void Block(IrBlock block)
    {
        foreach (var statement in block.Statements)
        {
            if (_errors.Count >= MaxErrors) return;
            Statement(statement);
        }
    }

    private void Statement(IrStatement statement)
    {
        foreach (var expression in IrTree.Expressions(statement).SelectMany(IrTree.All)) Check(IrTypeRules.Holds(expression) && IsDeclared(expression), () => $"{IrPrinter.Print(expression)} is not well typed");
        Check(IsWellTyped(statement), () => $"{statement.GetType().Name[2..]} {statement.Span} is not well typed");
        Check(!_inStep || statement is not (IrReturn or IrBarrier), () => $"{statement.GetType().Name[2..]} {statement.Span} stands in the step of a loop");
        if (statement is IrLoop loop)
        {
            Block(loop.Body);
            var outer = _inStep;
            _inStep = true;
            Block(loop.Step);
            _inStep = outer;
            return;
        }

        foreach (var block in IrTree.Blocks(statement)) Block(block);
    }

    private bool IsDeclared(IrExpression expression) => expression is not IrVariableAddress address || _variables.Contains(address.Variable);

    private bool IsWellTyped(IrStatement statement) => statement switch
    {
        IrStore s => s.Value.Type != IrType.Void && IsAccessAlignment(s.Alignment),
        IrCopy s => s.Bytes is >= 0 and <= int.MaxValue && IsAlignment(s.Alignment),
        IrLoop s => s.Unroll is null or >= 0,
        IrSwitch s => IsWellTyped(s),
        IrReturn s => !_function.IsKernel || s.Value is null,
        IrCall s => IsWellTyped(s),
        IrAtomic s => IsWellTyped(s),
        IrBarrier s => s.Kind is IrBarrierKind.Plain or IrBarrierKind.Grid
            ? s.Result is null && s.Predicate is null
            : s.Predicate?.Type == IrType.I32 && s.Result?.Type is null or IrType.I32,
        IrWarp s => IsWellTyped(s),
        IrPrintf s => s.Result?.Type is null or IrType.I32 && s.Arguments.All(a => a.Type is IrType.I32 or IrType.U32 or IrType.I64 or IrType.U64 or IrType.F64 or IrType.Pointer),
        IrService s => s.Op != IrServiceOp.Free || s.Result is null,
        IrAssign or IrIf or IrLabeled or IrLeave or IrContinue or IrFence or IrTrap => true,
        // What only passes make.
        _ => false,
    };

    private static bool IsWellTyped(IrSwitch statement)
    {
        var values = new HashSet<long>();
        return statement.Sections.SelectMany(s => s.Values).All(v => IrFolding.Wrap(statement.Value.Type, v) == v && values.Add(v));
    }

    private static bool IsWellTyped(IrCall call) =>
        !call.Function.IsKernel
        && call.Arguments.Select(a => a.Type).SequenceEqual(call.Function.Parameters.Select(p => p.Variable is null ? p.Type : IrType.Pointer))
        && (call.Result is not { } result || (result.Type == call.Function.ReturnType && result.Type != IrType.Void));

    private static bool IsWellTyped(IrAtomic atomic)
    {
        var type = atomic.Value.Type;
        var isTaken = type switch
        {
            IrType.I32 or IrType.U32 or IrType.I64 or IrType.U64 or IrType.U16 => true,
            IrType.Pointer => atomic.Op is IrAtomicOp.Exchange or IrAtomicOp.CompareExchange,
            _ => type.IsFloat() && atomic.Op is not (IrAtomicOp.And or IrAtomicOp.Or or IrAtomicOp.Xor or IrAtomicOp.Increment or IrAtomicOp.Decrement),
        };
        return isTaken && (atomic.Compare is null || atomic.Compare.Type == type) && (atomic.Result is null || atomic.Result.Type == type);
    }

    private static bool IsWellTyped(IrWarp warp)
    {
        var types = warp.Arguments.Select(a => a.Type).ToArray();
        var result = warp.Result?.Type;
        return warp.Op switch
        {
            IrWarpOp.Sync => types is [IrType.U32] && result is null,
            IrWarpOp.ActiveMask => types is [] && result is null or IrType.U32,
            IrWarpOp.Shuffle or IrWarpOp.ShuffleUp or IrWarpOp.ShuffleDown or IrWarpOp.ShuffleXor =>
                types is [IrType.U32, not (IrType.Void or IrType.Bool or IrType.Pointer), IrType.I32, IrType.I32] && (result is null || result == types[1]),
            IrWarpOp.Ballot => types is [IrType.U32, IrType.I32] && result is null or IrType.U32,
            IrWarpOp.Any or IrWarpOp.All => types is [IrType.U32, IrType.I32] && result is null or IrType.I32,
            IrWarpOp.MatchAny or IrWarpOp.MatchAll => types is [IrType.U32, IrType.I32 or IrType.U32 or IrType.I64 or IrType.U64 or IrType.F32 or IrType.F64] && result is null or IrType.U32,
            _ => types is [IrType.U32, IrType.I32 or IrType.U32] && (result is null || result == types[1]),
        };
    }

    private static bool IsAlignment(int alignment) => alignment is > 0 and <= MaxAlignment && BitOperations.IsPow2(alignment);

    private static bool IsAccessAlignment(int alignment) => alignment == 0 || IsAlignment(alignment);

    private void Check(bool holds, string what)
    {
        if (!holds && _errors.Count < MaxErrors) _errors.Add($"{_function.Name}: {what}");
    }

    private void Check(bool holds, Func<string> what)
    {
        if (!holds && _errors.Count < MaxErrors) _errors.Add($"{_function.Name}: {what()}");
    }
}
