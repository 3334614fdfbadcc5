using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// Which slots hold the same value in all threads of a block that read them, and which statements all threads reach together. A thread
/// that returned reaches nothing and reads nothing, so returns make nothing divergent.
/// </summary>
public sealed class Uniformity
{
    private readonly HashSet<IrSlot> _varying = [];
    private readonly HashSet<IrStatement> _divergent = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<IrLoop> _divergentLoops = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<(IrLabel Target, bool IsContinue)> _away = [];
    private bool _changed;

    private Uniformity()
    {
    }

    public static Uniformity Analyze(IrFunction kernel)
    {
        var analysis = new Uniformity();
        do
        {
            analysis._changed = false;
            analysis._away.Clear();
            analysis.Block(kernel.Body, false);
        }
        while (analysis._changed);
        return analysis;
    }

    /// <summary>All threads that have not returned come here at the same time.</summary>
    public bool IsReachedTogether(IrStatement statement) => !_divergent.Contains(statement);

    /// <summary>The value is the same in all threads that evaluate it, and stays so until a slot in it is assigned.</summary>
    public bool IsUniform(IrExpression expression) => expression switch
    {
        IrConstant or IrParameterRead => true,
        IrBuiltinRead e => e.Builtin is not (IrBuiltin.ThreadIdxX or IrBuiltin.ThreadIdxY or IrBuiltin.ThreadIdxZ or IrBuiltin.LinearThread),
        IrSlotRead e => !_varying.Contains(e.Slot),
        // Each thread has its own copy of a local variable. Memory that kernels write may change between two threads' reads.
        IrVariableAddress e => e.Variable.Space != IrSpace.Local,
        IrLoad e => IsReadOnly(e.Address) && IsUniform(e.Address),
        _ => IrTree.Operands(expression).All(IsUniform),
    };

    private static bool IsReadOnly(IrExpression address) => address switch
    {
        IrAddress e => IsReadOnly(e.Base),
        IrVariableAddress e => e.Variable.Space is IrSpace.Constant or IrSpace.Parameter,
        _ => false,
    };

    private void Block(IrBlock block, bool isDivergent)
    {
        foreach (var statement in block.Statements) Statement(statement, isDivergent);
    }

    private void Statement(IrStatement statement, bool isDivergent)
    {
        var apart = isDivergent || _away.Count > 0;
        if (apart) _changed |= _divergent.Add(statement);
        if (IrTree.Target(statement) is { } slot && (apart || !HasUniformResult(statement))) _changed |= _varying.Add(slot);
        switch (statement)
        {
            case IrLeave s when apart:
                _away.Add((s.Target, false));
                break;
            case IrContinue s when apart:
                _away.Add((s.Target, true));
                break;
            case IrIf s:
                var splits = isDivergent || !IsUniform(s.Condition);
                Block(s.Then, splits);
                Block(s.Else, splits);
                break;
            case IrSwitch s:
                foreach (var section in s.Sections) Block(section.Body, isDivergent || !IsUniform(s.Value));
                break;
            case IrLabeled s:
                Block(s.Body, isDivergent);
                _away.Remove((s.Label, false));
                break;
            case IrLoop s:
                Loop(s, isDivergent);
                break;
        }
    }

    private void Loop(IrLoop loop, bool isDivergent)
    {
        var before = _away.Count;
        var apart = isDivergent || _divergentLoops.Contains(loop);
        Block(loop.Body, apart);
        _away.Remove((loop.Label, true));
        Block(loop.Step, apart);
        // Threads that leave make every later iteration one of fewer threads.
        var splits = _away.Count > before
            || (loop.Before is not null && !IsUniform(loop.Before)) || (loop.After is not null && !IsUniform(loop.After));
        if (splits) _changed |= _divergentLoops.Add(loop);
        _away.Remove((loop.Label, false));
    }

    private bool HasUniformResult(IrStatement statement) => statement switch
    {
        IrAssign s => IsUniform(s.Value),
        IrBarrier => true,
        _ => false,
    };
}
