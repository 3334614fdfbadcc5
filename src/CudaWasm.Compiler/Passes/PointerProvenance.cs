using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>What a pointer points into: a pointer parameter's object, or a variable. Exactly one of the two is set.</summary>
public sealed record PointerRoot(IrParameter? Parameter, IrVariable? Variable)
{
    public string Name => Parameter?.Name ?? Variable!.Name;
}

/// <summary>
/// Finds the one object an address can point into. Flow-insensitive: a slot points where any of its assignments points, so a fixpoint
/// over all assignments of the function is enough. Addresses from memory, calls, or of several objects have no root.
/// </summary>
public sealed class PointerProvenance
{
    private static readonly PointerRoot Many = new(null, null);

    private readonly Dictionary<IrSlot, PointerRoot> _slots = [];
    private readonly Dictionary<object, PointerRoot> _roots = new(ReferenceEqualityComparer.Instance);
    private readonly bool _followParameters;

    private PointerProvenance(bool followParameters) => _followParameters = followParameters;

    public static PointerProvenance Analyze(IrFunction function)
    {
        // A device function's parameters come from many places; a kernel's are each one buffer.
        var analysis = new PointerProvenance(function.IsKernel);
        var pointers = IrTree.All(function.Body).Where(s => IrTree.Target(s)?.Type == IrType.Pointer).ToList();
        bool changed;
        do
        {
            changed = false;
            foreach (var statement in pointers) changed |= analysis.Assign(statement);
        }
        while (changed);
        return analysis;
    }

    /// <summary>The object a pointer points into if it is not null; null where that is not known.</summary>
    public PointerRoot? Root(IrExpression pointer) => Find(pointer) is { } root && !ReferenceEquals(root, Many) ? root : null;

    private bool Assign(IrStatement statement)
    {
        var slot = IrTree.Target(statement)!;
        var origin = statement is IrAssign assign ? Find(assign.Value) : Many;
        var before = _slots.GetValueOrDefault(slot);
        var after = Join(before, origin);
        if (ReferenceEquals(before, after)) return false;
        _slots[slot] = after!;
        return true;
    }

    /// <summary>Null for what is surely the null pointer or not known yet.</summary>
    private PointerRoot? Find(IrExpression pointer) => pointer switch
    {
        IrConstant { Bits: 0 } => null,
        IrParameterRead e when _followParameters && e.Type == IrType.Pointer => Get(e.Parameter, null),
        IrVariableAddress e => Get(null, e.Variable),
        IrAddress e => Find(e.Base),
        IrSlotRead e => _slots.GetValueOrDefault(e.Slot),
        IrConditional e => Join(Find(e.WhenTrue), Find(e.WhenFalse)),
        _ => Many,
    };

    private PointerRoot Get(IrParameter? parameter, IrVariable? variable)
    {
        var key = (object?)parameter ?? variable!;
        if (!_roots.TryGetValue(key, out var root)) _roots.Add(key, root = new PointerRoot(parameter, variable));
        return root;
    }

    private static PointerRoot? Join(PointerRoot? a, PointerRoot? b) => a is null ? b : b is null || ReferenceEquals(a, b) ? a : Many;
}
